/** Every URL of the plugin, of its pages and of the API behind Grafana's proxy, in one place. */
export const PLUGIN_ID = 'seismolog-detector-app';

const APP = `/a/${PLUGIN_ID}`;
/** Grafana adds the API key and the signed identity of the user to what goes below this. */
export const API = `/api/plugin-proxy/${PLUGIN_ID}/v1`;

export type Query = Record<string, string | number | undefined>;

const withQuery = (path: string, query: Query = {}): string => {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`;
};

/** Raw time range as it stands in the URL: `now-1h`, or epoch milliseconds. */
export interface TimeQuery {
  from?: string | undefined;
  to?: string | undefined;
}

export interface AnomalyListQuery extends TimeQuery {
  status?: string | undefined;
  severity?: string | undefined;
  service_id?: string | undefined;
}

/** Routes below the app's root, as react-router sees them. */
export const ROUTES = {
  overview: 'overview',
  anomalies: 'anomalies',
  anomaly: 'anomalies/:id',
  logSources: 'log-sources',
  newLogSource: 'log-sources/new',
  logSource: 'log-sources/:id',
} as const;

export const pagePaths = {
  overview: (time: TimeQuery = {}) => withQuery(`${APP}/overview`, { ...time }),
  anomalies: (query: AnomalyListQuery = {}) => withQuery(`${APP}/anomalies`, { ...query }),
  anomaly: (id: string, time: TimeQuery = {}) =>
    withQuery(`${APP}/anomalies/${encodeURIComponent(id)}`, { ...time }),
  logSources: (query: { status?: string | undefined } = {}) => withQuery(`${APP}/log-sources`, { ...query }),
  newLogSource: () => `${APP}/log-sources/new`,
  logSource: (id: string) => `${APP}/log-sources/${encodeURIComponent(id)}`,
  configuration: () => `/plugins/${PLUGIN_ID}`,
};

export const apiPaths = {
  status: () => `${API}/status`,
  session: () => `${API}/session`,
  services: () => `${API}/services`,
  anomalies: () => `${API}/anomalies`,
  anomaly: (id: string) => `${API}/anomalies/${encodeURIComponent(id)}`,
  anomalyLines: (id: string) => `${API}/anomalies/${encodeURIComponent(id)}/lines`,
  feedback: () => `${API}/feedback`,
  windows: () => `${API}/windows`,
  windowExplanation: (id: string) => `${API}/windows/${encodeURIComponent(id)}/explanation`,
  swimLane: () => `${API}/windows/swim-lane`,
  changes: () => `${API}/changes`,
  logSources: () => `${API}/log-sources`,
  logSource: (id: string) => `${API}/log-sources/${encodeURIComponent(id)}`,
  logSourceHealth: (id: string) => `${API}/log-sources/${encodeURIComponent(id)}/health`,
  logSourcePreview: () => `${API}/log-sources/preview`,
};

export const settingsPath = () => `/api/plugins/${PLUGIN_ID}/settings`;
