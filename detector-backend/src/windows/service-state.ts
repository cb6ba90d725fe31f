import type { Client } from '../platform/postgres.ts';
import { AppError } from '../platform/errors.ts';
import { createBaseline, type Baseline } from './baseline.ts';
import { loadBaselines, type BaselineUpdate, type ServiceProgress } from './baseline-repository.ts';
import { DORMANT_AFTER_MS, edgesOfMinute, finalEdge, nextMinuteEdge } from './edge.ts';
import type { TileMap } from './tile-map.ts';
import { windowCounts } from './tile-map.ts';
import { WINDOW_MS } from './tile.ts';
import type { WindowInput } from './window-schema.ts';

/** One service in memory while its windows are judged. */
export interface ServiceState {
  progress: ServiceProgress;
  /** `judged_until` in the database: what a save compares with. */
  saved_until: number;
  baseline: Baseline;
  minute_scores: unknown[];
  learned: boolean;
}

/** States of services between jobs. Only a cache: it is checked against the database, and thrown away on any failure. */
export type StateCache = Map<string, ServiceState>;

/**
 * States for these services: from the cache where the database agrees, from rows where it does not. `reloaded` names the
 * latter, because what others keep beside such a state is stale too.
 */
export async function openStates(
  client: Client,
  progress: ServiceProgress[],
  cache: StateCache,
): Promise<{ states: ServiceState[]; reloaded: string[] }> {
  const stale = progress.filter(
    (service) => cache.get(service.service_id)?.saved_until !== service.judged_until,
  );
  const stored =
    stale.length === 0
      ? []
      : await loadBaselines(
          client,
          stale.map((service) => service.service_id),
        );
  for (const row of stored) {
    const service = stale.find((candidate) => candidate.service_id === row.service_id);
    if (!service) continue;
    if (row.judged_until !== service.judged_until) {
      throw new AppError('lost_lease', 'Another worker judges the same services.');
    }
    cache.set(row.service_id, {
      progress: service,
      saved_until: row.judged_until,
      baseline: row.state ?? createBaseline(),
      minute_scores: row.minute_scores,
      learned: false,
    });
  }
  const states = progress.flatMap((service) => {
    const state = cache.get(service.service_id);
    if (!state) return [];
    state.progress = { ...service };
    return [state];
  });
  return { states, reloaded: stored.map((row) => row.service_id) };
}

/** States that have a final tile edge before `until` to judge. */
export const dueStates = (states: ServiceState[], until: number): ServiceState[] =>
  states.filter(
    ({ progress }) => progress.judged_until < until && finalEdge(progress) > progress.judged_until,
  );

/** Whether a window [window_start, window_end) can not be judged by its volume: lines of it may be missing. */
export const isBlind = (
  { is_blind, blind_spans }: Pick<ServiceProgress, 'is_blind' | 'blind_spans'>,
  window_start: number,
  window_end: number,
): boolean =>
  is_blind ||
  blind_spans.some(({ blind_from, blind_until }) => blind_from < window_end && window_start < blind_until);

/** The windows of one service up to the next full minute. None while it is dormant; its clock moves on all the same. */
export function minuteInputs(state: ServiceState, tiles: TileMap): { until: number; inputs: WindowInput[] } {
  const { progress } = state;
  const of_service = tiles.get(progress.service_id);
  const inputs: WindowInput[] = [];
  let until = progress.judged_until;
  for (const edge of edgesOfMinute(progress.judged_until, finalEdge(progress))) {
    until = edge;
    const window_start = edge - WINDOW_MS;
    const counts = windowCounts(of_service, window_start, edge);
    if (counts.lines > 0) progress.last_line_at = Math.max(progress.last_line_at ?? 0, window_start);
    if (progress.last_line_at === null || edge - progress.last_line_at > DORMANT_AFTER_MS) continue;
    inputs.push({
      service_id: progress.service_id,
      window_start,
      window_end: edge,
      counts,
      is_blind: isBlind(progress, window_start, edge),
    });
  }
  return { until, inputs };
}

/** The change of a service since it was last saved. */
export const baselineUpdate = ({
  progress,
  saved_until,
  baseline,
  minute_scores,
  learned,
}: ServiceState): BaselineUpdate => ({
  service_id: progress.service_id,
  judged_from: saved_until,
  judged_until: progress.judged_until,
  window_count: progress.window_count,
  last_line_at: progress.last_line_at,
  minute_scores,
  state: learned ? baseline : null,
});

/** End of the block of minutes that one transaction writes: bounded, so that a crash repeats little. */
export const blockEnd = (states: ServiceState[], minutes: number): number => {
  const first = Math.min(...states.map(({ progress }) => progress.judged_until));
  return nextMinuteEdge(first) + (minutes - 1) * WINDOW_MS;
};
