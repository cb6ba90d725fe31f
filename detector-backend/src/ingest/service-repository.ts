import type { Client } from '../platform/postgres.ts';

export interface ServiceRow {
  id: string;
  name: string;
  slug: string;
  environment: string;
}

/** All services of the tenant; their number is bounded by `max_services`. */
export async function loadServices(client: Client): Promise<ServiceRow[]> {
  const { rows } = await client.query<ServiceRow>('select id, name, slug, environment from services');
  return rows;
}

/** Another process may have been faster: its row is the same. */
export async function insertServices(
  client: Client,
  tenant_id: string,
  services: ServiceRow[],
): Promise<void> {
  await client.query(
    `insert into services (id, tenant_id, name, slug, environment)
     select id, $1, name, slug, environment
     from json_to_recordset($2::json) as s(id uuid, name text, slug text, environment text)
     on conflict do nothing`,
    [tenant_id, JSON.stringify(services)],
  );
}

/** Notes that a source carries services, and the time of the newest line of each (epoch ms). */
export async function touchSourceServices(
  client: Client,
  tenant_id: string,
  log_source_id: string,
  last_lines: { service_id: string; last_line_at: number }[],
): Promise<void> {
  await client.query(
    // Ordered, so that two writers never wait for each other's rows.
    `insert into log_source_services (tenant_id, log_source_id, service_id, last_line_at)
     select $1, $2, service_id, to_timestamp(last_line_at / 1000)
     from json_to_recordset($3::json) as s(service_id uuid, last_line_at double precision) order by service_id
     on conflict (log_source_id, service_id) do update
       set last_line_at = greatest(log_source_services.last_line_at, excluded.last_line_at)`,
    [tenant_id, log_source_id, JSON.stringify(last_lines)],
  );
}
