-- Re-counts of one source do not keep those of others waiting, and what could not be re-counted is shown.

alter table log_sources
  -- Re-counts that were never made: their slice expired first, or the source was changed to select other documents.
  add column recounts_missed bigint not null default 0;
grant select (recounts_missed) on log_sources to seismolog_sweeper;

-- The first due re-counts of each source are looked for.
create index on slices (log_source_id, recount_at) where recount_at is not null;
drop index slices_recount_at_idx;
