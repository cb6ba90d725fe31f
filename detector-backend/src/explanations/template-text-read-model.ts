import type { Client } from '../platform/postgres.ts';
import type { TemplateText } from './evidence.ts';

/** Pattern and severity of canonical templates of a service, by id. */
export async function findTemplateTexts(
  client: Client,
  service_id: string,
  ids: readonly number[],
): Promise<Map<number, TemplateText>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<TemplateText & { canonical_id: number }>(
    `select distinct on (canonical_id) canonical_id, pattern, severity from log_templates
     where service_id = $1 and canonical_id = any($2::bigint[])
     order by canonical_id, (id = canonical_id) desc, id`,
    [service_id, ids],
  );
  return new Map(rows.map(({ canonical_id, pattern, severity }) => [canonical_id, { pattern, severity }]));
}
