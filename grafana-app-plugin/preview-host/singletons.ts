import { EventBusSrv } from '@grafana/data';
import * as runtime from '@grafana/runtime';
import { createBackendSrv } from './backend-srv.ts';
import { user } from './boot.ts';

const nothing = () => undefined;

/** What Grafana's core sets before it loads a plugin; stubs answer `nothing there`. */
export function setSingletons(): EventBusSrv {
  const events = new EventBusSrv();
  runtime.setAppEvents(events);
  runtime.setBackendSrv(createBackendSrv(events));
  runtime.setLocationSrv(runtime.locationService);
  runtime.setCurrentUser(user as unknown as Parameters<typeof runtime.setCurrentUser>[0]);
  runtime.setEchoSrv({ flush: nothing, addBackend: nothing, addEvent: nothing });
  runtime.setTemplateSrv({
    getVariables: () => [],
    replace: (text?: string) => text ?? '',
    containsTemplate: () => false,
    updateTimeRange: nothing,
  });
  runtime.setDataSourceSrv({
    get: () => Promise.reject(new Error('The preview host has no data sources')),
    getList: () => [],
    getInstanceSettings: nothing,
    reload: nothing,
    registerRuntimeDataSource: nothing,
  } as unknown as Parameters<typeof runtime.setDataSourceSrv>[0]);
  runtime.setPluginLinksHook(() => ({ links: [], isLoading: false }));
  runtime.setPluginComponentHook(() => ({ component: null, isLoading: false }));
  runtime.setPluginComponentsHook(() => ({ components: [], isLoading: false }));
  runtime.setPluginFunctionsHook(() => ({ functions: [], isLoading: false }));
  runtime.setReturnToPreviousHook(() => nothing);
  runtime.setChromeHeaderHeightHook(() => 40);
  return events;
}
