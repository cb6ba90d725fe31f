import { apiPaths } from '../paths.ts';
import { call } from './client.ts';
import type { Change, Page } from './types.ts';
import { useQuery } from './use-query.ts';
import type { Interval } from './windows.ts';

/** Deploys and other changes in [from, to). */
export const useChanges = (rangeKey: string, { from, to }: Interval, tick: number) =>
  useQuery(
    `changes ${rangeKey}`,
    (signal) =>
      call<Page<Change>>('GET', apiPaths.changes(), {
        params: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
        signal,
      }),
    { tick, keepPrevious: true },
  );
