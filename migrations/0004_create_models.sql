-- Artefacts are bytes in the database, so every machine sees the same; artifact_path = 'db:' || sha256.
create table model_artifacts (
  tenant_id uuid not null references tenants on delete cascade,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  content bytea not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, sha256)
);
select protect_tenant_table('model_artifacts');
grant select, insert on model_artifacts to seismolog_app;

create table model_versions (
  id uuid primary key,
  tenant_id uuid not null references tenants on delete cascade,
  name text not null,
  version integer not null check (version > 0),
  model_type text not null,
  artifact_path text not null,
  -- What the detector must know to run and explain the graph (feature names, trees, training range).
  card jsonb not null default '{}',
  trained_until timestamptz not null,
  window_count integer not null,
  is_active boolean not null default false,
  created_at timestamptz not null default now(),
  unique (tenant_id, name, version),
  unique (tenant_id, id)
);
create unique index model_versions_one_active on model_versions (tenant_id, name) where is_active;
select protect_tenant_table('model_versions');
grant select, insert, update (is_active) on model_versions to seismolog_app;
