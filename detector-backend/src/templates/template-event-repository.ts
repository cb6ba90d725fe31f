import type { Client } from '../platform/postgres.ts';
import {
  countedAs,
  foldEdits,
  NO_EDITS,
  redirectsOf,
  type TemplateEdit,
  type TemplateEdits,
} from './template-edits.ts';

/** A row of `template_events`; times in epoch ms. */
export interface TemplateEventRow extends TemplateEdit {
  service_id: string;
  actor: string;
  created_at: number;
}

export type NewTemplateEvent = Omit<TemplateEventRow, 'id' | 'created_at'>;

const COLUMNS =
  'id, service_id, kind, template_id, into_id, name, token_index, token, undoes_id, actor, created_at';

/** Id of the last event of each service that has any. */
export async function findEditVersions(client: Client, service_ids: string[]): Promise<Map<string, number>> {
  const { rows } = await client.query<{ service_id: string; version: number }>(
    `select service_id, max(id) as version from template_events where service_id = any($1::uuid[]) group by service_id`,
    [service_ids],
  );
  return new Map(rows.map((row) => [row.service_id, row.version]));
}

/** What the events of these services come to, of those that have any; of all services of the tenant with null. */
export async function findEdits(
  client: Client,
  service_ids: string[] | null,
): Promise<Map<string, TemplateEdits>> {
  const { rows } = await client.query<TemplateEdit & { service_id: string }>(
    `select id, service_id, kind, template_id, into_id, name, token_index, token, undoes_id from template_events
     where $1::uuid[] is null or service_id = any($1)`,
    [service_ids],
  );
  const byService = new Map<string, TemplateEdit[]>();
  for (const row of rows) {
    const events = byService.get(row.service_id);
    if (events) events.push(row);
    else byService.set(row.service_id, [row]);
  }
  return new Map([...byService].map(([service_id, events]) => [service_id, foldEdits(events)]));
}

/** Where lines of a service's templates count since people or the miner decided otherwise; ids are service-wide. */
export interface MovedLines {
  /** Template → the one that its lines count as, or IGNORED_TEMPLATE_ID. */
  redirects: ReadonlyMap<number, number>;
  /** Template → the one that it was split off, also where that was undone. */
  splits: ReadonlyMap<number, number>;
}

export const NO_MOVED_LINES: MovedLines = { redirects: new Map(), splits: new Map() };

/** By service. Services without any are left out. */
export async function findMovedLines(
  client: Client,
  service_ids: string[],
): Promise<Map<string, MovedLines>> {
  const edits = await findEdits(client, service_ids);
  const merged = await findMergedByMiner(client, service_ids);
  const moved = new Map<string, MovedLines>();
  for (const service_id of new Set([...edits.keys(), ...merged.map((row) => row.service_id)])) {
    const of_service = edits.get(service_id) ?? NO_EDITS;
    const redirects = redirectsOf(of_service);
    for (const { service_id: owner, id, into_id } of merged)
      if (owner === service_id && !redirects.has(id)) redirects.set(id, countedAs(of_service, into_id));
    const splits = [...of_service.splits].flatMap(([id, parts]) =>
      parts.map((part) => [part.id, id] as const),
    );
    if (redirects.size > 0 || splits.length > 0)
      moved.set(service_id, { redirects, splits: new Map([...of_service.rejoined, ...splits]) });
  }
  return moved;
}

// Not of a template that still gets lines from another source.
async function findMergedByMiner(
  client: Client,
  service_ids: string[],
): Promise<{ service_id: string; id: number; into_id: number }[]> {
  const { rows } = await client.query<{ service_id: string; id: number; into_id: number }>(
    `select distinct t.service_id, t.canonical_id as id, target.canonical_id as into_id
     from log_templates t join log_templates target on target.id = t.merged_into
     where t.service_id = any($1::uuid[]) and t.merged_into is not null and t.canonical_id <> target.canonical_id
       and not exists (select from log_templates o where o.service_id = t.service_id
         and o.canonical_id = t.canonical_id and o.merged_into is null)`,
    [service_ids],
  );
  return rows;
}

/** All events of a service. */
export async function findServiceEvents(client: Client, service_id: string): Promise<TemplateEventRow[]> {
  const { rows } = await client.query<TemplateEventRow>(
    `select ${COLUMNS} from template_events where service_id = $1 order by id`,
    [service_id],
  );
  return rows;
}

export async function findEvent(client: Client, id: number): Promise<TemplateEventRow | null> {
  const { rows } = await client.query<TemplateEventRow>(
    `select ${COLUMNS} from template_events where id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** Newest first. `before` is the id of the last event of the page before. */
export async function listEvents(
  client: Client,
  filter: { service_id: string | null; template_id: number | null; before: number | null; limit: number },
): Promise<TemplateEventRow[]> {
  const { rows } = await client.query<TemplateEventRow>(
    `select ${COLUMNS} from template_events
     where ($1::uuid is null or service_id = $1)
       and ($2::bigint is null or template_id = $2 or into_id = $2)
       and ($3::bigint is null or id < $3)
     order by id desc limit $4`,
    [filter.service_id, filter.template_id, filter.before, filter.limit],
  );
  return rows;
}

/** Call {@link lockEvents} first: ids are given out before the commit, and a reader must not see a later one first. */
export async function insertEvent(client: Client, event: NewTemplateEvent): Promise<TemplateEventRow> {
  const { rows } = await client.query<TemplateEventRow>(
    `insert into template_events (tenant_id, service_id, kind, template_id, into_id, name, token_index, token, undoes_id, actor)
     values (app_tenant_id(), $1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${COLUMNS}`,
    [
      event.service_id,
      event.kind,
      event.template_id,
      event.into_id,
      event.name,
      event.token_index,
      event.token,
      event.undoes_id,
      event.actor,
    ],
  );
  return rows[0] as TemplateEventRow;
}

/** Lets one transaction at a time add events to a service, or merge its templates: what it does rests on all earlier ones. */
export async function lockEvents(client: Client, service_id: string): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtext('template events'), hashtext($1))", [service_id]);
}
