import type { Template } from './template-leaf.ts';

/** What is kept of the template of a masked line. */
interface Cached {
  readonly template: Template;
}

/** Exact masked lines seen before and what is kept of their templates: most lines never reach the tree. */
export interface SkeletonCache<Entry extends Cached> {
  /** What was set for the line with this hash, or null if it is not known or the tree changed since. */
  get(low: number, high: number): Entry | null;
  set(low: number, high: number, entry: Entry): void;
  /** Entries pushed out by others so far. */
  readonly evictions: number;
}

/**
 * Two-way associative by hash, the older of the two goes first, so its size is fixed and a look-up makes no objects.
 * An entry holds only while nothing changed in its branch of the tree: a hit is what the tree itself would say.
 * The key is the 64-bit hash alone: two lines of equal hash (chance 1 in 2^64 a pair) would count as one template.
 * @param size number of entries, a power of two
 */
export function createSkeletonCache<Entry extends Cached>(size: number): SkeletonCache<Entry> {
  const lows = new Int32Array(size);
  const highs = new Int32Array(size);
  const generations = new Int32Array(size).fill(-1);
  const entries: (Entry | null)[] = new Array<Entry | null>(size).fill(null);
  const newer = new Uint8Array(size >> 1);
  let evictions = 0;
  const matches = (slot: number, low: number, high: number) =>
    lows[slot] === low && highs[slot] === high && entries[slot] !== null;

  return {
    get(low, high) {
      const pair = (low ^ (high >>> 16)) & ((size >> 1) - 1);
      for (let way = 0; way < 2; way++) {
        const slot = pair * 2 + way;
        const entry = entries[slot] as Entry | null;
        if (entry === null || !matches(slot, low, high)) continue;
        newer[pair] = way;
        return generations[slot] === entry.template.branch.generation ? entry : null;
      }
      return null;
    },
    set(low, high, entry) {
      const pair = (low ^ (high >>> 16)) & ((size >> 1) - 1);
      let way = matches(pair * 2, low, high) ? 0 : matches(pair * 2 + 1, low, high) ? 1 : -1;
      if (way < 0) {
        way = entries[pair * 2] === null ? 0 : 1 - (newer[pair] as number);
        if (entries[pair * 2 + way] !== null) evictions++;
      }
      const slot = pair * 2 + way;
      newer[pair] = way;
      lows[slot] = low;
      highs[slot] = high;
      generations[slot] = entry.template.branch.generation;
      entries[slot] = entry;
    },
    get evictions() {
      return evictions;
    },
  };
}
