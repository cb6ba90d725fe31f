import type { Client } from '../platform/postgres.ts';
import type { TemplateState } from './drain.ts';
import type { LogTemplate } from './template-schema.ts';

/** A saved template with what the miner has to know besides the tree. */
export interface TreeRow extends TemplateState {
  service_id: string;
  canonical_id: number;
}

/** How many templates and versions of a tree are saved: differs from what a worker has in memory once another wrote. */
export interface TreeFingerprint {
  service_id: string;
  templates: number;
  versions: number;
}

export interface TemplateChange {
  id: number;
  service_id: string;
  canonical_id: number;
  ordinal: number;
  pattern: string;
  severity: string;
  version: number;
  count: number;
  example: string;
  first_seen_at: number;
  last_seen_at: number;
}

/** Trees of one log source, in the order in which they have to be rebuilt. */
export async function findTreeRows(
  client: Client,
  log_source_id: string,
  service_ids: string[],
): Promise<TreeRow[]> {
  const result = await client.query<TreeRow>(
    `select service_id, id, ordinal, version, pattern, canonical_id from log_templates
     where log_source_id = $1 and service_id = any($2::uuid[]) order by service_id, ordinal`,
    [log_source_id, service_ids],
  );
  return result.rows;
}

/** What a service's other log sources know: trees in which a new template may have its canonical twin. */
export async function findSiblingRows(
  client: Client,
  log_source_id: string,
  service_id: string,
): Promise<(TreeRow & { log_source_id: string })[]> {
  const result = await client.query<TreeRow & { log_source_id: string }>(
    `select log_source_id, service_id, id, ordinal, version, pattern, canonical_id from log_templates
     where service_id = $2 and log_source_id <> $1 order by log_source_id, ordinal`,
    [log_source_id, service_id],
  );
  return result.rows;
}

export async function findFingerprints(
  client: Client,
  log_source_id: string,
  service_ids: string[],
): Promise<TreeFingerprint[]> {
  const result = await client.query<TreeFingerprint>(
    `select service_id, count(*) as templates, sum(version)::bigint as versions from log_templates
     where log_source_id = $1 and service_id = any($2::uuid[]) group by service_id`,
    [log_source_id, service_ids],
  );
  return result.rows;
}

/** Writes new templates, and counts, times and patterns of known ones, in one statement. `count` is added to the row's. */
export async function saveTemplates(
  client: Client,
  tenant_id: string,
  log_source_id: string,
  changes: TemplateChange[],
): Promise<void> {
  await client.query(
    `insert into log_templates as t (tenant_id, log_source_id, id, service_id, canonical_id, ordinal, pattern, severity,
       version, count, example, first_seen_at, last_seen_at)
     select $1, $2, c.* from unnest($3::bigint[], $4::uuid[], $5::bigint[], $6::integer[], $7::text[], $8::text[],
       $9::integer[], $10::bigint[], $11::text[], $12::timestamptz[], $13::timestamptz[]) as c
     on conflict (tenant_id, id) do update set
       pattern = excluded.pattern, version = excluded.version,
       count = t.count + excluded.count,
       first_seen_at = least(t.first_seen_at, excluded.first_seen_at),
       last_seen_at = greatest(t.last_seen_at, excluded.last_seen_at)`,
    [
      tenant_id,
      log_source_id,
      changes.map((change) => change.id),
      changes.map((change) => change.service_id),
      changes.map((change) => change.canonical_id),
      changes.map((change) => change.ordinal),
      changes.map((change) => change.pattern),
      changes.map((change) => change.severity),
      changes.map((change) => change.version),
      changes.map((change) => change.count),
      changes.map((change) => change.example),
      changes.map((change) => new Date(change.first_seen_at)),
      changes.map((change) => new Date(change.last_seen_at)),
    ],
  );
}

const COLUMNS = `id, service_id, log_source_id, canonical_id, pattern, severity, version, status, count, example,
  first_seen_at, last_seen_at`;

/** Newest first. `after` is the position (first_seen_at, id) of the last template of the page before. */
export async function listTemplates(
  client: Client,
  filter: {
    service_id: string | null;
    q: string | null;
    limit: number;
    after: { first_seen_at: number; id: number } | null;
  },
): Promise<LogTemplate[]> {
  const result = await client.query<LogTemplate>(
    `select ${COLUMNS} from log_templates
     where ($1::uuid is null or service_id = $1)
       and ($2::text is null or strpos(lower(pattern), lower($2)) > 0 or strpos(lower(example), lower($2)) > 0)
       and ($3::double precision is null or (first_seen_at, id) < (to_timestamp($3 / 1000), $4::bigint))
     order by first_seen_at desc, id desc limit $5`,
    [
      filter.service_id,
      filter.q,
      filter.after?.first_seen_at ?? null,
      filter.after?.id ?? null,
      filter.limit,
    ],
  );
  return result.rows;
}

export async function findTemplate(client: Client, id: number): Promise<LogTemplate | null> {
  const result = await client.query<LogTemplate>(`select ${COLUMNS} from log_templates where id = $1`, [id]);
  return result.rows[0] ?? null;
}
