import { apiPaths } from '../paths.ts';
import { call } from './client.ts';
import type { Explanation, FeatureWindow, Page, SwimLanes } from './types.ts';
import { useQuery } from './use-query.ts';

/** Half-open interval in epoch ms. */
export interface Interval {
  from: number;
  to: number;
}

const iso = (ms: number) => new Date(ms).toISOString();

/** Peak score by service and bucket. `rangeKey` names the range as chosen (`now-1h`), so that it moves with the clock. */
export const useSwimLanes = (rangeKey: string, interval: Interval, bucket_seconds: number, tick: number) =>
  useQuery(
    `swim-lane ${rangeKey}`,
    (signal) =>
      call<SwimLanes>('GET', apiPaths.swimLane(), {
        params: { from: iso(interval.from), to: iso(interval.to), bucket_seconds },
        signal,
      }),
    { tick, keepPrevious: true },
  );

const PAGE_SIZE = 2000;
/** Most pages that the timeline follows: a day of windows at 10 s steps fits. */
const MAX_PAGES = 5;

/** Windows are paged by time: `next_cursor` is the `from` of the next page. */
async function fetchAllWindows(service_id: string, { from, to }: Interval, signal: AbortSignal) {
  const windows: FeatureWindow[] = [];
  let start: string | null = iso(from);
  for (let page = 0; page < MAX_PAGES && start !== null; page += 1) {
    const params = { service_id, from: start, to: iso(to), limit: PAGE_SIZE };
    const answer: Page<FeatureWindow> = await call('GET', apiPaths.windows(), { params, signal });
    windows.push(...answer.items);
    start = answer.next_cursor;
  }
  return windows;
}

/** Stored windows of a service in [from, to), oldest first. */
export const useWindows = (service_id: string | undefined, interval: Interval, tick: number) =>
  useQuery(
    service_id ? `windows ${service_id} ${interval.from}` : null,
    (signal) => fetchAllWindows(service_id ?? '', interval, signal),
    { tick, keepPrevious: true },
  );

export const useWindowExplanation = (window_id: string | null) =>
  useQuery(window_id && `explanation ${window_id}`, (signal) =>
    call<Explanation>('GET', apiPaths.windowExplanation(window_id ?? ''), { signal }),
  );
