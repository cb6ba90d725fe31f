import * as emotionCss from '@emotion/css';
import * as emotionReact from '@emotion/react';
import * as data from '@grafana/data';
import * as runtime from '@grafana/runtime';
import * as ui from '@grafana/ui';
import i18next from 'i18next';
import lodash from 'lodash';
import moment from 'moment';
import * as react from 'react';
import * as reactDom from 'react-dom';
import * as reactRouter from 'react-router';
import * as jsxRuntime from 'react/jsx-runtime';
import * as rxjs from 'rxjs';

interface SystemLoader {
  addImportMap(map: { imports: Record<string, string> }): void;
  set(name: string, module: object): void;
  import(url: string): Promise<Record<string, unknown>>;
}

export const systemLoader = () => (window as unknown as { System: SystemLoader }).System;

/**
 * Registers the modules that Grafana shares with plugins. SystemJS copies each namespace, so every `set…` of the runtime
 * must have been called before.
 */
export function shareModules(): void {
  const shared: Record<string, object> = {
    react,
    'react/jsx-runtime': jsxRuntime,
    'react-dom': reactDom,
    'react-router': reactRouter,
    '@emotion/css': emotionCss,
    '@emotion/react': emotionReact,
    lodash: { ...lodash, default: lodash },
    moment: { default: moment, __useDefault: true },
    rxjs,
    i18next: { default: i18next, __useDefault: true },
    '@grafana/data': data,
    '@grafana/runtime': runtime,
    '@grafana/ui': ui,
  };
  const loader = systemLoader();
  loader.addImportMap({
    imports: Object.fromEntries(Object.keys(shared).map((name) => [name, `package:${name}`])),
  });
  for (const [name, module] of Object.entries(shared)) {
    const hasDefault = '__useDefault' in module;
    loader.set(
      `package:${name}`,
      hasDefault
        ? module
        : { ...module, default: 'default' in module ? module.default : module, __esModule: true },
    );
  }
}
