/** One isolation tree as flat arrays; node 0 is the root. A leaf has feature -1 and its path length in `value`. */
export interface Tree {
  feature: number[];
  /** Threshold (a float32: ONNX compares in float32) of an inner node, path length of a leaf. */
  value: number[];
  left: number[];
  right: number[];
}

export interface Forest {
  width: number;
  sample_size: number;
  trees: Tree[];
}

export interface ForestOptions {
  seed: number;
  trees: number;
  sample_size: number;
}

export const FOREST_OPTIONS: ForestOptions = { seed: 20080815, trees: 100, sample_size: 256 };

/** Mean path length of an unsuccessful search in a binary tree of n points: c(n) of Liu et al., ICDM 2008. */
export function averagePath(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + 0.5772156649015329) - (2 * (n - 1)) / n;
}

/** Mulberry32: a small generator with a 32-bit state, so training is the same everywhere. Uniform in [0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Trains an isolation forest (Liu, Ting, Zhou, ICDM 2008).
 * @param rows float32 vectors of equal width, at least two
 * @throws RangeError when there are fewer than two rows
 */
export function trainForest(rows: Float32Array[], options: ForestOptions = FOREST_OPTIONS): Forest {
  if (rows.length < 2) throw new RangeError('a forest needs at least two rows');
  const random = randomFrom(options.seed);
  const sampleSize = Math.min(options.sample_size, rows.length);
  const depthLimit = Math.ceil(Math.log2(sampleSize));
  const trees = Array.from({ length: options.trees }, () =>
    growTree(sample(rows, sampleSize, random), depthLimit, random),
  );
  return { width: rows[0]!.length, sample_size: sampleSize, trees };
}

/** Draws without replacement: a partial Fisher–Yates shuffle of the indices. */
function sample(rows: Float32Array[], size: number, random: () => number): Float32Array[] {
  const indices = Uint32Array.from(rows, (_, index) => index);
  return Array.from({ length: size }, (_, index) => {
    const other = index + Math.floor(random() * (rows.length - index));
    [indices[index], indices[other]] = [indices[other]!, indices[index]!];
    return rows[indices[index]!]!;
  });
}

function growTree(rows: Float32Array[], depthLimit: number, random: () => number): Tree {
  const tree: Tree = { feature: [], value: [], left: [], right: [] };
  const grow = (members: Float32Array[], depth: number): number => {
    const node = tree.feature.push(-1) - 1;
    tree.value.push(depth + averagePath(members.length));
    tree.left.push(0);
    tree.right.push(0);
    const split = depth >= depthLimit ? null : chooseSplit(members, random);
    if (split === null) return node;
    tree.feature[node] = split.feature;
    tree.value[node] = split.threshold;
    tree.left[node] = grow(
      members.filter((row) => row[split.feature]! < split.threshold),
      depth + 1,
    );
    tree.right[node] = grow(
      members.filter((row) => row[split.feature]! >= split.threshold),
      depth + 1,
    );
    return node;
  };
  grow(rows, 0);
  return tree;
}

/** A random threshold of a random feature that varies among the members; null when none does. */
function chooseSplit(
  members: Float32Array[],
  random: () => number,
): { feature: number; threshold: number } | null {
  const varying: { feature: number; least: number; most: number }[] = [];
  for (let feature = 0; feature < (members[0]?.length ?? 0); feature++) {
    let least = Infinity;
    let most = -Infinity;
    for (const row of members) {
      least = Math.min(least, row[feature]!);
      most = Math.max(most, row[feature]!);
    }
    if (most > least) varying.push({ feature, least, most });
  }
  if (varying.length === 0) return null;
  const { feature, least, most } = varying[Math.floor(random() * varying.length)]!;
  const threshold = Math.fround(least + (most - least) * random());
  // Rounding may meet the least value, which would leave one side empty.
  return { feature, threshold: threshold > least ? threshold : most };
}

/** Anomaly score 2^(-mean path / c(n)) in (0, 1); higher is more isolated. */
export function forestScore(forest: Forest, row: ArrayLike<number>): number {
  let sum = 0;
  for (const tree of forest.trees) {
    let node = 0;
    while (tree.feature[node]! >= 0)
      node =
        Math.fround(row[tree.feature[node]!]!) < tree.value[node]! ? tree.left[node]! : tree.right[node]!;
    sum += tree.value[node]!;
  }
  return 2 ** (-sum / forest.trees.length / averagePath(forest.sample_size));
}
