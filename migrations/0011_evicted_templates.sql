-- Status is kept true from now on: the miner says what was merged or evicted, each event what people decided.
alter table log_templates
  drop constraint log_templates_status_check,
  add constraint log_templates_status_check check (status in ('active', 'ignored', 'merged', 'evicted'));
comment on column log_templates.status is 'merged and evicted by the miner first, then what people decided: see templates/template-edits.ts.';

-- The owner sees no rows under forced row security.
alter table log_templates no force row level security;
update log_templates set status = 'merged' where merged_into is not null;
alter table log_templates force row level security;

create index on log_templates (tenant_id, service_id) where status = 'evicted';
