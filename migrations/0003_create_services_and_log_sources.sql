create table services (
  id uuid primary key,
  tenant_id uuid not null references tenants on delete cascade,
  name text not null,
  slug text not null,
  environment text not null default 'default',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (tenant_id, slug, environment),
  unique (tenant_id, id)
);
select protect_tenant_table('services');
grant select, insert, update on services to seismolog_app;

create table log_sources (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants on delete cascade,
  name text not null,
  source_type text not null check (source_type in ('push', 'simulated', 'replay', 'elasticsearch', 'opensearch')),
  connection_config jsonb not null default '{}',
  is_enabled boolean not null default true,
  slice_seconds integer not null default 5 check (slice_seconds between 1 and 60),
  read_lag_seconds integer not null default 2 check (read_lag_seconds between 0 and 3600),
  allowed_lateness_seconds integer not null default 10 check (allowed_lateness_seconds between 0 and 3600),
  -- 'wall': slices are cut by ingest time behind the wall clock. 'log': they are cut in log time up to clock_at,
  -- which the replay or the simulated shop moves once everything before it is stored.
  clock_mode text not null default 'wall' check (clock_mode in ('wall', 'log')),
  clock_at timestamptz,
  -- Everything before cursor_at is read: the end of the last contiguous completed slice. Null until the first slice.
  cursor_at timestamptz,
  last_read_at timestamptz,
  last_error text,
  last_error_at timestamptz,
  blind_since timestamptz,
  lines_read bigint not null default 0,
  lines_late bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (clock_mode = 'wall' or source_type in ('simulated', 'replay')),
  unique (tenant_id, name),
  unique (tenant_id, id)
);
select protect_tenant_table('log_sources');
select let_sweeper_see('log_sources', 'id, tenant_id, is_enabled, slice_seconds, read_lag_seconds, allowed_lateness_seconds, clock_mode, clock_at, cursor_at, blind_since, updated_at');
grant select, insert, update on log_sources to seismolog_app;

-- Which services a source carries: the clock of a service is the lowest cursor over its sources.
create table log_source_services (
  tenant_id uuid not null,
  log_source_id uuid not null,
  service_id uuid not null,
  last_line_at timestamptz,
  primary key (log_source_id, service_id),
  foreign key (tenant_id, log_source_id) references log_sources (tenant_id, id) on delete cascade,
  foreign key (tenant_id, service_id) references services (tenant_id, id) on delete cascade
);
create index on log_source_services (service_id);
select protect_tenant_table('log_source_services');
select let_sweeper_see('log_source_services', 'tenant_id, log_source_id, service_id');
grant select, insert, update on log_source_services to seismolog_app;

-- A batch sent with an Idempotency-Key: the first attempt fixes received_at, so a retry makes the same document ids.
create table ingest_batches (
  tenant_id uuid not null references tenants on delete cascade,
  idempotency_key text not null check (length(idempotency_key) <= 255),
  body_sha256 bytea not null,
  received_at timestamptz not null,
  response jsonb,
  created_at timestamptz not null default now(),
  primary key (tenant_id, idempotency_key)
);
create index on ingest_batches (created_at);
select protect_tenant_table('ingest_batches');
grant select, insert, update, delete on ingest_batches to seismolog_app;

-- The log store of the embedded stack. The day is that of the event, so a document sent twice meets its first copy.
create table embedded_logs (
  event_id uuid not null,
  timestamp timestamptz not null,
  tenant_id uuid not null,
  log_source_id uuid not null,
  service_id uuid not null,
  service text not null,
  source text not null,
  severity text not null,
  message text not null,
  metadata jsonb,
  ingested_at timestamptz not null,
  primary key (event_id, timestamp)
) partition by range (timestamp);
create index on embedded_logs (log_source_id, ingested_at, event_id);
create index on embedded_logs (service_id, timestamp);
select protect_tenant_table('embedded_logs');
grant select, insert on embedded_logs to seismolog_app;
