import type { Anomaly, Change, Service, SwimLane, SwimLanes } from '../../api/types.ts';
import type { Interval } from '../../api/windows.ts';

/** Windows are stored on full minutes, so no bucket is shorter. */
const BUCKETS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
const MAX_CELLS = 120;

/** Shortest bucket with which the range has at most {@link MAX_CELLS} cells, and the range rounded out to its edges. */
export function bucketsOf(interval: Interval): { bucket_seconds: number; interval: Interval } {
  const seconds = (interval.to - interval.from) / 1000;
  const bucket_seconds =
    BUCKETS.find((bucket) => seconds / bucket <= MAX_CELLS) ??
    Math.ceil(seconds / MAX_CELLS / 86_400) * 86_400;
  const size = bucket_seconds * 1000;
  return {
    bucket_seconds,
    interval: { from: Math.floor(interval.from / size) * size, to: Math.ceil(interval.to / size) * size },
  };
}

/** What one cell stands for. */
export interface Cell {
  from: number;
  to: number;
  score: number | null;
  /** Null where nothing was judged. */
  lines: number | null;
  is_blind: boolean;
  anomaly: Anomaly | undefined;
}

export interface Lane {
  service_id: string;
  service: string;
  environment: string;
  state: Service['state'];
  /** A source of the service can not be read now. */
  is_blind: boolean;
  simulated: boolean;
  /** Share of the windows that the service needs to be ready, 0–1. */
  progress: number;
  peak: number | null;
  lines_per_minute: number | null;
  cells: Cell[];
  changes: Change[];
}

const endOf = (anomaly: Anomaly): number =>
  anomaly.status === 'open' ? Infinity : Date.parse(anomaly.last_seen_at);

const worstIn = (anomalies: Anomaly[], from: number, to: number): Anomaly | undefined =>
  anomalies
    .filter((anomaly) => Date.parse(anomaly.started_at) < to && endOf(anomaly) > from)
    .reduce<Anomaly | undefined>(
      (worst, next) => (worst && worst.score >= next.score ? worst : next),
      undefined,
    );

function cellsOf(lane: SwimLane, start: number, size: number, anomalies: Anomaly[]): Cell[] {
  const ofService = anomalies.filter((anomaly) => anomaly.service_id === lane.service_id);
  return lane.cells.map((score, index) => {
    const from = start + index * size;
    const is_blind = lane.blind[index] ?? false;
    const hasData = score !== null || is_blind;
    return {
      from,
      to: from + size,
      score,
      lines: hasData ? (lane.lines[index] ?? null) : null,
      is_blind,
      anomaly: hasData ? worstIn(ofService, from, from + size) : undefined,
    };
  });
}

const peakOf = (cells: Cell[]): number | null =>
  cells.reduce<number | null>(
    (peak, { score }) => (score === null ? peak : Math.max(peak ?? 0, score)),
    null,
  );

/** Joins what the page knows of each service; the most conspicuous service comes first. */
export function lanesOf(
  answer: SwimLanes,
  services: Service[],
  anomalies: Anomaly[],
  changes: Change[],
): Lane[] {
  const byId = new Map(services.map((service) => [service.id, service]));
  const start = Date.parse(answer.from);
  const lanes = answer.lanes.map((lane): Lane => {
    const service = byId.get(lane.service_id);
    const cells = cellsOf(lane, start, answer.bucket_seconds * 1000, anomalies);
    return {
      service_id: lane.service_id,
      service: lane.service,
      environment: lane.environment,
      state: service?.state ?? 'ready',
      is_blind: service?.is_blind ?? false,
      simulated: service?.simulated ?? false,
      progress: service ? Math.min(1, service.window_count / service.ready_at_window_count) : 1,
      peak: peakOf(cells),
      lines_per_minute: service?.lines_per_minute ?? null,
      cells,
      changes: changes.filter(({ service_id }) => service_id === null || service_id === lane.service_id),
    };
  });
  return lanes.sort((a, b) => (b.peak ?? -1) - (a.peak ?? -1) || a.service.localeCompare(b.service));
}

/** Range to zoom into around a cell: fifteen cells to each side. */
export const zoomAround = ({ from, to }: Cell): Interval => {
  const margin = 15 * (to - from);
  return { from: from - margin, to: to + margin };
};

const TICK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080];

/** Round times for an axis of `width` px, about 90 px apart, in epoch ms. `offset_ms` is the zone's distance to UTC. */
export function axisTicks({ from, to }: Interval, width: number, offset_ms: number): number[] {
  const most = Math.max(2, Math.floor(width / 90));
  const minutes = (to - from) / 60_000;
  const step = (TICK_STEPS.find((size) => minutes / size <= most) ?? Math.ceil(minutes / most)) * 60_000;
  const first = Math.ceil((from + offset_ms) / step) * step - offset_ms;
  return Array.from(
    { length: Math.max(0, Math.ceil((to - first) / step)) },
    (_, index) => first + index * step,
  );
}
