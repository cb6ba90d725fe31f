import { apiPaths } from '../paths.ts';
import { call } from './client.ts';
import type {
  LogSource,
  LogSourceHealth,
  LogSourcePreview,
  NewLogSource,
  PreviewedLogSource,
} from './log-source-types.ts';
import type { Page } from './types.ts';
import { useQuery } from './use-query.ts';

const PAGE_SIZE = 500;
/** Most pages that the list follows. */
const MAX_PAGES = 4;

async function fetchAllLogSources(signal: AbortSignal): Promise<LogSource[]> {
  const sources: LogSource[] = [];
  let cursor: string | null | undefined;
  for (let page = 0; page < MAX_PAGES && cursor !== null; page += 1) {
    const params = { limit: PAGE_SIZE, cursor };
    const answer: Page<LogSource> = await call('GET', apiPaths.logSources(), { params, signal });
    sources.push(...answer.items);
    cursor = answer.next_cursor;
  }
  return sources;
}

/** Every log source, by name. */
export const useLogSources = (tick: number) => useQuery('log-sources', fetchAllLogSources, { tick });

export const useLogSourceHealth = (id: string, tick: number) =>
  useQuery(
    `log-source ${id}`,
    (signal) => call<LogSourceHealth>('GET', apiPaths.logSourceHealth(id), { signal }),
    { tick },
  );

export const addLogSource = (source: NewLogSource) =>
  call<LogSource>('POST', apiPaths.logSources(), { data: source });

export const previewLogSource = (source: PreviewedLogSource) =>
  call<LogSourcePreview>('POST', apiPaths.logSourcePreview(), { data: source });

export const setLogSourceEnabled = (id: string, is_enabled: boolean) =>
  call<LogSource>('PATCH', apiPaths.logSource(id), { data: { is_enabled } });
