-- Generated from the catalogs of a migrated database; the test of schema-listing.ts compares it. Do not edit.

table alert_policies (row security forced)
  id uuid not null default gen_random_uuid()
  tenant_id uuid not null
  name text not null
  is_enabled boolean not null default true
  conditions jsonb not null default '{}'::jsonb
  severity_mapping jsonb not null default '{}'::jsonb
  cooldown_seconds integer not null default 0
  created_at timestamp with time zone not null default now()
  updated_at timestamp with time zone not null default now()
  constraint alert_policies_cooldown_seconds_check CHECK (((cooldown_seconds >= 0) AND (cooldown_seconds <= 604800)))
  constraint alert_policies_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
  constraint alert_policies_pkey PRIMARY KEY (id)
  constraint alert_policies_tenant_id_id_key UNIQUE (tenant_id, id)
  constraint alert_policies_tenant_id_name_key UNIQUE (tenant_id, name)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select, update to seismolog_app

table alert_policy_integrations (row security forced)
  tenant_id uuid not null
  policy_id uuid not null
  integration_id uuid not null
  constraint alert_policy_integrations_tenant_id_integration_id_fkey FOREIGN KEY (tenant_id, integration_id) REFERENCES integrations(tenant_id, id) ON DELETE CASCADE
  constraint alert_policy_integrations_tenant_id_policy_id_fkey FOREIGN KEY (tenant_id, policy_id) REFERENCES alert_policies(tenant_id, id) ON DELETE CASCADE
  constraint alert_policy_integrations_pkey PRIMARY KEY (policy_id, integration_id)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select to seismolog_app

table alerts (row security forced)
  id uuid not null
  tenant_id uuid not null
  anomaly_id uuid not null
  policy_id uuid not null
  integration_id uuid not null
  event text not null
  channel text not null
  payload jsonb not null
  status text not null
  status_reason text
  occurred_at timestamp with time zone not null
  attempts integer not null default 0
  next_attempt_at timestamp with time zone
  last_error text
  sent_at timestamp with time zone
  created_at timestamp with time zone not null default now()
  constraint alerts_event_check CHECK ((event = ANY (ARRAY['opened'::text, 'escalated'::text, 'resolved'::text, 'withdrawn'::text])))
  constraint alerts_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'sent'::text, 'failed'::text, 'suppressed'::text])))
  constraint alerts_tenant_id_anomaly_id_fkey FOREIGN KEY (tenant_id, anomaly_id) REFERENCES anomalies(tenant_id, id) ON DELETE CASCADE
  constraint alerts_tenant_id_integration_id_fkey FOREIGN KEY (tenant_id, integration_id) REFERENCES integrations(tenant_id, id) ON DELETE CASCADE
  constraint alerts_tenant_id_policy_id_fkey FOREIGN KEY (tenant_id, policy_id) REFERENCES alert_policies(tenant_id, id) ON DELETE CASCADE
  constraint alerts_pkey PRIMARY KEY (id)
  constraint alerts_anomaly_id_policy_id_integration_id_event_key UNIQUE (anomaly_id, policy_id, integration_id, event)
  CREATE INDEX alerts_next_attempt_at_idx ON public.alerts USING btree (next_attempt_at) WHERE (status = 'pending'::text)
  CREATE INDEX alerts_policy_id_occurred_at_idx ON public.alerts USING btree (policy_id, occurred_at)
  CREATE INDEX alerts_tenant_id_created_at_idx ON public.alerts USING btree (tenant_id, created_at)
  policy sweeper_sees_due_work for select to seismolog_sweeper using (true)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant insert, select, update to seismolog_app
  grant select (id, tenant_id, status, next_attempt_at) to seismolog_sweeper

table anomalies (row security forced)
  id uuid not null
  tenant_id uuid not null
  service_id uuid not null
  status text not null
  anomaly_type text not null
  kinds text[] not null
  severity text not null
  score double precision not null
  explanation jsonb not null
  shap_values jsonb not null
  started_at timestamp with time zone not null
  opened_at timestamp with time zone not null
  last_seen_at timestamp with time zone not null
  resolved_at timestamp with time zone
  detected_at timestamp with time zone not null default now()
  window_start timestamp with time zone
  window_seconds integer
  model_version_id uuid
  revision integer not null default 1
  created_at timestamp with time zone not null default now()
  updated_at timestamp with time zone not null default now()
  constraint anomalies_score_check CHECK (((score >= (0)::double precision) AND (score <= (100)::double precision)))
  constraint anomalies_severity_check CHECK ((severity = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text])))
  constraint anomalies_status_check CHECK ((status = ANY (ARRAY['open'::text, 'resolved'::text, 'withdrawn'::text])))
  constraint anomalies_tenant_id_model_version_id_fkey FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_versions(tenant_id, id)
  constraint anomalies_tenant_id_service_id_fkey FOREIGN KEY (tenant_id, service_id) REFERENCES services(tenant_id, id) ON DELETE CASCADE
  constraint anomalies_tenant_id_service_id_window_start_window_seconds_fkey FOREIGN KEY (tenant_id, service_id, window_start, window_seconds) REFERENCES feature_windows(tenant_id, service_id, window_start, window_seconds)
  constraint anomalies_pkey PRIMARY KEY (id)
  constraint anomalies_tenant_id_id_key UNIQUE (tenant_id, id)
  CREATE UNIQUE INDEX anomalies_one_open_episode ON public.anomalies USING btree (service_id) WHERE (status = 'open'::text)
  CREATE INDEX anomalies_tenant_service_created ON public.anomalies USING btree (tenant_id, service_id, created_at)
  CREATE INDEX anomalies_tenant_started ON public.anomalies USING btree (tenant_id, started_at DESC, id)
  CREATE INDEX anomalies_window ON public.anomalies USING btree (service_id, window_start) WHERE (window_start IS NOT NULL)
  policy owner_sees_pointers for select to owner using (true)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant insert, select, update to seismolog_app

table anomaly_events (row security forced)
  tenant_id uuid not null
  anomaly_id uuid not null
  event text not null
  severity text not null
  score double precision not null
  occurred_at timestamp with time zone not null
  decided_at timestamp with time zone
  created_at timestamp with time zone not null default now()
  constraint anomaly_events_event_check CHECK ((event = ANY (ARRAY['opened'::text, 'escalated'::text, 'resolved'::text, 'withdrawn'::text])))
  constraint anomaly_events_tenant_id_anomaly_id_fkey FOREIGN KEY (tenant_id, anomaly_id) REFERENCES anomalies(tenant_id, id) ON DELETE CASCADE
  constraint anomaly_events_pkey PRIMARY KEY (anomaly_id, event)
  CREATE INDEX anomaly_events_tenant_id_idx ON public.anomaly_events USING btree (tenant_id) WHERE (decided_at IS NULL)
  policy sweeper_sees_due_work for select to seismolog_sweeper using (true)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant insert, select, update (decided_at) to seismolog_app
  grant select (tenant_id, anomaly_id, event, decided_at) to seismolog_sweeper

table api_keys (row security forced)
  id uuid not null default gen_random_uuid()
  tenant_id uuid not null
  name text not null
  key_hash bytea not null
  key_prefix text not null
  permissions jsonb not null
  created_by text not null
  created_at timestamp with time zone not null default now()
  expires_at timestamp with time zone
  revoked_at timestamp with time zone
  constraint api_keys_key_hash_check CHECK ((length(key_hash) = 32))
  constraint api_keys_permissions_check CHECK ((jsonb_typeof(permissions) = 'array'::text))
  constraint api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
  constraint api_keys_pkey PRIMARY KEY (id)
  constraint api_keys_key_hash_key UNIQUE (key_hash)
  constraint api_keys_tenant_id_name_key UNIQUE (tenant_id, name)
  policy sweeper_sees_due_work for select to seismolog_sweeper using (true)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant insert, select, update (revoked_at) to seismolog_app
  grant select (id, tenant_id, key_hash, expires_at, revoked_at) to seismolog_sweeper

table audit_logs (row security forced)
  id bigint not null generated always as identity
  tenant_id uuid not null
  user_id uuid
  actor text not null
  action text not null
  resource_type text not null
  resource_id text not null
  details jsonb not null default '{}'::jsonb
  request_id text
  created_at timestamp with time zone not null default now()
  constraint audit_logs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
  constraint audit_logs_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id)
  constraint audit_logs_pkey PRIMARY KEY (id)
  CREATE INDEX audit_logs_tenant_created ON public.audit_logs USING btree (tenant_id, created_at)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant insert, select to seismolog_app

table baselines (row security forced)
  tenant_id uuid not null
  service_id uuid not null
  judged_until timestamp with time zone not null
  learned_until timestamp with time zone not null
  window_count integer not null default 0
  last_line_at timestamp with time zone
  minute_scores json not null default '[]'::json
  late_marks bigint not null default 0
  state json
  updated_at timestamp with time zone not null default now()
  constraint baselines_tenant_id_service_id_fkey FOREIGN KEY (tenant_id, service_id) REFERENCES services(tenant_id, id) ON DELETE CASCADE
  constraint baselines_pkey PRIMARY KEY (service_id)
  CREATE INDEX baselines_tenant_id_idx ON public.baselines USING btree (tenant_id)
  policy sweeper_sees_due_work for select to seismolog_sweeper using (true)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select, update to seismolog_app
  grant select (tenant_id, service_id, judged_until) to seismolog_sweeper

table blind_spans (row security forced)
  tenant_id uuid not null
  log_source_id uuid not null
  blind_from timestamp with time zone not null
  blind_until timestamp with time zone not null
  reason text not null
  constraint blind_spans_check CHECK ((blind_from < blind_until))
  constraint blind_spans_tenant_id_log_source_id_fkey FOREIGN KEY (tenant_id, log_source_id) REFERENCES log_sources(tenant_id, id) ON DELETE CASCADE
  constraint blind_spans_pkey PRIMARY KEY (log_source_id, blind_from)
  CREATE INDEX blind_spans_tenant_id_blind_until_idx ON public.blind_spans USING btree (tenant_id, blind_until)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select, update to seismolog_app

table calibrations (row security forced)
  tenant_id uuid not null
  service_id uuid not null
  state json not null
  updated_at timestamp with time zone not null default now()
  constraint calibrations_tenant_id_service_id_fkey FOREIGN KEY (tenant_id, service_id) REFERENCES services(tenant_id, id) ON DELETE CASCADE
  constraint calibrations_pkey PRIMARY KEY (service_id)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select, update to seismolog_app

table changes (row security forced)
  id uuid not null default gen_random_uuid()
  tenant_id uuid not null
  service_id uuid
  kind text not null
  title text not null
  occurred_at timestamp with time zone not null
  actor text not null
  created_at timestamp with time zone not null default now()
  constraint changes_kind_check CHECK ((kind = ANY (ARRAY['deploy'::text, 'config'::text, 'maintenance'::text, 'other'::text])))
  constraint changes_title_check CHECK (((length(title) >= 1) AND (length(title) <= 200)))
  constraint changes_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
  constraint changes_tenant_id_service_id_fkey FOREIGN KEY (tenant_id, service_id) REFERENCES services(tenant_id, id) ON DELETE CASCADE
  constraint changes_pkey PRIMARY KEY (id)
  CREATE INDEX changes_tenant_id_occurred_at_idx ON public.changes USING btree (tenant_id, occurred_at)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant insert, select to seismolog_app

table dirty_windows (row security forced)
  tenant_id uuid not null
  service_id uuid not null
  window_start timestamp with time zone not null
  marked_at timestamp with time zone not null default now()
  constraint dirty_windows_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
  constraint dirty_windows_tenant_id_service_id_fkey FOREIGN KEY (tenant_id, service_id) REFERENCES services(tenant_id, id) ON DELETE CASCADE
  constraint dirty_windows_pkey PRIMARY KEY (service_id, window_start)
  policy sweeper_sees_due_work for select to seismolog_sweeper using (true)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select, update to seismolog_app
  grant select (tenant_id, service_id, window_start) to seismolog_sweeper

table embedded_logs (row security forced, partition by range ("timestamp"))
  event_id uuid not null
  timestamp timestamp with time zone not null
  tenant_id uuid not null
  log_source_id uuid not null
  service_id uuid not null
  service text not null
  source text not null
  severity text not null
  message text not null
  metadata jsonb
  ingested_at timestamp with time zone not null
  constraint embedded_logs_pkey PRIMARY KEY (event_id, "timestamp")
  CREATE INDEX embedded_logs_log_source_id_ingested_at_event_id_idx ON ONLY public.embedded_logs USING btree (log_source_id, ingested_at, event_id)
  CREATE INDEX embedded_logs_service_id_timestamp_idx ON ONLY public.embedded_logs USING btree (service_id, "timestamp")
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select to seismolog_app

table feature_windows (row security forced, partition by range (window_start))
  tenant_id uuid not null
  service_id uuid not null
  window_start timestamp with time zone not null
  window_seconds integer not null default 60
  window_end timestamp with time zone not null
  revision integer not null default 1
  lines integer not null
  errors integer not null
  features double precision[] not null
  hashed_counts real[] not null
  expected_lines double precision
  score double precision
  head_p double precision[]
  model_version_id uuid
  learn_weight real not null default 0
  is_minute boolean not null
  is_blind boolean not null default false
  created_at timestamp with time zone not null default now()
  constraint feature_windows_features_check CHECK ((cardinality(features) = 12))
  constraint feature_windows_hashed_counts_check CHECK ((cardinality(hashed_counts) = 64))
  constraint feature_windows_window_seconds_check CHECK ((window_seconds > 0))
  constraint feature_windows_tenant_id_model_version_id_fkey FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_versions(tenant_id, id)
  constraint feature_windows_tenant_id_service_id_fkey FOREIGN KEY (tenant_id, service_id) REFERENCES services(tenant_id, id) ON DELETE CASCADE
  constraint feature_windows_pkey PRIMARY KEY (tenant_id, service_id, window_start, window_seconds)
  CREATE INDEX feature_windows_tenant_end ON ONLY public.feature_windows USING btree (tenant_id, window_end)
  CREATE INDEX feature_windows_tenant_service_start ON ONLY public.feature_windows USING btree (tenant_id, service_id, window_start)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select, update to seismolog_app

table feedback (row security forced)
  id uuid not null default gen_random_uuid()
  tenant_id uuid not null
  anomaly_id uuid not null
  user_id uuid
  actor text not null
  is_true_positive boolean not null
  comment text
  created_at timestamp with time zone not null default now()
  constraint feedback_comment_check CHECK ((length(comment) <= 4000))
  constraint feedback_tenant_id_anomaly_id_fkey FOREIGN KEY (tenant_id, anomaly_id) REFERENCES anomalies(tenant_id, id) ON DELETE CASCADE
  constraint feedback_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id)
  constraint feedback_pkey PRIMARY KEY (id)
  CREATE INDEX feedback_anomaly_id_created_at_idx ON public.feedback USING btree (anomaly_id, created_at)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant insert, select to seismolog_app

table ingest_batches (row security forced)
  tenant_id uuid not null
  idempotency_key text not null
  body_sha256 bytea not null
  received_at timestamp with time zone not null
  response jsonb
  created_at timestamp with time zone not null default now()
  constraint ingest_batches_idempotency_key_check CHECK ((length(idempotency_key) <= 255))
  constraint ingest_batches_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
  constraint ingest_batches_pkey PRIMARY KEY (tenant_id, idempotency_key)
  CREATE INDEX ingest_batches_created_at_idx ON public.ingest_batches USING btree (created_at)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select, update to seismolog_app

table integrations (row security forced)
  id uuid not null default gen_random_uuid()
  tenant_id uuid not null
  type text not null
  name text not null
  config jsonb not null default '{}'::jsonb
  secret bytea
  is_enabled boolean not null default true
  created_at timestamp with time zone not null default now()
  updated_at timestamp with time zone not null default now()
  constraint integrations_type_check CHECK ((type = ANY (ARRAY['webhook'::text, 'slack'::text, 'email'::text])))
  constraint integrations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
  constraint integrations_pkey PRIMARY KEY (id)
  constraint integrations_tenant_id_id_key UNIQUE (tenant_id, id)
  constraint integrations_tenant_id_name_key UNIQUE (tenant_id, name)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select, update to seismolog_app

table log_source_services (row security forced)
  tenant_id uuid not null
  log_source_id uuid not null
  service_id uuid not null
  last_line_at timestamp with time zone
  constraint log_source_services_tenant_id_log_source_id_fkey FOREIGN KEY (tenant_id, log_source_id) REFERENCES log_sources(tenant_id, id) ON DELETE CASCADE
  constraint log_source_services_tenant_id_service_id_fkey FOREIGN KEY (tenant_id, service_id) REFERENCES services(tenant_id, id) ON DELETE CASCADE
  constraint log_source_services_pkey PRIMARY KEY (log_source_id, service_id)
  CREATE INDEX log_source_services_service_id_idx ON public.log_source_services USING btree (service_id)
  policy sweeper_sees_due_work for select to seismolog_sweeper using (true)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant insert, select, update to seismolog_app
  grant select (tenant_id, log_source_id, service_id) to seismolog_sweeper

table log_source_shards (row security forced)
  tenant_id uuid not null
  log_source_id uuid not null
  service_id uuid not null
  constraint log_source_shards_tenant_id_log_source_id_fkey FOREIGN KEY (tenant_id, log_source_id) REFERENCES log_sources(tenant_id, id) ON DELETE CASCADE
  constraint log_source_shards_tenant_id_service_id_fkey FOREIGN KEY (tenant_id, service_id) REFERENCES services(tenant_id, id) ON DELETE CASCADE
  constraint log_source_shards_pkey PRIMARY KEY (log_source_id, service_id)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select to seismolog_app

table log_sources (row security forced)
  id uuid not null default gen_random_uuid()
  tenant_id uuid not null
  name text not null
  source_type text not null
  connection_config jsonb not null default '{}'::jsonb
  is_enabled boolean not null default true
  slice_seconds integer not null default 5
  read_lag_seconds integer not null default 2
  allowed_lateness_seconds integer not null default 10
  clock_mode text not null default 'wall'::text
  clock_at timestamp with time zone
  cursor_at timestamp with time zone
  last_read_at timestamp with time zone
  last_error text
  last_error_at timestamp with time zone
  blind_since timestamp with time zone
  lines_read bigint not null default 0
  lines_late bigint not null default 0
  created_at timestamp with time zone not null default now()
  updated_at timestamp with time zone not null default now()
  backfill_hours integer
  read_from timestamp with time zone
  first_read_at timestamp with time zone
  lines_unmined bigint not null default 0
  slices_reread bigint not null default 0
  shard_of uuid
  split_at timestamp with time zone
  recounts_missed bigint not null default 0
  constraint log_sources_allowed_lateness_seconds_check CHECK (((allowed_lateness_seconds >= 0) AND (allowed_lateness_seconds <= 3600)))
  constraint log_sources_backfill_hours_check CHECK (((backfill_hours >= 0) AND (backfill_hours <= 720)))
  constraint log_sources_check CHECK (((clock_mode = 'wall'::text) OR (source_type = ANY (ARRAY['simulated'::text, 'replay'::text]))))
  constraint log_sources_check1 CHECK (((shard_of IS NULL) = (split_at IS NULL)))
  constraint log_sources_clock_mode_check CHECK ((clock_mode = ANY (ARRAY['wall'::text, 'log'::text])))
  constraint log_sources_read_lag_seconds_check CHECK (((read_lag_seconds >= 0) AND (read_lag_seconds <= 3600)))
  constraint log_sources_slice_seconds_check CHECK (((slice_seconds >= 1) AND (slice_seconds <= 60)))
  constraint log_sources_source_type_check CHECK ((source_type = ANY (ARRAY['push'::text, 'simulated'::text, 'replay'::text, 'elasticsearch'::text, 'opensearch'::text])))
  constraint log_sources_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
  constraint log_sources_tenant_id_shard_of_fkey FOREIGN KEY (tenant_id, shard_of) REFERENCES log_sources(tenant_id, id) ON DELETE CASCADE
  constraint log_sources_pkey PRIMARY KEY (id)
  constraint log_sources_tenant_id_id_key UNIQUE (tenant_id, id)
  constraint log_sources_tenant_id_name_key UNIQUE (tenant_id, name)
  policy sweeper_sees_due_work for select to seismolog_sweeper using (true)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant insert, select, update to seismolog_app
  grant select (id, tenant_id, name, source_type, is_enabled, slice_seconds, read_lag_seconds, allowed_lateness_seconds, clock_mode, clock_at, cursor_at, last_read_at, last_error_at, blind_since, lines_read, lines_late, updated_at, lines_unmined, slices_reread, recounts_missed) to seismolog_sweeper

table log_templates (row security forced)
  tenant_id uuid not null
  id bigint not null
  log_source_id uuid not null
  service_id uuid not null
  canonical_id bigint not null
  ordinal integer not null
  pattern text not null
  severity text not null
  version integer not null default 1
  status text not null default 'active'::text
  count bigint not null
  example text not null
  first_seen_at timestamp with time zone not null
  last_seen_at timestamp with time zone not null
  severity_counts bigint[] not null default '{0,0,0,0,0,0,0}'::bigint[]
  parameters jsonb
  embedding real[]
  first_release text
  split_of bigint
  merged_into bigint
  constraint log_templates_embedding_check CHECK ((cardinality(embedding) = 64))
  constraint log_templates_first_release_check CHECK ((length(first_release) <= 100))
  constraint log_templates_severity_counts_check CHECK ((cardinality(severity_counts) = 7))
  constraint log_templates_status_check CHECK ((status = ANY (ARRAY['active'::text, 'ignored'::text, 'merged'::text, 'evicted'::text])))
  constraint log_templates_tenant_id_log_source_id_fkey FOREIGN KEY (tenant_id, log_source_id) REFERENCES log_sources(tenant_id, id) ON DELETE CASCADE
  constraint log_templates_tenant_id_service_id_fkey FOREIGN KEY (tenant_id, service_id) REFERENCES services(tenant_id, id) ON DELETE CASCADE
  constraint log_templates_pkey PRIMARY KEY (tenant_id, id)
  constraint log_templates_log_source_id_service_id_ordinal_key UNIQUE (log_source_id, service_id, ordinal)
  CREATE INDEX log_templates_tenant_id_first_seen_at_id_idx ON public.log_templates USING btree (tenant_id, first_seen_at, id)
  CREATE INDEX log_templates_tenant_id_service_id_canonical_id_idx ON public.log_templates USING btree (tenant_id, service_id, canonical_id)
  CREATE INDEX log_templates_tenant_id_service_id_idx ON public.log_templates USING btree (tenant_id, service_id) WHERE (status = 'evicted'::text)
  CREATE INDEX log_templates_tenant_id_service_id_merged_into_idx ON public.log_templates USING btree (tenant_id, service_id, merged_into) WHERE (merged_into IS NOT NULL)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select, update to seismolog_app

table model_artifacts (row security forced)
  tenant_id uuid not null
  sha256 text not null
  content bytea not null
  created_at timestamp with time zone not null default now()
  constraint model_artifacts_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
  constraint model_artifacts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
  constraint model_artifacts_pkey PRIMARY KEY (tenant_id, sha256)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant insert, select to seismolog_app

table model_versions (row security forced)
  id uuid not null
  tenant_id uuid not null
  name text not null
  version integer not null
  model_type text not null
  artifact_path text not null
  card jsonb not null default '{}'::jsonb
  trained_until timestamp with time zone not null
  window_count integer not null
  is_active boolean not null default false
  created_at timestamp with time zone not null default now()
  constraint model_versions_version_check CHECK ((version > 0))
  constraint model_versions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
  constraint model_versions_pkey PRIMARY KEY (id)
  constraint model_versions_tenant_id_id_key UNIQUE (tenant_id, id)
  constraint model_versions_tenant_id_name_version_key UNIQUE (tenant_id, name, version)
  CREATE UNIQUE INDEX model_versions_one_active ON public.model_versions USING btree (tenant_id, name) WHERE is_active
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant insert, select, update (is_active) to seismolog_app

table roles (row security forced)
  id uuid not null default gen_random_uuid()
  tenant_id uuid not null
  name text not null
  permissions jsonb not null default '[]'::jsonb
  created_at timestamp with time zone not null default now()
  constraint roles_permissions_check CHECK ((jsonb_typeof(permissions) = 'array'::text))
  constraint roles_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
  constraint roles_pkey PRIMARY KEY (id)
  constraint roles_tenant_id_id_key UNIQUE (tenant_id, id)
  constraint roles_tenant_id_name_key UNIQUE (tenant_id, name)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select, update to seismolog_app

table schema_migrations (row security off)
  name text not null
  checksum text not null
  is_breaking boolean not null default false
  applied_at timestamp with time zone not null default now()
  constraint schema_migrations_pkey PRIMARY KEY (name)
  grant select to seismolog_sweeper

table services (row security forced)
  id uuid not null
  tenant_id uuid not null
  name text not null
  slug text not null
  environment text not null default 'default'::text
  created_at timestamp with time zone not null default now()
  updated_at timestamp with time zone not null default now()
  constraint services_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
  constraint services_pkey PRIMARY KEY (id)
  constraint services_tenant_id_id_key UNIQUE (tenant_id, id)
  constraint services_tenant_id_slug_environment_key UNIQUE (tenant_id, slug, environment)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant insert, select, update to seismolog_app

table slices (row security forced)
  tenant_id uuid not null
  log_source_id uuid not null
  slice_start timestamp with time zone not null
  slice_end timestamp with time zone not null
  state text not null
  fencing_token bigint not null
  lease_until timestamp with time zone
  lines bigint not null default 0
  read_count integer not null default 0
  completed_at timestamp with time zone
  recount_stage smallint not null default 0
  recount_at timestamp with time zone
  lines_mined bigint
  constraint slices_check CHECK ((slice_start < slice_end))
  constraint slices_state_check CHECK ((state = ANY (ARRAY['claimed'::text, 'done'::text])))
  constraint slices_tenant_id_log_source_id_fkey FOREIGN KEY (tenant_id, log_source_id) REFERENCES log_sources(tenant_id, id) ON DELETE CASCADE
  constraint slices_pkey PRIMARY KEY (log_source_id, slice_start)
  CREATE INDEX slices_log_source_id_recount_at_idx ON public.slices USING btree (log_source_id, recount_at) WHERE (recount_at IS NOT NULL)
  CREATE INDEX slices_tenant_id_slice_start_idx ON public.slices USING btree (tenant_id, slice_start)
  policy sweeper_sees_due_work for select to seismolog_sweeper using (true)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select, update to seismolog_app
  grant select (tenant_id, log_source_id, slice_start, state, lease_until, recount_at) to seismolog_sweeper

table template_events (row security forced)
  tenant_id uuid not null
  id bigint not null generated always as identity
  service_id uuid not null
  kind text not null
  template_id bigint not null
  into_id bigint
  token_index integer
  token text
  name text
  undoes_id bigint
  actor text not null
  created_at timestamp with time zone not null default now()
  constraint template_events_check CHECK (((into_id IS NOT NULL) = (kind = ANY (ARRAY['merge'::text, 'split'::text]))))
  constraint template_events_check1 CHECK (((token_index IS NOT NULL) = (kind = 'split'::text)))
  constraint template_events_check2 CHECK (((token IS NOT NULL) = (kind = 'split'::text)))
  constraint template_events_check3 CHECK (((length(name) <= 200) AND ((name IS NULL) OR (kind = 'rename'::text))))
  constraint template_events_check4 CHECK ((((undoes_id IS NOT NULL) = (kind = 'undo'::text)) AND (undoes_id < id)))
  constraint template_events_kind_check CHECK ((kind = ANY (ARRAY['merge'::text, 'rename'::text, 'pin'::text, 'unpin'::text, 'ignore'::text, 'unignore'::text, 'split'::text, 'undo'::text])))
  constraint template_events_tenant_id_service_id_fkey FOREIGN KEY (tenant_id, service_id) REFERENCES services(tenant_id, id) ON DELETE CASCADE
  constraint template_events_tenant_id_undoes_id_fkey FOREIGN KEY (tenant_id, undoes_id) REFERENCES template_events(tenant_id, id)
  constraint template_events_pkey PRIMARY KEY (tenant_id, id)
  CREATE INDEX template_events_tenant_id_service_id_id_idx ON public.template_events USING btree (tenant_id, service_id, id)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant insert, select to seismolog_app

table template_words (row security forced)
  tenant_id uuid not null
  word text not null
  template_id bigint not null
  constraint template_words_tenant_id_template_id_fkey FOREIGN KEY (tenant_id, template_id) REFERENCES log_templates(tenant_id, id) ON DELETE CASCADE
  constraint template_words_pkey PRIMARY KEY (tenant_id, word, template_id)
  CREATE INDEX template_words_tenant_id_template_id_idx ON public.template_words USING btree (tenant_id, template_id)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select to seismolog_app

table tenants (row security forced)
  id uuid not null default gen_random_uuid()
  slug text not null
  name text not null
  config jsonb not null default '{}'::jsonb
  created_at timestamp with time zone not null default now()
  updated_at timestamp with time zone not null default now()
  log_retention_days smallint
  constraint tenants_log_retention_days_check CHECK (((log_retention_days >= 1) AND (log_retention_days <= 90)))
  constraint tenants_slug_check CHECK ((slug ~ '^[a-z0-9_]{1,40}$'::text))
  constraint tenants_pkey PRIMARY KEY (id)
  constraint tenants_slug_key UNIQUE (slug)
  policy owner_bootstraps for all to owner using (true) with check (true)
  policy sweeper_sees_due_work for select to seismolog_sweeper using (true)
  policy tenant_isolation for all to seismolog_app using ((id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant select, update (name, config, updated_at, log_retention_days) to seismolog_app
  grant select (id, slug, log_retention_days) to seismolog_sweeper

table tiles (row security forced, partition by range (tile_start))
  tenant_id uuid not null
  service_id uuid not null
  log_source_id uuid not null
  slice_start timestamp with time zone not null
  tile_start timestamp with time zone not null
  lines integer not null
  second_counts integer[] not null
  template_ids bigint[] not null
  template_counts integer[] not null
  template_first_ms integer[] not null
  template_severities smallint[] not null
  template_value_counts integer[] not null
  template_value_logsums double precision[] not null
  constraint tiles_pkey PRIMARY KEY (service_id, tile_start, log_source_id, slice_start)
  CREATE INDEX tiles_log_source_id_slice_start_idx ON ONLY public.tiles USING btree (log_source_id, slice_start)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select, update to seismolog_app

table user_roles (row security forced)
  tenant_id uuid not null
  user_id uuid not null
  role_id uuid not null
  created_at timestamp with time zone not null default now()
  constraint user_roles_tenant_id_role_id_fkey FOREIGN KEY (tenant_id, role_id) REFERENCES roles(tenant_id, id) ON DELETE CASCADE
  constraint user_roles_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id) ON DELETE CASCADE
  constraint user_roles_pkey PRIMARY KEY (user_id, role_id)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select, update to seismolog_app

table users (row security forced)
  id uuid not null default gen_random_uuid()
  tenant_id uuid not null
  email text not null
  password_hash text not null
  is_active boolean not null default true
  created_at timestamp with time zone not null default now()
  updated_at timestamp with time zone not null default now()
  constraint users_email_check CHECK ((email = lower(email)))
  constraint users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE
  constraint users_pkey PRIMARY KEY (id)
  constraint users_tenant_id_email_key UNIQUE (tenant_id, email)
  constraint users_tenant_id_id_key UNIQUE (tenant_id, id)
  policy tenant_isolation for all to seismolog_app using ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id))) with check ((tenant_id = ( SELECT app_tenant_id() AS app_tenant_id)))
  grant delete, insert, select, update to seismolog_app

CREATE OR REPLACE FUNCTION public.app_tenant_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid

CREATE OR REPLACE FUNCTION public.assert_day_partitioned(parent text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  if parent is null or parent not in ('embedded_logs', 'tiles', 'feature_windows') then
    raise exception 'not a day-partitioned table: %', parent using errcode = 'invalid_parameter_value';
  end if;
end
$function$

CREATE OR REPLACE FUNCTION public.drop_day_partitions(parent text, before date)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  partition record;
  dropped integer := 0;
begin
  perform assert_day_partitioned(parent);
  -- Detaching needs a lock that nobody else holds: better to fail and come back than to hold up readers and writers.
  set local lock_timeout = '3s';
  perform pg_advisory_xact_lock(hashtext('seismolog day partitions'));
  for partition in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = to_regclass(parent) and c.relname ~ ('^' || parent || '_[0-9]{8}$')
      and to_date(right(c.relname, 8), 'YYYYMMDD') < before
    order by c.relname
  loop
    execute format('alter table %I detach partition %I', parent, partition.relname);
    execute format('drop table %I', partition.relname);
    dropped := dropped + 1;
  end loop;
  return dropped;
end
$function$
  grant execute to seismolog_app

CREATE OR REPLACE FUNCTION public.ensure_day_partitions(parent text, days date[])
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  day date;
  made integer := 0;
begin
  perform assert_day_partitioned(parent);
  if cardinality(days) > 400 then
    raise exception 'more than 400 days at once' using errcode = 'invalid_parameter_value';
  end if;
  foreach day in array days loop
    if to_regclass(format('%I', parent || '_' || to_char(day, 'YYYYMMDD'))) is null then
      perform pg_advisory_xact_lock(hashtext('seismolog day partitions'));
      -- Asked of the table itself: to_regclass answers from a cache that waiting for the lock did not refresh.
      if not exists (select from pg_class where relname = parent || '_' || to_char(day, 'YYYYMMDD')
                       and relnamespace = 'public'::regnamespace) then
        -- Made beside the parent and then attached: `partition of` would wait for every reader of the parent, and all
        -- readers and writers after it would wait behind it.
        execute format('create table %I (like %I including defaults including constraints including storage)',
          parent || '_' || to_char(day, 'YYYYMMDD'), parent);
        execute format('alter table %I attach partition %I for values from (%L) to (%L)',
          parent, parent || '_' || to_char(day, 'YYYYMMDD'),
          day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
        made := made + 1;
      end if;
    end if;
  end loop;
  return made;
end
$function$
  grant execute to seismolog_app

CREATE OR REPLACE FUNCTION public.let_sweeper_see(table_name regclass, columns text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  execute format('create policy sweeper_sees_due_work on %s for select to seismolog_sweeper using (true)', table_name);
  execute format('grant select (%s) on %s to seismolog_sweeper', columns, table_name);
end
$function$

CREATE OR REPLACE FUNCTION public.protect_tenant_table(table_name regclass)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  execute format('alter table %s enable row level security', table_name);
  execute format('alter table %s force row level security', table_name);
  execute format(
    'create policy tenant_isolation on %s to seismolog_app using (tenant_id = (select app_tenant_id())) with check (tenant_id = (select app_tenant_id()))',
    table_name);
end
$function$
