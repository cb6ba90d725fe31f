import type { Template } from './drain.ts';

/** Exact masked lines seen before and their templates: most lines never reach the tree. */
export interface SkeletonCache {
  /** Template of the line with this hash, or null if it is not known or the tree changed since. */
  get(low: number, high: number): Template | null;
  set(low: number, high: number, template: Template): void;
  /** Entries pushed out by others so far. */
  readonly evictions: number;
}

/**
 * Two-way associative by hash, the older of the two goes first, so its size is fixed and a look-up makes no objects.
 * An entry holds only while nothing changed in its branch of the tree: a hit is what the tree itself would say.
 * The key is the 64-bit hash alone: two lines of equal hash (chance 1 in 2^64 a pair) would count as one template.
 * @param size number of entries, a power of two
 */
export function createSkeletonCache(size: number): SkeletonCache {
  const lows = new Int32Array(size);
  const highs = new Int32Array(size);
  const generations = new Int32Array(size).fill(-1);
  const templates: (Template | null)[] = new Array<Template | null>(size).fill(null);
  const newer = new Uint8Array(size >> 1);
  let evictions = 0;
  const matches = (slot: number, low: number, high: number) =>
    lows[slot] === low && highs[slot] === high && templates[slot] !== null;

  return {
    get(low, high) {
      const pair = (low ^ (high >>> 16)) & ((size >> 1) - 1);
      for (let way = 0; way < 2; way++) {
        const slot = pair * 2 + way;
        const template = templates[slot] as Template | null;
        if (template === null || !matches(slot, low, high)) continue;
        newer[pair] = way;
        return generations[slot] === template.branch.generation ? template : null;
      }
      return null;
    },
    set(low, high, template) {
      const pair = (low ^ (high >>> 16)) & ((size >> 1) - 1);
      let way = matches(pair * 2, low, high) ? 0 : matches(pair * 2 + 1, low, high) ? 1 : -1;
      if (way < 0) {
        way = templates[pair * 2] === null ? 0 : 1 - (newer[pair] as number);
        if (templates[pair * 2 + way] !== null) evictions++;
      }
      const slot = pair * 2 + way;
      newer[pair] = way;
      lows[slot] = low;
      highs[slot] = high;
      generations[slot] = template.branch.generation;
      templates[slot] = template;
    },
    get evictions() {
      return evictions;
    },
  };
}
