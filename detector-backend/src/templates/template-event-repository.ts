import type { Client } from '../platform/postgres.ts';
import { foldEdits, redirectsOf, type TemplateEdit, type TemplateEdits } from './template-edits.ts';

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

/** By service: templates whose lines count as another one's, or as none. Services without any are left out. */
export async function findRedirects(
  client: Client,
  service_ids: string[],
): Promise<Map<string, Map<number, number>>> {
  const edits = await findEdits(client, service_ids);
  const redirects = [...edits].map(
    ([service_id, of_service]) => [service_id, redirectsOf(of_service)] as const,
  );
  return new Map(redirects.filter(([, of_service]) => of_service.size > 0));
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

/** Lets one transaction at a time add events to a service: what it decides rests on all earlier ones. */
export async function lockEvents(client: Client, service_id: string): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtext('template events'), hashtext($1))", [service_id]);
}
