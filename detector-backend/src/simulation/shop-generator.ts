import type { Severity } from '../logstore/log-store.ts';
import { createRandom, hashOf, type Random } from './random.ts';
import type { ShopRoutine, ShopService } from './shop-catalog.ts';
import { createDraw, type MovableDraw } from './shop-draw.ts';
import type { Incident } from './shop-incidents.ts';
import { mixesOf, type ShopMix } from './shop-mix.ts';
import { SHOP_SERVICES } from './shop-services.ts';

/** One line of the shop: a document as POST /api/v1/logs takes it (`timestamp` in epoch ms). */
export interface ShopLine {
  timestamp: number;
  service: string;
  severity: Severity;
  source: string;
  message: string;
}

/** Length of the shop's compressed day: a daily rhythm that a back-fill of minutes can show. */
export const SHOP_DAY_MS = 4 * 3_600_000;

const MIXES = SHOP_SERVICES.map(mixesOf);
/** Keeps the streams of one second apart that would else share a seed. */
const TRAFFIC = 1;
const MINUTE_NOISE = 2;
const ROUTINE = 3;
const ROUTINE_MOMENT = 4;
/** Standard deviation of the load between minutes, in logarithms. */
const LOAD_NOISE = 0.06;

/** Load against the mean of a day: about 0.5 at night and 1.5 at the peak, with a second, smaller peak. */
export function dailyRhythm(share_of_day: number): number {
  const angle = 2 * Math.PI * share_of_day;
  return 1 + 0.45 * Math.sin(angle) + 0.12 * Math.sin(2 * angle + 1);
}

interface Moment {
  seed: number;
  day_s: number;
  index: number;
  service: ShopService;
  mix: ShopMix;
  second: number;
  random: Random;
  draw: MovableDraw;
}

/**
 * The lines of all services with `timestamp` in [from_ms, to_ms), in the order of their time stamps.
 * Pure: a line depends on (seed, service, second, incidents) only, so any cut of an interval gives the same lines.
 */
export function linesOf(
  seed: number,
  incidents: readonly Incident[],
  from_ms: number,
  to_ms: number,
  day_ms: number = SHOP_DAY_MS,
): ShopLine[] {
  const random = createRandom();
  const draw = createDraw(random);
  const lines: ShopLine[] = [];
  for (let second = Math.floor(from_ms / 1000); second * 1000 < to_ms; second++) {
    const first = lines.length;
    SHOP_SERVICES.forEach((service, index) => {
      const active = incidents.find(
        (item) =>
          item.service === service.service &&
          item.started_at <= second * 1000 &&
          second * 1000 < item.ended_at,
      );
      const mix = (MIXES[index] as (typeof MIXES)[number])[active?.kind ?? 'normal'];
      const moment: Moment = { seed, day_s: day_ms / 1000, index, service, mix, second, random, draw };
      if (mix.rate_factor === 0) return;
      addTraffic(moment, lines);
      addRoutines(moment, lines);
    });
    sortTail(lines, first);
  }
  const outside = (line: ShopLine): boolean => line.timestamp < from_ms || line.timestamp >= to_ms;
  return lines.some(outside) ? lines.filter((line) => !outside(line)) : lines;
}

/** Sorts lines[first…] by time: equal times keep the order of the services (insertion sort is stable; a second is short). */
function sortTail(lines: ShopLine[], first: number): void {
  for (let index = first + 1; index < lines.length; index++) {
    const line = lines[index] as ShopLine;
    let place = index;
    for (; place > first; place--) {
      const before = lines[place - 1] as ShopLine;
      if (before.timestamp <= line.timestamp) break;
      lines[place] = before;
    }
    lines[place] = line;
  }
}

function rateOf({ seed, day_s, index, service, mix, second, random }: Moment): number {
  random.reseed(hashOf(seed, index, Math.floor(second / 60), MINUTE_NOISE));
  const noise = Math.exp(LOAD_NOISE * random.normal());
  return service.lines_per_second * mix.rate_factor * dailyRhythm(second / day_s - service.phase) * noise;
}

function addTraffic(moment: Moment, lines: ShopLine[]): void {
  const { seed, index, service, mix, second, random, draw } = moment;
  const rate = rateOf(moment);
  random.reseed(hashOf(seed, index, second, TRAFFIC));
  const count = random.poisson(rate);
  const total = mix.cumulative[mix.cumulative.length - 1] as number;
  for (let number = 0; number < count; number++) {
    const timestamp = second * 1000 + random.int(1000);
    const target = random.next() * total;
    const chosen = mix.templates[mix.cumulative.findIndex((sum) => target < sum)];
    if (!chosen) continue;
    draw.moveTo(timestamp, mix.latency_factor);
    const source = draw.pick(service.pods);
    const message = chosen.render(draw);
    lines.push({ timestamp, service: service.service, severity: chosen.severity, source, message });
  }
}

function addRoutines(moment: Moment, lines: ShopLine[]): void {
  const { seed, index, service, mix, second, random, draw } = moment;
  service.routines.forEach((routine, number) => {
    for (const step of routine.steps) {
      const start = second - step.after_s;
      if (!startsAt(moment, routine, number, start)) continue;
      random.reseed(hashOf(seed, index, start, ROUTINE, number));
      const timestamp = second * 1000 + random.int(1000);
      draw.moveTo(timestamp, mix.latency_factor);
      const source = service.pods[0] as string;
      lines.push({
        timestamp,
        service: service.service,
        severity: step.severity,
        source,
        message: step.render(draw),
      });
    }
  });
}

/** A clock routine starts at the same moment of every period, but for a fiftieth of the period. */
function startsAt(
  { seed, day_s, index }: Moment,
  routine: ShopRoutine,
  number: number,
  start: number,
): boolean {
  const every_s = routine.every_s === 'day' ? day_s : routine.every_s;
  if (routine.mode === 'random') {
    return hashOf(seed, index, start, ROUTINE_MOMENT, number) / 4294967296 < 1 / every_s;
  }
  const jitter_s = Math.floor(every_s / 50);
  const moment_s = hashOf(seed, index, ROUTINE_MOMENT, number) % (every_s - jitter_s);
  const period = Math.floor(start / every_s);
  const jitter = jitter_s === 0 ? 0 : hashOf(seed, index, period, ROUTINE, number) % jitter_s;
  return start - period * every_s === moment_s + jitter;
}
