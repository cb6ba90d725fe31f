import manifest from './plugin.json' with { type: 'json' };
import { API, PLUGIN_ID } from './paths.ts';

describe('plugin.json', () => {
  it('has the id that the pages use', () => {
    expect(manifest.id).toBe(PLUGIN_ID);
    expect(API).toBe(`/api/plugin-proxy/${manifest.id}/v1`);
  });

  it('has one route a verb, all with the same path: a stricter one could not guard a path below a wider one', () => {
    expect(manifest.routes.map(({ method }) => method)).toEqual(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
    expect(new Set(manifest.routes.map(({ path }) => path))).toEqual(new Set(['v1/*']));
  });

  it('sends the key on each route, to the address of the settings', () => {
    for (const { url, headers } of manifest.routes) {
      expect(url).toBe('{{ .JsonData.apiUrl }}/api/v1');
      expect(headers).toEqual([{ name: 'Authorization', content: 'Bearer {{ .SecureJsonData.apiKey }}' }]);
    }
  });

  it('grants every action that a route or page asks for', () => {
    const granted = manifest.roles.flatMap(({ role }) => role.permissions.map(({ action }) => action));
    const pages = manifest.includes.flatMap((include) => ('action' in include ? [include.action] : []));
    for (const action of [...manifest.routes.map(({ reqAction }) => reqAction), ...pages]) {
      expect(granted).toContain(action);
    }
  });
});
