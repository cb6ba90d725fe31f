import { dateFilter } from './date-filter.ts';
import { dissectFilter } from './dissect-filter.ts';
import { type FilterMaker } from './filter-context.ts';
import { fingerprintFilter } from './fingerprint-filter.ts';
import { grokFilter } from './grok-filter.ts';
import { jsonFilter } from './json-filter.ts';
import { kvFilter } from './kv-filter.ts';
import { mutateFilter } from './mutate-filter.ts';
import { cloneFilter, dropFilter, pruneFilter, truncateFilter, uuidFilter } from './small-filters.ts';
import { translateFilter } from './translate-filter.ts';

/** Every filter that the interpreter executes; its options stand in `options/filter-options.ts`. */
export const FILTER_MAKERS: Record<string, FilterMaker> = {
  clone: cloneFilter,
  date: dateFilter,
  dissect: dissectFilter,
  drop: dropFilter,
  fingerprint: fingerprintFilter,
  grok: grokFilter,
  json: jsonFilter,
  kv: kvFilter,
  mutate: mutateFilter,
  prune: pruneFilter,
  translate: translateFilter,
  truncate: truncateFilter,
  uuid: uuidFilter,
};
