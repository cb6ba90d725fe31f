/**
 * Quantiles of numbers in bounded memory: counts in bins that grow by a constant factor, after Masson, Rim, Lee: DDSketch
 * (PVLDB 12, 2019). A quantile is off by at most {@link ACCURACY} of its value; beyond {@link MAX_BINS} bins the lowest are
 * joined, so low quantiles of numbers that differ by more than a factor of about 10,000 are too high. Plain JSON.
 */
export interface QuantileSketch {
  count: number;
  min: number;
  max: number;
  /** Values at or below 0: kept by their number only. */
  not_positive: number;
  /** [bin, count], by bin. Bin i holds the values in (G^(i-1), G^i]. */
  bins: [number, number][];
}

export const ACCURACY = 0.03;
export const MAX_BINS = 160;
const LOG_GROWTH = Math.log((1 + ACCURACY) / (1 - ACCURACY));

export const createSketch = (): QuantileSketch => ({
  count: 0,
  min: Infinity,
  max: -Infinity,
  not_positive: 0,
  bins: [],
});

/** Adds a finite number (mutates). */
export function addValue(sketch: QuantileSketch, value: number): void {
  sketch.count++;
  sketch.min = Math.min(sketch.min, value);
  sketch.max = Math.max(sketch.max, value);
  if (value <= 0) sketch.not_positive++;
  else addToBin(sketch, Math.ceil(Math.log(value) / LOG_GROWTH), 1);
}

/** The sketch of the values of both. The order of joining does not matter, as long as no bins had to be joined. */
export function joinSketches(a: QuantileSketch, b: QuantileSketch): QuantileSketch {
  const joined: QuantileSketch = {
    count: a.count + b.count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    not_positive: a.not_positive + b.not_positive,
    bins: a.bins.map(([bin, count]) => [bin, count]),
  };
  for (const [bin, count] of b.bins) addToBin(joined, bin, count);
  return joined;
}

/** The value that the share `q` (0–1) of all values does not exceed, within [min, max]; null when there is none. */
export function quantile(sketch: QuantileSketch, q: number): number | null {
  if (sketch.count === 0) return null;
  let rank = q * (sketch.count - 1) - sketch.not_positive;
  if (rank < 0) return Math.min(0, sketch.max);
  for (const [bin, count] of sketch.bins) {
    rank -= count;
    // The middle of the bin in the sense of relative error.
    const value = Math.exp(bin * LOG_GROWTH) * (1 - ACCURACY);
    if (rank < 0) return Math.min(sketch.max, Math.max(sketch.min, value));
  }
  return sketch.max;
}

function addToBin({ bins }: QuantileSketch, bin: number, count: number): void {
  let at = bins.length;
  while (at > 0 && (bins[at - 1] as [number, number])[0] >= bin) at--;
  const there = bins[at];
  if (there?.[0] === bin) there[1] += count;
  else bins.splice(at, 0, [bin, count]);
  if (bins.length <= MAX_BINS) return;
  const [[, lowest] = [0, 0]] = bins.splice(0, 1);
  (bins[0] as [number, number])[1] += lowest;
}
