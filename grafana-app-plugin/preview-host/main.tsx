import './boot.ts';
import { Suspense, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Navigate, Route, Routes, unstable_HistoryRouter as HistoryRouter } from 'react-router-dom';
import {
  createTheme,
  PluginContextProvider,
  ThemeContext,
  type AppPlugin,
  type AppPluginMeta,
  type EventBusSrv,
} from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { config, locationService, LocationServiceProvider } from '@grafana/runtime';
import {
  ErrorBoundaryAlert,
  GlobalStyles,
  LoadingPlaceholder,
  ModalRoot,
  PortalContainer,
} from '@grafana/ui';
// Not among the exports of the package: Grafana's own page frame is set through it.
import { setPluginPage } from '../../node_modules/@grafana/runtime/dist/esm/components/PluginPage.mjs';
import { PLUGIN_ID } from '../src/paths.ts';
import { THEME_KEY, themeMode } from './boot.ts';
import { HostFrame, HostPage } from './HostFrame.tsx';
import { routerHistory } from './router-history.ts';
import { shareModules, systemLoader } from './shared-modules.ts';
import { setSingletons } from './singletons.ts';

async function loadPlugin(): Promise<AppPlugin> {
  const manifest = (await (await fetch(`/public/plugins/${PLUGIN_ID}/plugin.json`)).json()) as AppPluginMeta;
  const baseUrl = `/public/plugins/${PLUGIN_ID}`;
  const { logos } = manifest.info;
  const meta: AppPluginMeta = {
    ...manifest,
    info: {
      ...manifest.info,
      logos: { small: `${baseUrl}/${logos.small}`, large: `${baseUrl}/${logos.large}` },
    },
    baseUrl,
    module: `${baseUrl}/module.js`,
    enabled: true,
    pinned: true,
    jsonData: {},
    secureJsonFields: {},
  };
  const loaded = await systemLoader().import(`${baseUrl}/module.js?_cache=${manifest.info.version}`);
  const plugin = loaded.plugin as AppPlugin;
  plugin.init(meta);
  plugin.meta = meta;
  return plugin;
}

/** Grafana opens links of its pages without loading the document again. */
function interceptLinks(): void {
  document.addEventListener('click', (event) => {
    const href = event.target instanceof Element ? event.target.closest('a')?.getAttribute('href') : null;
    const isPlain =
      !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
    if (href && isPlain && href.startsWith('/') && !href.startsWith('/api/')) {
      event.preventDefault();
      locationService.push(href);
    }
  });
}

function Host({ plugin, events }: { plugin: AppPlugin; events: EventBusSrv }) {
  const [mode, setMode] = useState(themeMode);
  const theme = useMemo(() => {
    const created = createTheme({ colors: { mode } });
    config.theme2 = created;
    document.documentElement.style.colorScheme = mode;
    return created;
  }, [mode]);
  const toggle = () => {
    const next = mode === 'dark' ? 'light' : 'dark';
    localStorage.setItem(THEME_KEY, next);
    locationService.partial({ theme: null }, true);
    setMode(next);
  };
  const { meta, root: Root, configPages } = plugin;
  const Configuration = configPages?.[0]?.body;
  const base = `/a/${meta.id}`;
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <HistoryRouter history={routerHistory(locationService.getHistory())}>
        <LocationServiceProvider service={locationService}>
          <PluginContextProvider meta={meta}>
            <HostFrame meta={meta} events={events} onToggleTheme={toggle}>
              <ErrorBoundaryAlert>
                <Suspense fallback={<LoadingPlaceholder text="Loading" />}>
                  <Routes>
                    <Route
                      path={`${base}/*`}
                      element={
                        Root && (
                          <Root
                            meta={meta}
                            query={{}}
                            path={base}
                            basename={base}
                            onNavChanged={() => undefined}
                          />
                        )
                      }
                    />
                    <Route
                      path={`/plugins/${meta.id}`}
                      element={
                        <HostPage pageNav={{ text: 'Configuration' }}>
                          {Configuration && <Configuration plugin={plugin} query={{}} />}
                        </HostPage>
                      }
                    />
                    <Route path="*" element={<Navigate to={`${base}/overview`} replace />} />
                  </Routes>
                </Suspense>
              </ErrorBoundaryAlert>
            </HostFrame>
            <ModalRoot />
          </PluginContextProvider>
        </LocationServiceProvider>
      </HistoryRouter>
      <PortalContainer />
    </ThemeContext.Provider>
  );
}

async function start() {
  const events = setSingletons();
  setPluginPage(HostPage);
  shareModules();
  await initPluginTranslations('grafana', []);
  interceptLinks();
  const plugin = await loadPlugin();
  const root = document.getElementById('root');
  if (root) {
    createRoot(root).render(<Host plugin={plugin} events={events} />);
  }
}

start().catch((error: unknown) => {
  document.body.innerText = `The preview could not start.\n${error instanceof Error ? error.stack : String(error)}`;
});
