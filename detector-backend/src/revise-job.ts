import type { Client } from './platform/postgres.ts';
import type { JudgeJobDeps, JudgeOutcome } from './judge-job.ts';
import { loadBaselines, loadProgress } from './windows/baseline-repository.ts';
import { createBaseline } from './windows/baseline.ts';
import { featureVector } from './windows/feature-vector.ts';
import { loadTiles } from './windows/tile-repository.ts';
import { windowCounts } from './windows/tile-map.ts';
import { WINDOW_MS } from './windows/tile.ts';
import { peakScore, saveWindows, storedWindow, takeDirtyWindows } from './windows/window-repository.ts';
import { isMinuteEdge } from './windows/edge.ts';
import type { FeatureVector } from './windows/window-schema.ts';
import { loadCalibrations } from './scoring/calibration-repository.ts';
import type { Score } from './scoring/score-schema.ts';
import { reviseEpisode, type EpisodeEvent } from './anomalies/episode.ts';
import { episodesTouching, saveEpisodes, saveEvents } from './anomalies/anomaly-repository.ts';

const WINDOWS_PER_RUN = 200;

/**
 * Judges stored windows again that late lines touched: each becomes a new revision, and an anomaly whose windows all
 * fall below the threshold is withdrawn. They are judged against today's baseline and are not learned again.
 */
export const reviseJob =
  (deps: JudgeJobDeps) =>
  async ({ tenant_id }: { tenant_id: string }): Promise<JudgeOutcome> => {
    const model = await deps.models.active(tenant_id);
    return deps.database.withTenant(tenant_id, async (client) => {
      const dirty = await takeDirtyWindows(client, WINDOWS_PER_RUN);
      if (dirty.length === 0) return { windows: 0, events: 0, more: null };
      const vectors = await vectorsOf(client, dirty);
      const service_ids = [...new Set(vectors.map((vector) => vector.service_id))];
      const calibrations = await loadCalibrations(client, service_ids);
      const scores = await deps.score({ vectors, calibrations, model });
      await saveWindows(client, tenant_id, vectors.flatMap((vector, index) => revision(vector, scores[index])));
      const events = await reviseEpisodes(client, tenant_id, vectors);
      return { windows: dirty.length, events: events.length, more: null };
    });
  };

async function vectorsOf(client: Client, dirty: { service_id: string; window_start: number }[]): Promise<FeatureVector[]> {
  const service_ids = [...new Set(dirty.map((window) => window.service_id))];
  const baselines = new Map((await loadBaselines(client, service_ids)).map((row) => [row.service_id, row.state]));
  const blind = new Map((await loadProgress(client)).map((service) => [service.service_id, service.is_blind]));
  const starts = dirty.map((window) => window.window_start);
  const tiles = await loadTiles(client, service_ids, Math.min(...starts), Math.max(...starts) + WINDOW_MS);
  return dirty.map(({ service_id, window_start }) => {
    const window_end = window_start + WINDOW_MS;
    const counts = windowCounts(tiles.get(service_id), window_start, window_end);
    const input = { service_id, window_start, window_end, counts, is_blind: blind.get(service_id) ?? false };
    return featureVector(input, baselines.get(service_id) ?? createBaseline());
  });
}

const revision = (vector: FeatureVector, score: Score | undefined) =>
  score ? [storedWindow(vector, score, isMinuteEdge(vector.window_end))] : [];

async function reviseEpisodes(client: Client, tenant_id: string, vectors: FeatureVector[]): Promise<EpisodeEvent[]> {
  const events: EpisodeEvent[] = [];
  for (const { service_id, window_start, window_end } of vectors) {
    for (const episode of await episodesTouching(client, service_id, window_start, window_end)) {
      const peak = await peakScore(client, service_id, episode.opened_at - 1, episode.last_seen_at);
      const revised = reviseEpisode(episode, peak, window_end);
      if (!revised) continue;
      await saveEpisodes(client, tenant_id, [revised.episode]);
      events.push(...revised.events);
    }
  }
  await saveEvents(client, tenant_id, events);
  return events;
}
