-- Rows of templates that were decided about before 0011 say so, too. What the events of a service come to is folded as
-- templates/template-edits.ts does.

-- The owner sees no rows under forced row security.
alter table log_templates no force row level security;
alter table template_events no force row level security;

create temporary table effective (like template_events) on commit drop;
-- Each merged template with the one that its lines count as: never a chain.
create temporary table redirects (service_id uuid, id bigint, into_id bigint, primary key (service_id, id)) on commit drop;

do $$
declare
  event template_events;
  undone bigint[] := '{}';
  root bigint;
  target bigint;
begin
  -- An undo that is undone itself undoes nothing.
  for event in select * from template_events order by id desc loop
    if event.id = any(undone) then continue; end if;
    if event.kind = 'undo' then undone := undone || event.undoes_id;
    else insert into effective select event.*; end if;
  end loop;
  -- Merges first; then what was split off and is no more is joined with what it came from.
  for event in
    select * from (
      select * from effective where kind = 'merge'
      union all
      select s.* from template_events s where s.kind = 'split' and not exists (select from effective e
        where e.kind = 'split' and e.service_id = s.service_id and e.template_id = s.template_id and e.into_id = s.into_id)
    ) as links order by kind = 'split', id
  loop
    if event.kind = 'merge' then
      root := event.template_id;
      target := event.into_id;
    else
      root := event.into_id;
      target := event.template_id;
      if exists (select from redirects r where r.service_id = event.service_id and r.id = root) then continue; end if;
    end if;
    root := coalesce((select r.into_id from redirects r where r.service_id = event.service_id and r.id = root), root);
    target := coalesce((select r.into_id from redirects r where r.service_id = event.service_id and r.id = target), target);
    if root <> target then
      update redirects r set into_id = target where r.service_id = event.service_id and r.into_id = root;
      insert into redirects values (event.service_id, root, target);
    end if;
  end loop;
end $$;

with ignored as (
  select service_id, template_id as id from (
    select distinct on (service_id, template_id) * from effective where kind in ('ignore', 'unignore')
    order by service_id, template_id, id desc) as last_events
  where kind = 'ignore'),
decided as (
  select t.tenant_id, t.id, case
      when exists (select from ignored i where i.service_id = t.service_id and i.id in (t.canonical_id, r.into_id)) then 'ignored'
      when r.into_id is not null then 'merged' else 'active' end as status
  from log_templates t left join redirects r on r.service_id = t.service_id and r.id = t.canonical_id
  where t.merged_into is null and t.status <> 'evicted')
update log_templates t set status = decided.status from decided
where t.tenant_id = decided.tenant_id and t.id = decided.id and t.status <> decided.status;

alter table template_events force row level security;
alter table log_templates force row level security;
