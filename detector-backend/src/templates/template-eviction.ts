/** What decides the order in which templates leave a full tree. Rows keep all of it. */
interface Aged {
  readonly is_edited: boolean;
  readonly last_seen_at: number;
  readonly ordinal: number;
}

/**
 * The templates that were seen last longest ago, `count` of them or all; those that people decided about come after all
 * others, and of equal ones the first by `ordinal` comes first.
 */
export function leastRecent<Template extends Aged>(templates: Template[], count: number): Template[] {
  return count > 0 ? templates.toSorted(byAge).slice(0, count) : [];
}

const byAge = (a: Aged, b: Aged): number =>
  Number(a.is_edited) - Number(b.is_edited) ||
  compare(a.last_seen_at, b.last_seen_at) ||
  a.ordinal - b.ordinal;

// Not by difference: what has no line yet is at -Infinity.
const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
