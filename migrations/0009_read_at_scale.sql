-- Reading sources of any size, from clusters that may go away.

alter table log_sources
  -- A source that is added is read from this long ago; null reads from its first line.
  add column backfill_hours integer check (backfill_hours between 0 and 720),
  -- Where reading began, and when (wall clock): with cursor_at they give progress and time to go.
  add column read_from timestamptz,
  add column first_read_at timestamptz,
  -- Lines that were counted but, in a slice with too many of them, not mined.
  add column lines_unmined bigint not null default 0,
  add column slices_reread bigint not null default 0,
  -- A shard reads some services of the source that it was split from, from split_at on.
  add column shard_of uuid,
  add column split_at timestamptz,
  add foreign key (tenant_id, shard_of) references log_sources (tenant_id, id) on delete cascade,
  add check ((shard_of is null) = (split_at is null));
grant select (name, lines_read, lines_late, lines_unmined, slices_reread, last_error_at, last_read_at) on log_sources to seismolog_sweeper;

-- Which services a shard reads; the source that it was split from takes the rest.
create table log_source_shards (
  tenant_id uuid not null,
  log_source_id uuid not null,
  service_id uuid not null,
  primary key (log_source_id, service_id),
  foreign key (tenant_id, log_source_id) references log_sources (tenant_id, id) on delete cascade,
  foreign key (tenant_id, service_id) references services (tenant_id, id) on delete cascade
);
select protect_tenant_table('log_source_shards');
grant select, insert, delete on log_source_shards to seismolog_app;

alter table slices
  -- Lines that were mined; fewer than lines when the slice was sampled.
  add column lines_mined bigint;

-- Spans in which a source could not be read, or had lines held up by that: windows that touch one are blind, and are
-- never judged silent. Written when the source can be read again, before the windows in between are judged.
create table blind_spans (
  tenant_id uuid not null,
  log_source_id uuid not null,
  blind_from timestamptz not null,
  blind_until timestamptz not null,
  reason text not null,
  primary key (log_source_id, blind_from),
  foreign key (tenant_id, log_source_id) references log_sources (tenant_id, id) on delete cascade,
  check (blind_from < blind_until)
);
create index on blind_spans (tenant_id, blind_until);
select protect_tenant_table('blind_spans');
grant select, insert, update, delete on blind_spans to seismolog_app;
