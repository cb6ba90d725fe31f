import { http, HttpResponse } from 'msw';
import type { AnomalyLines, Feedback, FeatureWindow, NewFeedback } from '../api/types.ts';
import { API } from '../paths.ts';
import { createLogSourceHandlers } from './log-source-handlers.ts';
import { problem } from './problem.ts';
import { otherId } from './shop-services.ts';
import { createShop, swimLanesOf, usualLinesOf, withTrouble } from './shop.ts';
import { explainMinute } from './shop-windows.ts';

const at = (path: string) => `*${API}${path}`;

const notFound = () => problem(404, 'not_found', 'There is no such resource', 'Check the id.');

const timeOf = (params: URLSearchParams, name: string, fallback: number): number => {
  const value = params.get(name);
  return value === null ? fallback : /^\d+$/.test(value) ? Number(value) : Date.parse(value);
};

const page = <T>(items: T[], params: URLSearchParams) => {
  const limit = Number(params.get('limit') ?? 100);
  const offset = Number(params.get('cursor') ?? 0);
  const next = offset + limit;
  return HttpResponse.json({
    items: items.slice(offset, next),
    next_cursor: next < items.length ? String(next) : null,
  });
};

/**
 * The API of the simulated shop. `clock` gives the time that the shop has reached, epoch ms. With `hasTrouble` there are
 * also log sources in every other state, and services that are blind by them.
 */
export function createHandlers(clock: () => number, { hasTrouble = false } = {}) {
  const shop = () => (hasTrouble ? withTrouble(createShop(clock())) : createShop(clock()));
  const feedback: Feedback[] = [];
  const window = (id: string) => [...shop().minutes.values()].flat().find((candidate) => candidate.id === id);

  return [
    http.get(at('/status'), () => HttpResponse.json(shop().status)),
    http.get(at('/session'), () => HttpResponse.json(shop().session)),
    http.get(at('/services'), () => HttpResponse.json({ items: shop().services, next_cursor: null })),
    http.get(at('/changes'), () => HttpResponse.json({ items: shop().changes, next_cursor: null })),

    http.get(at('/windows/swim-lane'), ({ request }) => {
      const params = new URL(request.url).searchParams;
      const to = timeOf(params, 'to', clock());
      const from = timeOf(params, 'from', to - 3_600_000);
      return HttpResponse.json(swimLanesOf(shop(), from, to, Number(params.get('bucket_seconds') ?? 60)));
    }),
    http.get(at('/windows/:id/explanation'), ({ params }) => {
      const minute = window(String(params.id));
      const service = shop().services.find(({ id }) => id === minute?.service_id);
      return minute && service ? HttpResponse.json(explainMinute(minute, service.name)) : notFound();
    }),
    http.get(at('/windows'), ({ request }) => {
      const params = new URL(request.url).searchParams;
      const from = timeOf(params, 'from', 0);
      const to = timeOf(params, 'to', Infinity);
      const items = (shop().minutes.get(params.get('service_id') ?? '') ?? [])
        .filter(({ window_start }) => Date.parse(window_start) >= from && Date.parse(window_start) < to)
        .map(({ incident: _, ...minute }): FeatureWindow => minute);
      return HttpResponse.json({ items, next_cursor: null });
    }),

    http.get(at('/anomalies'), ({ request }) => {
      const params = new URL(request.url).searchParams;
      const from = timeOf(params, 'from', 0);
      const to = timeOf(params, 'to', Infinity);
      const matches = (name: 'status' | 'severity' | 'service_id', value: string) =>
        !params.get(name) || params.get(name) === value;
      const items = shop()
        .anomalies.filter(
          ({ status, severity, service_id, started_at, resolved_at }) =>
            matches('status', status) &&
            matches('severity', severity) &&
            matches('service_id', service_id) &&
            Date.parse(started_at) < to &&
            (resolved_at === null || Date.parse(resolved_at) > from),
        )
        .sort((a, b) => b.started_at.localeCompare(a.started_at))
        .map(({ explanation: _, model_version: _m, events: _e, alerts: _a, ...anomaly }) => anomaly);
      return page(items, params);
    }),
    http.get(at('/anomalies/:id'), ({ params }) => {
      const anomaly = shop().anomalies.find(({ id }) => id === params.id);
      return anomaly ? HttpResponse.json(anomaly) : notFound();
    }),

    http.get(at('/anomalies/:id/lines'), ({ params, request }) => {
      const anomaly = shop().anomalies.find(({ id }) => id === params.id);
      if (!anomaly) {
        return notFound();
      }
      const { searchParams } = new URL(request.url);
      const moment = timeOf(searchParams, 'at', Date.parse(anomaly.started_at));
      const before = Number(searchParams.get('before') ?? 20);
      const own = anomaly.explanation.sample_lines.filter(({ timestamp }) => Date.parse(timestamp) >= moment);
      return HttpResponse.json({
        at: new Date(moment).toISOString(),
        before: usualLinesOf(anomaly.service, moment - before * 500, before),
        after: own.slice(0, Number(searchParams.get('after') ?? 20)),
        unread_sources: [],
      } satisfies AnomalyLines);
    }),

    http.get(at('/feedback'), ({ request }) => {
      const params = new URL(request.url).searchParams;
      return page(
        feedback.filter(({ anomaly_id }) => anomaly_id === params.get('anomaly_id')),
        params,
      );
    }),
    http.post(at('/feedback'), async ({ request }) => {
      const body = (await request.json()) as NewFeedback;
      if (!shop().anomalies.some(({ id }) => id === body.anomaly_id)) {
        return notFound();
      }
      const stored: Feedback = {
        id: otherId(5000 + feedback.length),
        anomaly_id: body.anomaly_id,
        is_true_positive: body.is_true_positive,
        comment: body.comment ?? null,
        actor: shop().session.actor,
        created_at: new Date(clock()).toISOString(),
      };
      feedback.unshift(stored);
      return HttpResponse.json(stored, { status: 201 });
    }),

    ...createLogSourceHandlers(clock, () => shop().logSources),
  ];
}
