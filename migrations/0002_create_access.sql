create table tenants (
  id uuid primary key default gen_random_uuid(),
  -- No `-`: one tenant's index pattern logs-{slug}-2* must not match another's.
  slug text not null unique check (slug ~ '^[a-z0-9_]{1,40}$'),
  name text not null,
  config jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table tenants enable row level security;
alter table tenants force row level security;
create policy tenant_isolation on tenants to seismolog_app using (id = (select app_tenant_id())) with check (id = (select app_tenant_id()));
-- The owner makes tenants (bootstrap); it is no superuser everywhere, and the policy is forced on it, too.
create policy owner_bootstraps on tenants to current_user using (true) with check (true);
select let_sweeper_see('tenants', 'id, slug');
grant select, update (name, config, updated_at) on tenants to seismolog_app;

create table roles (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants on delete cascade,
  name text not null,
  permissions jsonb not null default '[]' check (jsonb_typeof(permissions) = 'array'),
  created_at timestamptz not null default now(),
  unique (tenant_id, name),
  unique (tenant_id, id)
);
select protect_tenant_table('roles');
grant select, insert, update, delete on roles to seismolog_app;

create table users (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants on delete cascade,
  email text not null check (email = lower(email)),
  password_hash text not null,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (tenant_id, email),
  unique (tenant_id, id)
);
select protect_tenant_table('users');
grant select, insert, update, delete on users to seismolog_app;

create table user_roles (
  tenant_id uuid not null,
  user_id uuid not null,
  role_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (user_id, role_id),
  -- The tenant is part of both keys, so a role of one tenant can not be given to a user of another.
  foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade,
  foreign key (tenant_id, role_id) references roles (tenant_id, id) on delete cascade
);
select protect_tenant_table('user_roles');
grant select, insert, update, delete on user_roles to seismolog_app;

create table api_keys (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants on delete cascade,
  name text not null,
  -- SHA-256 of a 256-bit random key: a fast hash is enough, there is nothing to guess.
  key_hash bytea not null unique check (length(key_hash) = 32),
  key_prefix text not null,
  permissions jsonb not null check (jsonb_typeof(permissions) = 'array'),
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  unique (tenant_id, name)
);
select protect_tenant_table('api_keys');
select let_sweeper_see('api_keys', 'id, tenant_id, key_hash, expires_at, revoked_at');
grant select, insert, update (revoked_at) on api_keys to seismolog_app;
