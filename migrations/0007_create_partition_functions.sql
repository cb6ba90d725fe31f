-- Run as their owner, because the application role owns nothing. The parent must be one of three names.
create function assert_day_partitioned(parent text) returns void
  language plpgsql as $$
begin
  if parent is null or parent not in ('embedded_logs', 'tiles', 'feature_windows') then
    raise exception 'not a day-partitioned table: %', parent using errcode = 'invalid_parameter_value';
  end if;
end
$$;

-- Makes the partition of each given UTC day that is missing. Partitions carry no grants of their own.
create function ensure_day_partitions(parent text, days date[]) returns integer
  language plpgsql security definer set search_path = public, pg_temp as $$
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
$$;

-- Detaches and drops whole days before the given one. Pointers into them must have been emptied first:
-- a day that something still points into is refused by its foreign key, and nothing is lost.
create function drop_day_partitions(parent text, before date) returns integer
  language plpgsql security definer set search_path = public, pg_temp as $$
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
$$;

revoke all on function ensure_day_partitions(text, date[]), drop_day_partitions(text, date) from public;
grant execute on function ensure_day_partitions(text, date[]), drop_day_partitions(text, date) to seismolog_app;
revoke all on function protect_tenant_table(regclass), let_sweeper_see(regclass, text) from public;
