create table anomalies (
  id uuid primary key,
  tenant_id uuid not null,
  service_id uuid not null,
  status text not null check (status in ('open', 'resolved', 'withdrawn')),
  -- The kind that weighs most at the highest score, and every kind the episode showed.
  anomaly_type text not null,
  kinds text[] not null,
  severity text not null check (severity in ('low', 'medium', 'high')),
  score double precision not null check (score between 0 and 100),
  -- Copies of what the page shows, so the anomaly outlives its window.
  explanation jsonb not null,
  shap_values jsonb not null,
  -- Log time: first line of the evidence; tile edge at which it opened; last edge above the threshold; edge of resolution.
  started_at timestamptz not null,
  opened_at timestamptz not null,
  last_seen_at timestamptz not null,
  resolved_at timestamptz,
  -- Wall clock.
  detected_at timestamptz not null default now(),
  window_start timestamptz,
  window_seconds integer,
  model_version_id uuid,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (tenant_id, id),
  foreign key (tenant_id, service_id) references services (tenant_id, id) on delete cascade,
  -- Both pointer columns are emptied before the window's day is dropped.
  foreign key (tenant_id, service_id, window_start, window_seconds)
    references feature_windows (tenant_id, service_id, window_start, window_seconds),
  foreign key (tenant_id, model_version_id) references model_versions (tenant_id, id)
);
create unique index anomalies_one_open_episode on anomalies (service_id) where status = 'open';
create index anomalies_tenant_service_created on anomalies (tenant_id, service_id, created_at);
create index anomalies_tenant_started on anomalies (tenant_id, started_at desc, id);
create index anomalies_window on anomalies (service_id, window_start) where window_start is not null;
select protect_tenant_table('anomalies');
-- The foreign key's check of a detached day runs as the owner under forced row security: an owner that saw no
-- anomaly would drop a day that one still points into.
create policy owner_sees_pointers on anomalies for select to current_user using (true);
grant select, insert, update on anomalies to seismolog_app;

-- What alert policies are asked about: each event happens once an anomaly.
create table anomaly_events (
  tenant_id uuid not null,
  anomaly_id uuid not null,
  event text not null check (event in ('opened', 'escalated', 'resolved', 'withdrawn')),
  severity text not null,
  score double precision not null,
  occurred_at timestamptz not null,
  decided_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (anomaly_id, event),
  foreign key (tenant_id, anomaly_id) references anomalies (tenant_id, id) on delete cascade
);
create index on anomaly_events (tenant_id) where decided_at is null;
select protect_tenant_table('anomaly_events');
select let_sweeper_see('anomaly_events', 'tenant_id, anomaly_id, event, decided_at');
grant select, insert, update (decided_at) on anomaly_events to seismolog_app;

create table integrations (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants on delete cascade,
  type text not null check (type in ('webhook', 'slack', 'email')),
  name text not null,
  config jsonb not null default '{}',
  -- AES-256-GCM: 12 bytes nonce, 16 bytes tag, ciphertext.
  secret bytea,
  is_enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (tenant_id, name),
  unique (tenant_id, id)
);
select protect_tenant_table('integrations');
grant select, insert, update, delete on integrations to seismolog_app;

create table alert_policies (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants on delete cascade,
  name text not null,
  is_enabled boolean not null default true,
  conditions jsonb not null default '{}',
  severity_mapping jsonb not null default '{}',
  cooldown_seconds integer not null default 0 check (cooldown_seconds between 0 and 604800),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (tenant_id, name),
  unique (tenant_id, id)
);
select protect_tenant_table('alert_policies');
grant select, insert, update, delete on alert_policies to seismolog_app;

create table alert_policy_integrations (
  tenant_id uuid not null,
  policy_id uuid not null,
  integration_id uuid not null,
  primary key (policy_id, integration_id),
  foreign key (tenant_id, policy_id) references alert_policies (tenant_id, id) on delete cascade,
  foreign key (tenant_id, integration_id) references integrations (tenant_id, id) on delete cascade
);
select protect_tenant_table('alert_policy_integrations');
grant select, insert, delete on alert_policy_integrations to seismolog_app;

-- The outbox: one row an (anomaly, policy, integration, event). What stays pending is sent again.
create table alerts (
  id uuid primary key,
  tenant_id uuid not null,
  anomaly_id uuid not null,
  policy_id uuid not null,
  integration_id uuid not null,
  event text not null check (event in ('opened', 'escalated', 'resolved', 'withdrawn')),
  channel text not null,
  payload jsonb not null,
  status text not null check (status in ('pending', 'sent', 'failed', 'suppressed')),
  status_reason text,
  occurred_at timestamptz not null,
  attempts integer not null default 0,
  next_attempt_at timestamptz,
  last_error text,
  sent_at timestamptz,
  created_at timestamptz not null default now(),
  unique (anomaly_id, policy_id, integration_id, event),
  foreign key (tenant_id, anomaly_id) references anomalies (tenant_id, id) on delete cascade,
  foreign key (tenant_id, policy_id) references alert_policies (tenant_id, id) on delete cascade,
  foreign key (tenant_id, integration_id) references integrations (tenant_id, id) on delete cascade
);
create index on alerts (next_attempt_at) where status = 'pending';
create index on alerts (tenant_id, created_at);
create index on alerts (policy_id, occurred_at);
select protect_tenant_table('alerts');
select let_sweeper_see('alerts', 'id, tenant_id, status, next_attempt_at');
grant select, insert, update on alerts to seismolog_app;

create table feedback (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  anomaly_id uuid not null,
  user_id uuid,
  actor text not null,
  is_true_positive boolean not null,
  comment text check (length(comment) <= 4000),
  created_at timestamptz not null default now(),
  foreign key (tenant_id, anomaly_id) references anomalies (tenant_id, id) on delete cascade,
  foreign key (tenant_id, user_id) references users (tenant_id, id)
);
create index on feedback (anomaly_id, created_at);
select protect_tenant_table('feedback');
grant select, insert on feedback to seismolog_app;

-- What people or pipelines did to a service (a deploy, a migration), shown beside its anomalies.
create table changes (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants on delete cascade,
  service_id uuid,
  kind text not null check (kind in ('deploy', 'config', 'maintenance', 'other')),
  title text not null check (length(title) between 1 and 200),
  occurred_at timestamptz not null,
  actor text not null,
  created_at timestamptz not null default now(),
  foreign key (tenant_id, service_id) references services (tenant_id, id) on delete cascade
);
create index on changes (tenant_id, occurred_at);
select protect_tenant_table('changes');
grant select, insert on changes to seismolog_app;

-- Append-only: no update, no delete for anyone but the owner.
create table audit_logs (
  id bigint generated always as identity primary key,
  tenant_id uuid not null references tenants on delete cascade,
  user_id uuid,
  actor text not null,
  action text not null,
  resource_type text not null,
  resource_id text not null,
  details jsonb not null default '{}',
  request_id text,
  created_at timestamptz not null default now(),
  foreign key (tenant_id, user_id) references users (tenant_id, id)
);
create index audit_logs_tenant_created on audit_logs (tenant_id, created_at);
select protect_tenant_table('audit_logs');
grant select, insert on audit_logs to seismolog_app;
