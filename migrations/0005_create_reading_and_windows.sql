-- The ledger: one row a slice. A claimed row holds a lease; its fencing token must still be the same when the
-- slice's tiles are written, so a reader that lost its lease writes nothing.
create table slices (
  tenant_id uuid not null,
  log_source_id uuid not null,
  slice_start timestamptz not null,
  slice_end timestamptz not null,
  state text not null check (state in ('claimed', 'done')),
  fencing_token bigint not null,
  lease_until timestamptz,
  lines bigint not null default 0,
  read_count integer not null default 0,
  completed_at timestamptz,
  -- Re-counts at +2 min, +15 min, +2 h of the wall clock find documents that became visible after the read.
  recount_stage smallint not null default 0,
  recount_at timestamptz,
  primary key (log_source_id, slice_start),
  foreign key (tenant_id, log_source_id) references log_sources (tenant_id, id) on delete cascade,
  check (slice_start < slice_end)
);
create index on slices (recount_at) where recount_at is not null;
create index on slices (tenant_id, slice_start);
select protect_tenant_table('slices');
select let_sweeper_see('slices', 'tenant_id, log_source_id, slice_start, state, lease_until, recount_at');
grant select, insert, update, delete on slices to seismolog_app;

create table log_templates (
  tenant_id uuid not null,
  -- 53-bit hash of (log source, service, first pattern): any worker computes the same id.
  id bigint not null,
  log_source_id uuid not null,
  service_id uuid not null,
  -- Features count by this id, so moving a service to another source makes nothing new.
  canonical_id bigint not null,
  -- Order in which the tree met its templates; the tree is rebuilt by inserting rows in this order.
  ordinal integer not null,
  pattern text not null,
  severity text not null,
  version integer not null default 1,
  status text not null default 'active' check (status in ('active', 'ignored')),
  count bigint not null,
  example text not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  primary key (tenant_id, id),
  unique (log_source_id, service_id, ordinal),
  foreign key (tenant_id, log_source_id) references log_sources (tenant_id, id) on delete cascade,
  foreign key (tenant_id, service_id) references services (tenant_id, id) on delete cascade
);
create index on log_templates (tenant_id, service_id, canonical_id);
select protect_tenant_table('log_templates');
grant select, insert, update, delete on log_templates to seismolog_app;

-- Counts of one 10 s bucket of event time of one service, as one slice saw them. The arrays run in parallel.
create table tiles (
  tenant_id uuid not null,
  service_id uuid not null,
  log_source_id uuid not null,
  slice_start timestamptz not null,
  tile_start timestamptz not null,
  lines integer not null,
  second_counts integer[] not null,
  template_ids bigint[] not null,
  template_counts integer[] not null,
  -- First line of the template in this tile, ms after tile_start.
  template_first_ms integer[] not null,
  -- Severity rank 0-6 (unknown, trace, debug, info, warn, error, fatal) of each template.
  template_severities smallint[] not null,
  -- Duration-like values (ms) of the template: how many, and the sum of their natural logarithms.
  template_value_counts integer[] not null,
  template_value_logsums double precision[] not null,
  primary key (service_id, tile_start, log_source_id, slice_start)
) partition by range (tile_start);
create index on tiles (log_source_id, slice_start);
select protect_tenant_table('tiles');
grant select, insert, update, delete on tiles to seismolog_app;

create table feature_windows (
  tenant_id uuid not null,
  service_id uuid not null,
  window_start timestamptz not null,
  window_seconds integer not null default 60 check (window_seconds > 0),
  window_end timestamptz not null,
  revision integer not null default 1,
  lines integer not null,
  errors integer not null,
  -- The twelve features of windows/feature-vector.ts, in its order, and the 64 hashed template counts.
  features double precision[] not null check (cardinality(features) = 12),
  hashed_counts real[] not null check (cardinality(hashed_counts) = 64),
  expected_lines double precision,
  score double precision,
  -- Tail probability of each head (rarity, volume, isolation).
  head_p double precision[],
  model_version_id uuid,
  learn_weight real not null default 0,
  is_minute boolean not null,
  is_blind boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (tenant_id, service_id, window_start, window_seconds),
  foreign key (tenant_id, service_id) references services (tenant_id, id) on delete cascade,
  foreign key (tenant_id, model_version_id) references model_versions (tenant_id, id)
) partition by range (window_start);
create index feature_windows_tenant_service_start on feature_windows (tenant_id, service_id, window_start);
create index feature_windows_tenant_end on feature_windows (tenant_id, window_end);
select protect_tenant_table('feature_windows');
grant select, insert, update, delete on feature_windows to seismolog_app;

-- Windows whose tiles changed after they were judged: due for a new revision.
create table dirty_windows (
  tenant_id uuid not null references tenants on delete cascade,
  service_id uuid not null,
  window_start timestamptz not null,
  marked_at timestamptz not null default now(),
  primary key (service_id, window_start),
  foreign key (tenant_id, service_id) references services (tenant_id, id) on delete cascade
);
select protect_tenant_table('dirty_windows');
select let_sweeper_see('dirty_windows', 'tenant_id, service_id, window_start');
grant select, insert, update, delete on dirty_windows to seismolog_app;

-- What is normal for one service, and how far its windows are judged and learned (both are tile edges). state is null
-- until the first full minute is learned.
create table baselines (
  tenant_id uuid not null,
  service_id uuid primary key,
  judged_until timestamptz not null,
  learned_until timestamptz not null,
  window_count integer not null default 0,
  -- Start of the newest tile with a line: a service silent for long is dormant and makes no windows.
  last_line_at timestamptz,
  -- Scores of the edges since the last full minute: calibration learns the six of a minute together.
  minute_scores json not null default '[]',
  -- Counts writes of lines that came late for this service: a judge that read tiles before one of them marks its windows.
  late_marks bigint not null default 0,
  state json,
  updated_at timestamptz not null default now(),
  foreign key (tenant_id, service_id) references services (tenant_id, id) on delete cascade
);
create index on baselines (tenant_id);
select protect_tenant_table('baselines');
select let_sweeper_see('baselines', 'tenant_id, service_id, judged_until');
grant select, insert, update, delete on baselines to seismolog_app;

-- The tail fit of each head of one service.
create table calibrations (
  tenant_id uuid not null,
  service_id uuid primary key,
  state json not null,
  updated_at timestamptz not null default now(),
  foreign key (tenant_id, service_id) references services (tenant_id, id) on delete cascade
);
select protect_tenant_table('calibrations');
grant select, insert, update, delete on calibrations to seismolog_app;
