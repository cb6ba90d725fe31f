import { randomUUID } from 'node:crypto';
import type pg from 'pg';

const DAY = '2026-03-01 12:00:00+00';
const zeros = (count: number) => `array_fill(0, array[${count}])`;

/** One row in every tenant table, made by the owner: for tests of isolation. `$1` stands for the tenant, `$2` for an id of its own. */
const ROWS: Record<string, string> = {
  roles: `(id, tenant_id, name) values ($2, $1, 'r')`,
  users: `(id, tenant_id, email, password_hash) values ($2, $1, 'u@x', 'h')`,
  user_roles: `(tenant_id, user_id, role_id) values ($1, $2, $2)`,
  api_keys: `(id, tenant_id, name, key_hash, key_prefix, permissions, created_by) values ($2, $1, 'k', sha256(($2)::text::bytea), 'smk_', '[]', 'x')`,
  services: `(id, tenant_id, name, slug) values ($2, $1, 's', 's')`,
  log_sources: `(id, tenant_id, name, source_type) values ($2, $1, 'l', 'push')`,
  log_source_services: `(tenant_id, log_source_id, service_id) values ($1, $2, $2)`,
  log_source_shards: `(tenant_id, log_source_id, service_id) values ($1, $2, $2)`,
  blind_spans: `(tenant_id, log_source_id, blind_from, blind_until, reason) values ($1, $2, now(), now() + interval '1 minute', 'r')`,
  ingest_batches: `(tenant_id, idempotency_key, body_sha256, received_at) values ($1, ($2)::text, '', now())`,
  embedded_logs: `(event_id, timestamp, tenant_id, log_source_id, service_id, service, source, severity, message, ingested_at)
    values ($2, '${DAY}', $1, $2, $2, 's', 'l', 'info', 'm', now())`,
  model_artifacts: `(tenant_id, sha256, content) values ($1, encode(sha256(($2)::text::bytea), 'hex'), '')`,
  model_versions: `(id, tenant_id, name, version, model_type, artifact_path, trained_until, window_count)
    values ($2, $1, 'm', 1, 't', 'db:x', now(), 1)`,
  slices: `(tenant_id, log_source_id, slice_start, slice_end, state, fencing_token)
    values ($1, $2, '${DAY}', '2026-03-01 12:00:05+00', 'done', 1)`,
  log_templates: `(tenant_id, id, log_source_id, service_id, canonical_id, ordinal, pattern, severity, count, example, first_seen_at, last_seen_at)
    values ($1, 1, $2, $2, 1, 0, 'p', 'info', 1, 'e', now(), now())`,
  template_words: `(tenant_id, word, template_id) values ($1, 'p', 1)`,
  template_events: `(tenant_id, service_id, kind, template_id, actor) values ($1, $2, 'pin', 1, 'x')`,
  tiles: `(tenant_id, service_id, log_source_id, slice_start, tile_start, lines, second_counts, template_ids, template_counts,
      template_first_ms, template_severities, template_value_counts, template_value_logsums)
    values ($1, $2, $2, '${DAY}', '${DAY}', 0, '{}', '{}', '{}', '{}', '{}', '{}', '{}')`,
  feature_windows: `(tenant_id, service_id, window_start, window_end, lines, errors, features, hashed_counts, is_minute)
    values ($1, $2, '${DAY}', '2026-03-01 12:01:00+00', 0, 0, ${zeros(12)}, ${zeros(64)}, true)`,
  dirty_windows: `(tenant_id, service_id, window_start) values ($1, $2, '${DAY}')`,
  baselines: `(tenant_id, service_id, judged_until, learned_until) values ($1, $2, now(), now())`,
  calibrations: `(tenant_id, service_id, state) values ($1, $2, '{}')`,
  anomalies: `(id, tenant_id, service_id, status, anomaly_type, kinds, severity, score, explanation, shap_values, started_at,
      opened_at, last_seen_at, window_start, window_seconds)
    values ($2, $1, $2, 'open', 'k', '{k}', 'high', 99, '{}', '{}', '${DAY}', '${DAY}', '${DAY}', '${DAY}', 60)`,
  anomaly_events: `(tenant_id, anomaly_id, event, severity, score, occurred_at) values ($1, $2, 'opened', 'high', 99, '${DAY}')`,
  integrations: `(id, tenant_id, type, name) values ($2, $1, 'webhook', 'i')`,
  alert_policies: `(id, tenant_id, name) values ($2, $1, 'p')`,
  alert_policy_integrations: `(tenant_id, policy_id, integration_id) values ($1, $2, $2)`,
  alerts: `(id, tenant_id, anomaly_id, policy_id, integration_id, event, channel, payload, status, occurred_at)
    values ($2, $1, $2, $2, $2, 'opened', 'webhook', '{}', 'pending', '${DAY}')`,
  feedback: `(tenant_id, anomaly_id, actor, is_true_positive) values ($1, $2, 'x', true)`,
  changes: `(tenant_id, kind, title, occurred_at, actor) values ($1, 'deploy', 't', '${DAY}', 'x')`,
  audit_logs: `(tenant_id, actor, action, resource_type, resource_id) values ($1, 'x', 'a', 't', 'i')`,
};

/** Every table with a tenant_id, from the catalogs; partitions are reached through their parents. */
export async function listTenantTables(owner: pg.Pool): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
     order by 1`,
  );
  return rows.map((row) => row.name);
}

/**
 * Fills every tenant table with one row of the tenant; ids of all rows are the returned one.
 * @throws naming a table that this file has no row for
 */
export async function fillTenantTables(owner: pg.Pool, tenant_id: string): Promise<string> {
  const id = randomUUID();
  for (const parent of ['embedded_logs', 'tiles', 'feature_windows']) {
    await owner.query('select ensure_day_partitions($1, array[$2::date])', [parent, '2026-03-01']);
  }
  for (const [table, row] of Object.entries(ROWS)) {
    await owner.query(
      `insert into ${table} ${row.replaceAll('$1', `uuid '${tenant_id}'`).replaceAll('$2', `uuid '${id}'`)}`,
    );
  }
  const missing = (await listTenantTables(owner)).filter((table) => !(table in ROWS));
  if (missing.length > 0) throw new Error(`test/tenant-rows.ts has no row for ${missing.join(', ')}`);
  return id;
}
