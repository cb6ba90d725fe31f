import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readCompose } from './compose-checks.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const provisioning = path.join(root, 'provisioning/grafana');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const grafana = readCompose(read('docker-compose.yml')).services['grafana'];

interface DataSource {
  name: string;
  uid: string;
  type: string;
  url: string;
  isDefault?: boolean;
  jsonData: Record<string, unknown>;
  secureJsonData: Record<string, string>;
}
interface Panel {
  id: number;
  type: string;
  title: string;
  datasource?: Reference;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: {
    refId: string;
    datasource?: Reference;
    timeField: string;
    query: string;
    bucketAggs: Aggregation[];
  }[];
}
type Reference = { type: string; uid: string };
type Aggregation = { type: string; field: string };
interface Dashboard {
  uid: string;
  id: number | null;
  title: string;
  panels: Panel[];
  links: { url: string }[];
  templating: { list: { name: string; datasource: Reference; query: string }[] };
}

const yamlFiles = (folder: string) =>
  readdirSync(path.join(provisioning, folder)).filter((file) => /\.ya?ml$/.test(file));
const load = <T>(folder: string, key: string): T[] =>
  yamlFiles(folder).flatMap((file) => {
    const text = readFileSync(path.join(provisioning, folder, file), 'utf8');
    const { apiVersion, [key]: list } = parse(text) as { apiVersion: number } & Record<string, T[]>;
    expect(apiVersion).toBe(1);
    return list ?? [];
  });

const dataSources = load<DataSource>('datasources', 'datasources');
const dashboards = readdirSync(path.join(provisioning, 'dashboards/seismolog')).map(
  (file) =>
    JSON.parse(readFileSync(path.join(provisioning, 'dashboards/seismolog', file), 'utf8')) as Dashboard,
);
const plugin = JSON.parse(read('grafana-app-plugin/src/plugin.json')) as {
  id: string;
  routes: { url: string; headers: { content: string }[] }[];
};

test('the app that is enabled is ours, and gets the settings that its routes read', () => {
  const apps = load<{
    type: string;
    disabled: boolean;
    jsonData: Record<string, string>;
    secureJsonData: Record<string, string>;
  }>('plugins', 'apps');
  expect(apps.map(({ type, disabled }) => ({ type, disabled }))).toEqual([
    { type: plugin.id, disabled: false },
  ]);
  const templates = JSON.stringify(plugin.routes);
  const wanted = (name: string) => [
    ...new Set([...templates.matchAll(new RegExp(`\\.${name}\\.(\\w+)`, 'g'))].map(([, key]) => key)),
  ];
  expect(Object.keys(apps[0]?.jsonData ?? {})).toEqual(wanted('JsonData'));
  expect(Object.keys(apps[0]?.secureJsonData ?? {})).toEqual(wanted('SecureJsonData'));
});

test('every variable is given to the container, every secret is a file of its keys', () => {
  const files = ['datasources', 'plugins', 'dashboards'].flatMap((folder) =>
    yamlFiles(folder).map((file) => readFileSync(path.join(provisioning, folder, file), 'utf8')),
  );
  const text = files.join('\n').replace(/^\s*#.*$/gm, '');
  const variables = [...text.matchAll(/\$(?!__)\{?(\w+)/g)].map(([, name]) => name ?? '');
  expect(variables.length).toBeGreaterThan(0);
  for (const name of variables) expect(Object.keys(grafana?.environment ?? {})).toContain(name);

  const made = ['make-certificates.sh', 'make-api-keys.sh', 'prepare.sh'].map((name) =>
    read(`provisioning/compose/${name}`),
  );
  const places = [...text.matchAll(/\$__file\{([^}]+)\}/g)].map(([, place]) => place ?? '');
  expect(places.length).toBe(3);
  expect(grafana?.volumes).toContain('keys-grafana:/run/keys:ro');
  for (const place of places) {
    expect(path.dirname(place)).toBe('/run/keys');
    expect(made.join('\n')).toContain(`/${path.basename(place)}`);
  }
  // Whatever is secret is read from a file: a value in the YAML would be in the repository.
  for (const { secureJsonData } of dataSources) {
    for (const value of Object.values(secureJsonData)) expect(value).toMatch(/^(ApiKey )?\$__file\{[^}]+\}$/);
  }
});

test('the log lines are read by the pattern and fields that our indices have', () => {
  const [logs] = dataSources.filter(({ type }) => type === 'elasticsearch');
  const { template } = JSON.parse(
    read('provisioning/elasticsearch/component-templates/seismolog-logs-mappings.json'),
  ) as { template: { mappings: { properties: Record<string, unknown> } } };
  const fields = Object.keys(template.mappings.properties);
  expect(logs?.jsonData['index']).toBe('logs-*-2*');
  for (const option of ['timeField', 'logMessageField', 'logLevelField']) {
    expect(fields).toContain(logs?.jsonData[option]);
  }
  // The key of Grafana may read these indices: a wider pattern would show other people's data streams.
  const role = JSON.parse(read('provisioning/elasticsearch/roles/elasticsearch/reader.json')) as {
    indices: { names: string[] }[];
  };
  expect(role.indices.flatMap(({ names }) => names)).toContain(logs?.jsonData['index']);
  for (const { panels, templating } of dashboards) {
    for (const { targets = [] } of panels) {
      for (const { timeField, bucketAggs, query } of targets) {
        for (const field of [timeField, ...bucketAggs.map((one) => one.field)])
          expect(fields).toContain(field);
        for (const [, field] of query.matchAll(/(\w+):/g)) expect(fields).toContain(field);
      }
    }
    for (const { query } of templating.list) {
      expect(fields).toContain((JSON.parse(query) as { field: string }).field);
    }
  }
});

test('no panel or variable of a dashboard hangs in the air', () => {
  expect(new Set(dataSources.map(({ uid }) => uid)).size).toBe(dataSources.length);
  expect(dataSources.filter(({ isDefault }) => isDefault)).toHaveLength(1);
  const known = dataSources.map(({ uid, type }) => ({ uid, type }));
  expect(dashboards.length).toBeGreaterThan(0);
  for (const { panels, templating } of dashboards) {
    const variables = templating.list.map(({ name }) => name);
    for (const { datasource } of templating.list) expect(known).toContainEqual(datasource);
    for (const { type, datasource, targets } of panels) {
      if (type === 'text') continue;
      expect(known).toContainEqual(datasource);
      expect(targets?.length).toBeGreaterThan(0);
      for (const target of targets ?? []) {
        expect(target.datasource).toEqual(datasource);
        for (const [, name] of target.query.matchAll(/\$(\w+)/g)) expect(variables).toContain(name);
      }
    }
  }
});

test('panels have ids of their own and do not lie on each other; a dashboard can be found again', () => {
  for (const { id, uid, title, panels } of dashboards) {
    // Provisioned by uid; a number is that of another Grafana's database.
    expect(id).toBeNull();
    expect(uid).toMatch(/^seismolog-[a-z-]+$/);
    expect(title).not.toBe('');
    expect(new Set(panels.map((panel) => panel.id)).size).toBe(panels.length);
    for (const { gridPos: one, title: name } of panels) {
      expect(one.x + one.w).toBeLessThanOrEqual(24);
      const over = panels.filter(
        ({ gridPos: other }) =>
          other !== one &&
          one.x < other.x + other.w &&
          other.x < one.x + one.w &&
          one.y < other.y + other.h &&
          other.y < one.y + one.h,
      );
      expect({ name, over: over.map((panel) => panel.title) }).toEqual({ name, over: [] });
    }
  }
});

test('links lead to pages of the app', () => {
  const routes = read('grafana-app-plugin/src/paths.ts');
  const links = dashboards.flatMap((dashboard) => [
    ...dashboard.links.map(({ url }) => url),
    ...[...JSON.stringify(dashboard.panels).matchAll(/\]\((\/[^)]+)\)/g)].map(([, url]) => url ?? ''),
  ]);
  expect(links.length).toBeGreaterThan(3);
  for (const link of links) {
    const [, page] = new RegExp(`^/a/${plugin.id}/([a-z-]+)$`).exec(link) ?? [];
    if (page === undefined) expect(link).toBe(`/plugins/${plugin.id}`);
    else expect(routes).toContain(`'${page}'`);
  }
});

test('providers and the home page name places that are mounted', () => {
  const inRepository = (place: string) =>
    path.join(root, 'provisioning/grafana', place.replace('/etc/grafana/provisioning/', ''));
  const providers = load<{ options: { path: string }; folderUid: string }>('dashboards', 'providers');
  const home = grafana?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? '';
  for (const place of [...providers.map(({ options }) => options.path), home]) {
    expect(place).toMatch(/^\/etc\/grafana\/provisioning\/dashboards\//);
    expect({ place, exists: existsSync(inRepository(place)) }).toEqual({ place, exists: true });
  }
  for (const folder of ['datasources', 'plugins', 'dashboards']) {
    expect(grafana?.volumes).toContain(
      `./provisioning/grafana/${folder}:/etc/grafana/provisioning/${folder}:ro`,
    );
  }
});
