import type { Client } from '../platform/postgres.ts';
import type { TemplateState } from './drain.ts';
import { SEVERITIES } from '../logstore/log-store.ts';
import { joinParameters, type Parameters } from './parameters.ts';
import {
  IGNORED_TEMPLATE_ID,
  redirectsOf,
  type TemplateEdits,
  type TemplateStatus,
} from './template-edits.ts';
import type { LogTemplate } from './template-schema.ts';
import { wordsOf } from './template-words.ts';

/** A saved template with what the miner has to know besides the tree. */
export interface TreeRow extends TemplateState {
  service_id: string;
  canonical_id: number;
  /** Lines ever. */
  count: number;
}

/** How many templates, versions and lines of a tree are saved: differs from what a worker has in memory once another wrote. */
export interface TreeFingerprint {
  service_id: string;
  templates: number;
  versions: number;
  lines: number;
}

export interface TemplateChange {
  id: number;
  service_id: string;
  canonical_id: number;
  ordinal: number;
  split_of: number | null;
  merged_into: number | null;
  pattern: string;
  /** Null: the row's holds. */
  status: TemplateStatus | null;
  /** Lines of each severity rank, to be added like `count`. */
  severity_counts: number[];
  /** What lines since the last save taught, to be joined with the row's; null: nothing. */
  parameters: Parameters | null;
  /** Of the pattern, when it is new; null: the row's holds. */
  embedding: number[] | null;
  /** There is no row yet. */
  is_new: boolean;
  version: number;
  count: number;
  example: string;
  /** Only the first one counts: the row keeps its own. */
  first_release: string | null;
  first_seen_at: number;
  last_seen_at: number;
}

const TREE_COLUMNS = `service_id, id, ordinal, version, pattern, canonical_id, count, split_of, merged_into, last_seen_at,
  status = 'evicted' as is_evicted`;

/** Trees of one log source, in the order in which they have to be rebuilt. */
export async function findTreeRows(
  client: Client,
  log_source_id: string,
  service_ids: string[],
): Promise<TreeRow[]> {
  const result = await client.query<TreeRow>(
    `select ${TREE_COLUMNS} from log_templates
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
    `select log_source_id, ${TREE_COLUMNS} from log_templates
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
    `select service_id, count(*) as templates, sum(version)::bigint as versions, sum(count)::bigint as lines from log_templates
     where log_source_id = $1 and service_id = any($2::uuid[]) group by service_id`,
    [log_source_id, service_ids],
  );
  return result.rows;
}

/** @param counts SQL of arrays by severity rank, as many as `names` */
const mostFrequent = (counts: string, names: string): string =>
  `(select (array['${SEVERITIES.join("','")}'])[rank] from unnest(${counts}) with ordinality as by_rank (${names}, rank)
    order by ${names
      .split(', ')
      .map((name) => `coalesce(${name}, 0)`)
      .join(' + ')} desc, rank limit 1)`;

const UPSERT = `insert into log_templates as t (tenant_id, log_source_id, id, service_id, canonical_id, ordinal, pattern, status, severity,
       severity_counts, version, count, example, first_seen_at, last_seen_at, parameters, embedding, first_release, split_of, merged_into)
     select $1, $2, c.id, c.service_id, c.canonical_id, c.ordinal, c.pattern, coalesce(c.status, 'active'),
       ${mostFrequent('c.severity_counts::bigint[]', 'lines')}, c.severity_counts::bigint[],
       c.version, c.count, c.example, c.first_seen_at, c.last_seen_at, c.parameters::jsonb, c.embedding::real[], c.first_release, c.split_of, c.merged_into
     from unnest($3::bigint[], $4::uuid[], $5::bigint[], $6::integer[], $7::text[], $8::text[], $9::text[],
       $10::integer[], $11::bigint[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::text[], $16::text[], $17::text[], $18::bigint[], $19::bigint[]) as c (id, service_id,
       canonical_id, ordinal, pattern, status, severity_counts, version, count, example, first_seen_at, last_seen_at, parameters, embedding,
       first_release, split_of, merged_into)
     on conflict (tenant_id, id) do update set
       ordinal = excluded.ordinal, pattern = excluded.pattern, version = excluded.version, merged_into = excluded.merged_into,
       severity = ${mostFrequent('t.severity_counts, excluded.severity_counts', 'old, new')},
       count = t.count + excluded.count,
       severity_counts = (select array_agg(coalesce(old, 0) + coalesce(new, 0) order by place)
         from unnest(t.severity_counts, excluded.severity_counts) with ordinality as both_counts (old, new, place)),
       parameters = coalesce(excluded.parameters, t.parameters), embedding = coalesce(excluded.embedding, t.embedding),
       first_seen_at = least(t.first_seen_at, excluded.first_seen_at),
       last_seen_at = greatest(t.last_seen_at, excluded.last_seen_at)`;

/**
 * Writes new templates with their words, and counts, times, patterns and new statuses of known ones. `count` and
 * `severity_counts` are added to the row's. Rows are locked in the order of their ids, as {@link saveDecidedStatuses} does.
 */
export async function saveTemplates(
  client: Client,
  tenant_id: string,
  log_source_id: string,
  unordered: readonly TemplateChange[],
): Promise<void> {
  const changes = unordered.toSorted((a, b) => a.id - b.id);
  const parameters = await joinedParameters(client, changes);
  await client.query(UPSERT, [
    tenant_id,
    log_source_id,
    changes.map((change) => change.id),
    changes.map((change) => change.service_id),
    changes.map((change) => change.canonical_id),
    changes.map((change) => change.ordinal),
    changes.map((change) => change.pattern),
    changes.map((change) => change.status),
    changes.map((change) => `{${change.severity_counts.join()}}`),
    changes.map((change) => change.version),
    changes.map((change) => change.count),
    changes.map((change) => change.example),
    changes.map((change) => new Date(change.first_seen_at)),
    changes.map((change) => new Date(change.last_seen_at)),
    parameters,
    changes.map(({ embedding }) => (embedding === null ? null : `{${embedding.join()}}`)),
    changes.map((change) => change.first_release),
    changes.map((change) => change.split_of),
    changes.map((change) => change.merged_into),
  ]);
  await saveStatuses(client, changes);
  await inheritFirstSeen(client, changes);
  await saveWords(client, tenant_id, changes);
}

// The upsert can not say "as it was": a row that is inserted needs one.
async function saveStatuses(client: Client, changes: TemplateChange[]): Promise<void> {
  const known = changes.filter(({ is_new, status }) => !is_new && status !== null);
  if (known.length === 0) return;
  await client.query(
    `update log_templates t set status = c.status from unnest($1::bigint[], $2::text[]) as c (id, status) where t.id = c.id`,
    [known.map(({ id }) => id), known.map(({ status }) => status)],
  );
}

/** Lets the rows of a service say what people decided. The caller holds `lockEvents`. */
export async function saveDecidedStatuses(
  client: Client,
  service_id: string,
  edits: TemplateEdits,
): Promise<void> {
  const redirects = [...redirectsOf(edits)];
  const idsOf = (is_ignored: boolean) =>
    redirects.filter(([, as]) => (as === IGNORED_TEMPLATE_ID) === is_ignored).map(([id]) => id);
  await client.query(
    `with decided as (
       select id, case when canonical_id = any($2::bigint[]) then 'ignored' when canonical_id = any($3::bigint[]) then 'merged'
         else 'active' end as status
       from log_templates where service_id = $1 and merged_into is null and status <> 'evicted'),
     changed as (
       select t.id, decided.status from log_templates t join decided using (id)
       where t.status <> decided.status order by t.id for update of t)
     update log_templates t set status = changed.status from changed where t.id = changed.id`,
    [service_id, idsOf(true), idsOf(false)],
  );
}

/** Deletes templates that their tree has forgotten. */
export async function deleteTemplates(client: Client, ids: readonly number[]): Promise<void> {
  await client.query('delete from log_templates where id = any($1::bigint[])', [ids]);
}

/** How many templates of the service, or with null of all services, had to make room for others. */
export async function countEvicted(client: Client, service_id: string | null): Promise<number> {
  const { rows } = await client.query<{ evicted: number }>(
    `select count(*) as evicted from log_templates where status = 'evicted' and ($1::uuid is null or service_id = $1)`,
    [service_id],
  );
  return rows[0]?.evicted ?? 0;
}

// Lines that count as another template's since were seen when they were seen.
async function inheritFirstSeen(client: Client, changes: TemplateChange[]): Promise<void> {
  const ids = changes
    .filter(({ merged_into, split_of, is_new }) => merged_into !== null || (split_of !== null && is_new))
    .map(({ id }) => id);
  if (ids.length === 0) return;
  await client.query(
    `update log_templates t set first_seen_at = least(t.first_seen_at, heir.first_seen_at)
     from (select coalesce(c.merged_into, c.id) as id, min(coalesce(split.first_seen_at, c.first_seen_at)) as first_seen_at
           from log_templates c left join log_templates split on split.id = c.split_of
           where c.id = any($1::bigint[]) group by 1) heir
     where t.id = heir.id`,
    [ids],
  );
}

// JSON of each change, null where nothing was learned.
async function joinedParameters(client: Client, changes: TemplateChange[]): Promise<(string | null)[]> {
  const known = changes.filter((change) => change.parameters !== null && !change.is_new);
  const { rows } = await client.query<{ id: number; parameters: Parameters | null }>(
    'select id, parameters from log_templates where id = any($1::bigint[])',
    [known.map((change) => change.id)],
  );
  const stored = new Map(rows.map((row) => [row.id, row.parameters]));
  return changes.map(({ id, parameters }) =>
    parameters === null ? null : JSON.stringify(joinParameters(stored.get(id) ?? null, parameters)),
  );
}

async function saveWords(client: Client, tenant_id: string, changes: TemplateChange[]): Promise<void> {
  const words = changes
    .filter((change) => change.is_new)
    .flatMap(({ id, pattern, example }) => wordsOf(`${pattern} ${example}`).map((word) => ({ id, word })));
  if (words.length === 0) return;
  await client.query(
    `insert into template_words (tenant_id, word, template_id)
     select $1, c.* from unnest($2::text[], $3::bigint[]) as c on conflict do nothing`,
    [tenant_id, words.map(({ word }) => word), words.map(({ id }) => id)],
  );
}

export interface TemplateFilter {
  service_id: string | null;
  /** Each must be the beginning of a word of the template; empty: any template. */
  words: string[];
  /** Templates that have these service-wide ids are found whatever their words. */
  named: number[];
  status: TemplateStatus | null;
  limit: number;
  /** Position of the last template of the page before. */
  after: { first_seen_at: number; id: number } | null;
}

// A range of words, not LIKE: only comparisons of text reach an index below row policies.
const WITH_WORDS = `select coalesce(t.merged_into, t.id) as id from (select w.template_id as id from unnest($1::text[]) with ordinality as wanted (word, place)
    cross join lateral (select template_id from template_words
      where word >= wanted.word collate "C" and word < (wanted.word || chr(1114111)) collate "C") as w
  group by w.template_id having count(distinct wanted.place) = cardinality($1)
  union select id from log_templates where canonical_id = any($2::bigint[])) as found join log_templates t using (id)`;

const SEVERITY_SUMS = SEVERITIES.map((_, rank) => `sum(severity_counts[${rank + 1}])::bigint`).join();

/**
 * SQL of {@link LogTemplate}s with the lines of all that was merged into them.
 * @param entries SQL of rows of log_templates
 * @param more further columns of these
 */
export const withMergedLines = (entries: string, more = ''): string =>
  `select id, service_id, log_source_id, canonical_id, pattern, status, severity, lines.severity_counts, version, lines.count, example,
     first_release, split_of, first_seen_at, lines.last_seen_at${more}
   from (${entries}) as entry cross join lateral (
     select sum(count)::bigint as count, array[${SEVERITY_SUMS}] as severity_counts, max(last_seen_at) as last_seen_at
     from (select count, severity_counts, last_seen_at from log_templates where id = entry.id
           union all select count, severity_counts, last_seen_at from log_templates
             where service_id = entry.service_id and merged_into = entry.id) as own_and_merged) as lines`;

/** Newest first. */
export async function listTemplates(client: Client, filter: TemplateFilter): Promise<LogTemplate[]> {
  const { words, named, status, after } = filter;
  const found = words.length > 0 ? await client.query<{ id: number }>(WITH_WORDS, [words, named]) : null;
  const result = await client.query<LogTemplate>(
    `${withMergedLines(`select * from log_templates
     where merged_into is null and ($1::uuid is null or service_id = $1)
       and ($2::bigint[] is null or id = any($2))
       and ($3::text is null or status = $3)
       and ($4::double precision is null or (first_seen_at, id) < (to_timestamp($4 / 1000), $5::bigint))
     order by first_seen_at desc, id desc limit $6`)}
     order by first_seen_at desc, id desc`,
    [
      filter.service_id,
      found && found.rows.map((row) => row.id),
      status,
      after?.first_seen_at ?? null,
      after?.id ?? null,
      filter.limit,
    ],
  );
  return result.rows;
}

/** What is known of the values at the placeholders of a template; null when no line was looked at. */
export async function findParameters(client: Client, id: number): Promise<Parameters | null> {
  const result = await client.query<{ parameters: Parameters | null }>(
    'select parameters from log_templates where id = $1',
    [id],
  );
  return result.rows[0]?.parameters ?? null;
}

/** The template of this id, or the one that it was merged into. */
export async function findTemplate(client: Client, id: number): Promise<LogTemplate | null> {
  const result = await client.query<LogTemplate>(
    withMergedLines(
      'select * from log_templates where id = (select coalesce(merged_into, id) from log_templates where id = $1)',
    ),
    [id],
  );
  return result.rows[0] ?? null;
}

/** A template of the service with this service-wide id (as mined): the one that was first, if it is still there. */
export async function findTemplateOfCanonical(
  client: Client,
  service_id: string,
  canonical_id: number,
): Promise<LogTemplate | null> {
  const result = await client.query<LogTemplate>(
    withMergedLines(`select * from log_templates where service_id = $1 and canonical_id = $2
      order by (id = canonical_id) desc, ordinal limit 1`),
    [service_id, canonical_id],
  );
  return result.rows[0] ?? null;
}
