import { http, HttpResponse } from 'msw';
import type { LogSource, NewLogSource } from '../api/log-source-types.ts';
import { API } from '../paths.ts';
import { problem } from './problem.ts';
import { healthOfSource, logSource, previewOf } from './shop-log-sources.ts';

const at = (path: string) => `*${API}${path}`;
const notFound = () => problem(404, 'not_found', 'There is no such log source');

/** Log sources that can be added, previewed, disabled and enabled. `clock` gives epoch ms, `own` those that are there. */
export function createLogSourceHandlers(clock: () => number, own: () => LogSource[]) {
  const added: LogSource[] = [];
  const enabled = new Map<string, boolean>();
  const sources = (): LogSource[] =>
    [...own(), ...added].map((source) => {
      const is_enabled = enabled.get(source.id) ?? source.is_enabled;
      const status = is_enabled ? (source.status === 'disabled' ? 'ok' : source.status) : 'disabled';
      return { ...source, is_enabled, status };
    });
  const find = (id: unknown) => sources().find((source) => source.id === id);

  return [
    http.get(at('/log-sources'), () => HttpResponse.json({ items: sources(), next_cursor: null })),
    http.get(at('/log-sources/:id/health'), ({ params }) => {
      const source = find(params.id);
      return source ? HttpResponse.json(healthOfSource(source, clock())) : notFound();
    }),
    http.post(at('/log-sources/preview'), async ({ request }) => {
      const body = (await request.json()) as NewLogSource;
      return body.connection_config.index?.startsWith('missing')
        ? problem(
            400,
            'invalid_request',
            'The request is not valid',
            `No index matches ${body.connection_config.index}: check the pattern, and that the key may read it.`,
            'connection_config.index',
          )
        : HttpResponse.json(previewOf(body, clock()));
    }),
    http.post(at('/log-sources'), async ({ request }) => {
      const body = (await request.json()) as NewLogSource;
      if (sources().some(({ name }) => name === body.name)) {
        return problem(
          409,
          'conflict',
          'The request conflicts with what is there',
          `There is a log source named "${body.name}", or there are 1000 already.`,
          'name',
        );
      }
      const now = clock();
      const source = logSource(now, 20 + added.length, {
        ...body,
        status: 'behind',
        lag_seconds: 86_400,
        backfill: {
          from: new Date(now - 24 * 3_600_000).toISOString(),
          until: new Date(now).toISOString(),
          progress: 0,
          seconds_left: null,
        },
      });
      added.push(source);
      return HttpResponse.json(source, { status: 201 });
    }),
    http.patch(at('/log-sources/:id'), async ({ params, request }) => {
      const { is_enabled } = (await request.json()) as { is_enabled: boolean };
      if (!find(params.id)) {
        return notFound();
      }
      enabled.set(String(params.id), is_enabled);
      return HttpResponse.json(find(params.id));
    }),
  ];
}
