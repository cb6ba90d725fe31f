import type { EmbeddedStack } from '../src/embedded.ts';
import { dayPattern } from '../src/logstore/day-index.ts';
import type { SearchEngineName } from '../src/platform/search-connection.ts';

/** Adds a source that reads the tenant's own indices in the cluster, as a person does; returns its id. */
export async function addSearchSource(
  { base_url, api_key, tenant_slug }: EmbeddedStack,
  source_type: SearchEngineName,
  name: string,
): Promise<string> {
  const connection_config = { index: dayPattern(tenant_slug), preset: 'seismolog' };
  const answer = await fetch(`${base_url}/api/v1/log-sources`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api_key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, source_type, connection_config }),
  });
  const text = await answer.text();
  if (answer.status !== 201) throw new Error(`The source was not added: ${text}`);
  return (JSON.parse(text) as { id: string }).id;
}

/** Lines of a source in tiles that begin before `until` (event time, epoch ms). */
export async function countedLines(
  stack: EmbeddedStack,
  log_source_id: string,
  until = Infinity,
): Promise<number> {
  const rows = await select<{ lines: number }>(
    stack,
    `select coalesce(sum(lines), 0)::integer as lines from tiles
     where log_source_id = $1 and ($2::timestamptz is null or tile_start < $2)`,
    [log_source_id, until === Infinity ? null : new Date(until)],
  );
  return rows[0]?.lines ?? 0;
}

/** Whether all services of a source are judged up to `until` (epoch ms) and nothing waits to be judged again. */
export async function isJudged(stack: EmbeddedStack, log_source_id: string, until: number): Promise<boolean> {
  const rows = await select<{ judged: boolean }>(
    stack,
    `select not exists (select from dirty_windows) and not exists (
       select from log_source_services lss left join baselines b on b.service_id = lss.service_id
       where lss.log_source_id = $1 and coalesce(b.judged_until, '-infinity') < $2) as judged`,
    [log_source_id, new Date(until)],
  );
  return rows[0]?.judged ?? false;
}

/** What the sources page shows of a source; times in epoch ms. */
export interface SourceProgress {
  cursor_at: number | null;
  slice_seconds: number;
  read_lag_seconds: number;
  lines_late: number;
  blind_since: number | null;
}

export async function sourceProgress(stack: EmbeddedStack, log_source_id: string): Promise<SourceProgress> {
  const rows = await select<SourceProgress>(
    stack,
    'select cursor_at, slice_seconds, read_lag_seconds, lines_late, blind_since from log_sources where id = $1',
    [log_source_id],
  );
  if (rows[0] === undefined) throw new Error('The log source is gone');
  return rows[0];
}

const select = <Row extends object>(
  { parts, tenant_id }: EmbeddedStack,
  text: string,
  values: unknown[],
): Promise<Row[]> =>
  parts.database.withTenant(tenant_id, async (client) => (await client.query<Row>(text, values)).rows);
