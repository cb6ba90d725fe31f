import { apiPaths } from '../paths.ts';
import { call } from './client.ts';
import type { Anomaly, AnomalyDetail, AnomalyLines, Page } from './types.ts';
import { useQuery } from './use-query.ts';
import type { Interval } from './windows.ts';

export interface AnomalyFilter {
  status?: string | undefined;
  severity?: string | undefined;
  service_id?: string | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
}

/** Anomalies, newest first. Without an interval: of all times. `rangeKey` names the range as chosen (`now-1h`). */
export const useAnomalies = (
  filter: AnomalyFilter,
  range: { rangeKey: string; interval: Interval } | null,
  tick: number,
) =>
  useQuery(
    `anomalies ${JSON.stringify(filter)} ${range?.rangeKey}`,
    (signal) =>
      call<Page<Anomaly>>('GET', apiPaths.anomalies(), {
        params: {
          ...filter,
          ...(range && {
            from: new Date(range.interval.from).toISOString(),
            to: new Date(range.interval.to).toISOString(),
          }),
        },
        signal,
      }),
    { tick, keepPrevious: true },
  );

export const useAnomaly = (id: string, tick: number) =>
  useQuery(`anomaly ${id}`, (signal) => call<AnomalyDetail>('GET', apiPaths.anomaly(id), { signal }), {
    tick,
  });

/** Lines of the service around a moment of an anomaly, `count` on each side, as its log sources have them now. */
export const useAnomalyLines = (id: string, at: string, count: number) =>
  useQuery(
    `anomaly-lines ${id} ${at} ${count}`,
    (signal) =>
      call<AnomalyLines>('GET', apiPaths.anomalyLines(id), {
        params: { at, before: count, after: count },
        signal,
      }),
    { keepPrevious: true },
  );
