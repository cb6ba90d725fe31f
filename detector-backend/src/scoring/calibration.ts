import { MARGINS, NO_CAP, TAIL_SHARE, uncalibratedRow } from '../models/ensemble.ts';
import type { Score } from './score-schema.ts';

/** Bins of a margin's histogram: 0.1 nat wide near zero, growing by 2 % a bin. */
const BIN_NATS = 0.1;
const BIN_GROWTH = Math.log1p(0.02);
/** Memory of a calibration in minutes (half-life): older minutes fade. */
const HALF_LIFE_MINUTES = 2000;
/** The tail is fitted between these quantiles; what lies above the second is only counted (censored). */
const TAIL_FROM = 1 - TAIL_SHARE;
const TAIL_TO = 0.95;
/** Features are surprises in nats, so an exponential tail of scale 1 is the least that is believed. */
const LEAST_SCALE = 1;
/** Weight of minutes without which no tail is fitted. */
const LEAST_MINUTES = 20;
/** Minutes after which a margin counts fully. */
const MATURE_MINUTES = 100;
/** Before so many minutes p is not less than 1 / (n + 1). */
export const READY_MINUTES = 200;

/** Decayed histogram of the per-minute maxima of one margin: sparse bins as [bin, weight] pairs flattened. */
export interface MarginHistory {
  weight: number;
  bins: Record<string, number>;
}

/** The tail fits of one service. Plain data. `minutes` counts learned minutes, whatever their weight. */
export interface Calibration {
  version: 1;
  minutes: number;
  histories: MarginHistory[];
  /** What the detector needs: knot, slope below, slope above, cap of each margin. */
  row: number[];
}

const leastKnot = -Math.log(TAIL_SHARE);

/** p = exp(-margin), capped by what `minutes` allow. */
const uncalibrated = (minutes: number): number[] => [leastKnot, 1, 1 / LEAST_SCALE, cap(minutes)];
const cap = (minutes: number): number => (minutes < READY_MINUTES ? Math.log(minutes + 1) : NO_CAP);

export function createCalibration(): Calibration {
  return {
    version: 1,
    minutes: 0,
    histories: MARGINS.map(() => ({ weight: 0, bins: {} })),
    row: uncalibratedRow(cap(0)),
  };
}

const binOf = (margin: number): number =>
  Math.floor(Math.log1p((margin / BIN_NATS) * (Math.E ** BIN_GROWTH - 1)) / BIN_GROWTH);
const edgeOf = (bin: number): number =>
  (BIN_NATS * Math.expm1(bin * BIN_GROWTH)) / (Math.E ** BIN_GROWTH - 1);

/**
 * Learns one minute (mutates): the maxima of the margins over its edges, because overlapping edges alarm together.
 * Extremes need no exclusion: they are censored by the fit.
 * @param minute the scores of the minute's edges (six of them where none was skipped)
 * @param weight 0–1, like the baseline's
 */
export function learnCalibration(
  calibration: Calibration,
  minute: Pick<Score, 'margins'>[],
  weight: number,
): void {
  if (minute.length === 0 || weight <= 0) return;
  calibration.minutes += 1;
  // The first margins come from a baseline that knows little: they say nothing about later ones.
  const trust = weight * Math.min(1, calibration.minutes / MATURE_MINUTES) ** 2;
  const decay = 2 ** (-trust / HALF_LIFE_MINUTES);
  calibration.histories.forEach((history, head) => {
    const margins = minute.map((score) => score.margins[head]).filter((margin) => margin !== undefined);
    if (margins.length > 0) addToHistory(history, Math.max(...margins), trust, decay);
  });
  calibration.row = calibration.histories.flatMap((history) => fitTail(history, calibration.minutes));
}

const short = (value: number): number => Math.round(value * 1e5) / 1e5;

function addToHistory(history: MarginHistory, margin: number, weight: number, decay: number): void {
  for (const bin in history.bins) {
    const faded = short(history.bins[bin]! * decay);
    if (faded > 0.001) history.bins[bin] = faded;
    else delete history.bins[bin];
  }
  const bin = binOf(Math.max(0, margin));
  history.bins[bin] = short((history.bins[bin] ?? 0) + weight);
  history.weight = short(Object.values(history.bins).reduce((sum, value) => sum + value, 0));
}

/**
 * Exponential tail above the 85 % quantile u by maximum likelihood with censoring at the 95 % quantile c:
 * scale = (Σ(x-u) over (u, c] + n(>c)·(c-u)) / n(u, c]. Up to 5 % of contamination moves it little.
 */
function fitTail(history: MarginHistory, learned: number): number[] {
  const minutes = history.weight;
  if (minutes < LEAST_MINUTES) return uncalibrated(learned);
  const bins = Object.entries(history.bins)
    .map(([bin, weight]) => ({ bin: Number(bin), weight }))
    .sort((a, b) => a.bin - b.bin);
  const from = quantile(bins, minutes * TAIL_FROM);
  const to = quantile(bins, minutes * TAIL_TO);
  const inside = minutes * (TAIL_TO - TAIL_FROM);
  const scale =
    to > from ? (excessBetween(bins, from, to) + minutes * (1 - TAIL_TO) * (to - from)) / inside : 0;
  const knot = Math.max(from, leastKnot);
  return [knot, leastKnot / knot, 1 / Math.max(scale, LEAST_SCALE), cap(learned)].map(short);
}

type Bin = { bin: number; weight: number };

/** Value below which `target` of the weight lies, linear inside a bin. */
function quantile(bins: Bin[], target: number): number {
  let below = 0;
  for (const { bin, weight } of bins) {
    if (below + weight >= target) {
      const low = edgeOf(bin);
      return low + ((target - below) / weight) * (edgeOf(bin + 1) - low);
    }
    below += weight;
  }
  return edgeOf((bins.at(-1)?.bin ?? 0) + 1);
}

/** Σ weight · (x - from) of what lies in (from, to], each bin spread evenly. */
function excessBetween(bins: Bin[], from: number, to: number): number {
  let sum = 0;
  for (const { bin, weight } of bins) {
    const low = edgeOf(bin);
    const width = edgeOf(bin + 1) - low;
    const a = Math.max(low, from);
    const b = Math.min(low + width, to);
    if (b > a) sum += ((weight * (b - a)) / width) * ((a + b) / 2 - from);
  }
  return sum;
}
