-- Templates that the miner merged: all came to the same pattern, the first gets their lines.

alter table log_templates
  -- Id of the template that gets the lines since; never one that was merged itself.
  add column merged_into bigint;

-- The owner sees no rows under forced row security.
alter table log_templates no force row level security;
update log_templates t set merged_into = first.id
from (
  select distinct on (tenant_id, log_source_id, service_id, pattern) tenant_id, log_source_id, service_id, pattern, id, ordinal
  from log_templates where split_of is null
  order by tenant_id, log_source_id, service_id, pattern, ordinal
) first
where t.tenant_id = first.tenant_id and t.log_source_id = first.log_source_id and t.service_id = first.service_id
  and t.pattern = first.pattern and t.split_of is null and t.ordinal > first.ordinal;
update log_templates t set first_seen_at = least(t.first_seen_at, merged.first_seen_at)
from (select tenant_id, merged_into, min(first_seen_at) as first_seen_at from log_templates group by tenant_id, merged_into) merged
where t.tenant_id = merged.tenant_id and t.id = merged.merged_into;
alter table log_templates force row level security;

create index on log_templates (tenant_id, service_id, merged_into) where merged_into is not null;
