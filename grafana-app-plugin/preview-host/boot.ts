// @grafana/runtime reads these when it is evaluated: this file must be imported before it.
export const THEME_KEY = 'seismolog-preview-theme';

const asked = new URLSearchParams(location.search).get('theme');
if (asked === 'light' || asked === 'dark') {
  localStorage.setItem(THEME_KEY, asked);
}
export const themeMode: 'light' | 'dark' = localStorage.getItem(THEME_KEY) === 'light' ? 'light' : 'dark';

export const user = {
  isSignedIn: true,
  id: 1,
  login: 'preview',
  name: 'Preview',
  email: '',
  orgId: 1,
  orgName: 'Preview',
  orgRole: 'Admin',
  theme: themeMode,
  lightTheme: themeMode === 'light',
  timezone: 'browser',
  weekStart: 'monday',
  locale: 'en-US',
  language: 'en-US',
  regionalFormat: 'en-US',
  permissions: {},
};

Object.assign(window, {
  __grafana_public_path__: '/public/',
  grafanaBootData: {
    assets: { dark: '', light: '' },
    navTree: [],
    user,
    settings: {
      appSubUrl: '',
      appUrl: `${location.origin}/`,
      buildInfo: { version: '12.4.10', edition: 'Open Source', env: 'production', commit: '' },
      featureToggles: {},
      apps: {},
      datasources: {},
      panels: {},
      defaultDatasource: '',
      licenseInfo: {},
      unifiedAlerting: {},
      namespace: 'default',
    },
  },
});
