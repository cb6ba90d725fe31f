/**
 * Quantiles of numbers in bounded memory: counts in bins that grow by a constant factor, after Masson, Rim, Lee: DDSketch
 * (PVLDB 12, 2019), and mirrored ones for negative numbers, as there. A quantile is off by at most {@link ACCURACY} of its
 * value; beyond {@link MAX_BINS} bins of one sign those next to 0 are joined, so among numbers that differ by more than a
 * factor of about 10,000 the small ones are taken for larger ones. Plain JSON.
 */
export interface QuantileSketch {
  count: number;
  min: number;
  max: number;
  /** Values at or below 0: those that are in no bin of `negative_bins` are 0. */
  not_positive: number;
  /** [bin, count], by bin. Bin i holds the values in (G^(i-1), G^i]. */
  bins: Bins;
  /** The same of the negative values without their sign; left out when there is none. */
  negative_bins?: Bins;
}

type Bins = [bin: number, count: number][];

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
  if (value > 0) addToBin(sketch.bins, binOf(value), 1);
  else if (value < 0) addToBin((sketch.negative_bins ??= []), binOf(-value), 1);
}

const binOf = (value: number): number => Math.ceil(Math.log(value) / LOG_GROWTH);

/** The sketch of the values of both. The order of joining does not matter, as long as no bins had to be joined. */
export function joinSketches(a: QuantileSketch, b: QuantileSketch): QuantileSketch {
  const joined: QuantileSketch = {
    count: a.count + b.count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    not_positive: a.not_positive + b.not_positive,
    bins: joinBins(a.bins, b.bins),
  };
  if (a.negative_bins || b.negative_bins)
    joined.negative_bins = joinBins(a.negative_bins ?? [], b.negative_bins ?? []);
  return joined;
}

function joinBins(a: Bins, b: Bins): Bins {
  const joined = a.map(([bin, count]): Bins[number] => [bin, count]);
  for (const [bin, count] of b) addToBin(joined, bin, count);
  return joined;
}

/** The value that the share `q` (0–1) of all values does not exceed, within [min, max]; null when there is none. */
export function quantile(sketch: QuantileSketch, q: number): number | null {
  if (sketch.count === 0) return null;
  let rank = q * (sketch.count - 1);
  for (const [value, count] of ascending(sketch)) {
    rank -= count;
    if (rank < 0) return Math.min(sketch.max, Math.max(sketch.min, value));
  }
  return sketch.max;
}

function ascending({ bins, negative_bins = [], not_positive }: QuantileSketch): Bins {
  const zeros = negative_bins.reduce((left, [, count]) => left - count, not_positive);
  return [
    ...negative_bins.map(([bin, count]): Bins[number] => [-middleOf(bin), count]).reverse(),
    [0, zeros],
    ...bins.map(([bin, count]): Bins[number] => [middleOf(bin), count]),
  ];
}

/** In the sense of relative error. */
const middleOf = (bin: number): number => Math.exp(bin * LOG_GROWTH) * (1 - ACCURACY);

function addToBin(bins: Bins, bin: number, count: number): void {
  let at = bins.length;
  while (at > 0 && (bins[at - 1] as [number, number])[0] >= bin) at--;
  const there = bins[at];
  if (there?.[0] === bin) there[1] += count;
  else bins.splice(at, 0, [bin, count]);
  if (bins.length <= MAX_BINS) return;
  const [[, lowest] = [0, 0]] = bins.splice(0, 1);
  (bins[0] as [number, number])[1] += lowest;
}
