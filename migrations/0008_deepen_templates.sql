-- Lines of each severity rank (unknown 0 … fatal 6).
alter table log_templates
  add column severity_counts bigint[] not null default '{0,0,0,0,0,0,0}' check (cardinality(severity_counts) = 7);
-- Values at the placeholders of the pattern: kinds, units, few values, quantile sketches (templates/parameters.ts).
alter table log_templates add column parameters jsonb;
-- Unit vector of the pattern: what it resembles (templates/embedding.ts).
alter table log_templates add column embedding real[] check (cardinality(embedding) = 64);
-- Release that the first line named.
alter table log_templates add column first_release text check (length(first_release) <= 100);
-- The template of the same tree that a person split this one off: no line finds it by the tree itself.
alter table log_templates add column split_of bigint;
create index on log_templates (tenant_id, first_seen_at, id);
comment on column log_templates.status is 'Not used: what people decided follows from template_events.';

-- Words of the first pattern and the example, in lower case. A table of its own, since below row policies an index serves
-- comparisons of text, but neither full-text search nor LIKE. A pattern that becomes more general only loses words.
create table template_words (
  tenant_id uuid not null,
  word text collate "C" not null,
  template_id bigint not null,
  primary key (tenant_id, word, template_id),
  foreign key (tenant_id, template_id) references log_templates (tenant_id, id) on delete cascade
);
create index on template_words (tenant_id, template_id);
select protect_tenant_table('template_words');
grant select, insert, delete on template_words to seismolog_app;

insert into template_words (tenant_id, word, template_id)
select distinct t.tenant_id, left(word, 40), t.id
from log_templates t, regexp_split_to_table(lower(left(t.pattern, 2048) || ' ' || t.example), '[^[:alnum:]]+') as word
where word <> '';

-- What people decided about templates, in the order of `id`. Append-only: an undo is an event, too. Template ids here are
-- service-wide ones (log_templates.canonical_id as mined), so an edit holds in every log source of the service.
create table template_events (
  tenant_id uuid not null,
  id bigint generated always as identity,
  service_id uuid not null,
  kind text not null check (kind in ('merge', 'rename', 'pin', 'unpin', 'ignore', 'unignore', 'split', 'undo')),
  template_id bigint not null,
  -- What it was merged into, or the service-wide id of what was split off.
  into_id bigint check ((into_id is not null) = (kind in ('merge', 'split'))),
  -- Lines whose word at this place (from 0) is this one are split off.
  token_index integer check ((token_index is not null) = (kind = 'split')),
  token text check ((token is not null) = (kind = 'split')),
  name text check (length(name) <= 200 and (name is null or kind = 'rename')),
  undoes_id bigint check ((undoes_id is not null) = (kind = 'undo') and undoes_id < id),
  actor text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, service_id) references services (tenant_id, id) on delete cascade,
  foreign key (tenant_id, undoes_id) references template_events (tenant_id, id)
);
create index on template_events (tenant_id, service_id, id);
select protect_tenant_table('template_events');
grant select, insert on template_events to seismolog_app;
