// First: chunks are loaded from where this module came from.
import './public-path.ts';
import { lazy, Suspense } from 'react';
import { AppPlugin, type AppPluginMeta, type AppRootProps, type PluginConfigPageProps } from '@grafana/data';
import { LoadingPlaceholder } from '@grafana/ui';
import type { AppSettings } from './pages/config/app-settings.ts';

// Only lazy imports here: Grafana evaluates this module before any page of the app is opened.
const App = lazy(() => import('./App.tsx'));
const ConfigPage = lazy(() => import('./pages/config/ConfigPage.tsx'));

const Root = (props: AppRootProps<AppSettings>) => (
  <Suspense fallback={<LoadingPlaceholder text="Loading Seismolog" />}>
    <App {...props} />
  </Suspense>
);

const Configuration = (props: PluginConfigPageProps<AppPluginMeta<AppSettings>>) => (
  <Suspense fallback={<LoadingPlaceholder text="Loading configuration" />}>
    <ConfigPage {...props} />
  </Suspense>
);

export const plugin = new AppPlugin<AppSettings>().setRootPage(Root).addConfigPage({
  title: 'Configuration',
  icon: 'cog',
  body: Configuration,
  id: 'configuration',
});
