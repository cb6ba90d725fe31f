import type { Client } from './platform/postgres.ts';
import type { JudgeJobDeps, JudgeOutcome } from './judge-job.ts';
import { loadBaselines, loadProgress } from './windows/baseline-repository.ts';
import { createBaseline, withExpectation, type Baseline } from './windows/baseline.ts';
import { isMinuteEdge } from './windows/edge.ts';
import { isBlind } from './windows/service-state.ts';
import { featureVector } from './windows/feature-vector.ts';
import { windowCounts } from './windows/tile-map.ts';
import { loadTiles } from './windows/tile-repository.ts';
import { WINDOW_MS } from './windows/tile.ts';
import {
  loadStoredScores,
  peakScore,
  saveWindows,
  storedWindow,
  takeDirtyWindows,
  type StoredJudgement,
  type StoredWindow,
} from './windows/window-repository.ts';
import { FEATURE_NAMES, type FeatureName, type FeatureVector } from './windows/window-schema.ts';
import type { LoadedModel } from './models/model.ts';
import { createCalibration, type Calibration } from './scoring/calibration.ts';
import { loadCalibrations } from './scoring/calibration-repository.ts';
import { OPEN_SCORE, type Score } from './scoring/score-schema.ts';
import type { Explanation } from './explanations/explanation-schema.ts';
import type { SampleLines } from './explanations/sample-step.ts';
import { joinLate, reviseEpisode, wantsExplanation, type EpisodeEvent } from './anomalies/episode.ts';
import {
  episodesTouching,
  loadOpenEpisodes,
  saveEpisodes,
  saveEvents,
  saveLines,
} from './anomalies/anomaly-repository.ts';

const WINDOWS_PER_RUN = 200;

/**
 * Judges windows again that late lines touched: each becomes a new revision. An anomaly that said that lines were missing is
 * withdrawn when it no longer holds; a window that now reaches the threshold raises an anomaly or opens one. Volume is judged
 * against what was expected then, all else against today's baseline, and nothing is learned from them again.
 */
export const reviseJob =
  (deps: JudgeJobDeps) =>
  async ({ tenant_id }: { tenant_id: string }): Promise<JudgeOutcome> => {
    const model = await deps.models.active(tenant_id);
    const run: Run = { tenant_id, model, events: [], explained: new Map() };
    const windows = await deps.database.withTenant(tenant_id, (client) => reviseWindows(deps, client, run));
    // A log source may take its time to answer: never inside the transaction, whose row locks others wait for.
    for (const [anomaly_id, { vector, explanation }] of run.explained) {
      const lines = await deps.sample({ tenant_id, window: vector, explanation, is_sparing: true });
      await deps.database.withTenant(tenant_id, (client) =>
        saveLines(client, anomaly_id, vector.window_start, lines),
      );
    }
    return { windows, events: run.events.length, more: null };
  };

interface Run {
  tenant_id: string;
  model: LoadedModel | null;
  events: EpisodeEvent[];
  /** The window that explains each anomaly that was opened or raised. */
  explained: Map<string, { vector: FeatureVector; explanation: Explanation }>;
}

/** Judges a run of due windows again and saves what follows; gives how many they were. */
async function reviseWindows(deps: JudgeJobDeps, client: Client, run: Run): Promise<number> {
  const { tenant_id, model, events } = run;
  const dirty = await takeDirtyWindows(client, WINDOWS_PER_RUN);
  if (dirty.length === 0) return 0;
  const revision = await judgeAgain(deps, client, dirty, model);
  await saveWindows(
    client,
    tenant_id,
    revision.map(({ stored }) => stored),
  );
  for (const revised of revision) {
    events.push(...(await withdrawEpisodes(client, tenant_id, revised)));
    events.push(...(await joinEpisode(deps, client, run, revised)));
  }
  await saveEvents(client, tenant_id, events);
  return dirty.length;
}

/** A window before it is saved as its next revision. */
interface Revised {
  vector: FeatureVector;
  score: Score;
  stored: StoredWindow;
  service: string;
  judged_until: number;
  baseline: Baseline;
  calibration: Calibration;
}

const keyOf = ({ service_id, window_start }: DirtyWindow): string => `${service_id} ${window_start}`;

interface DirtyWindow {
  service_id: string;
  window_start: number;
}

/** What judging needs of the services of dirty windows, as it is today. */
async function openServices(client: Client, dirty: DirtyWindow[]) {
  const service_ids = [...new Set(dirty.map((window) => window.service_id))];
  const starts = dirty.map((window) => window.window_start);
  const progress = await loadProgress(client);
  const baselines = await loadBaselines(client, service_ids);
  return {
    progress: new Map(progress.map((service) => [service.service_id, service])),
    baselines: new Map(baselines.map((row) => [row.service_id, row.state ?? createBaseline()])),
    calibrations: await loadCalibrations(client, service_ids),
    tiles: await loadTiles(client, service_ids, Math.min(...starts), Math.max(...starts) + WINDOW_MS),
  };
}
type Services = Awaited<ReturnType<typeof openServices>>;

function vectorOf(
  { service_id, window_start }: DirtyWindow,
  { progress, baselines, tiles }: Services,
  before: StoredJudgement | undefined,
) {
  const window_end = window_start + WINDOW_MS;
  const counts = windowCounts(tiles.get(service_id), window_start, window_end);
  const service = progress.get(service_id);
  const is_blind = service !== undefined && isBlind(service, window_start, window_end);
  const input = { service_id, window_start, window_end, counts, is_blind };
  const baseline = baselines.get(service_id) ?? createBaseline();
  return featureVector(
    input,
    before ? withExpectation(baseline, window_end, before.expected_lines) : baseline,
  );
}

async function judgeAgain(
  deps: JudgeJobDeps,
  client: Client,
  dirty: DirtyWindow[],
  model: LoadedModel | null,
): Promise<Revised[]> {
  const services = await openServices(client, dirty);
  const before = await loadStoredScores(client, dirty);
  const vectors = dirty.map((window) => vectorOf(window, services, before.get(keyOf(window))));
  const scores = await deps.score({ vectors, calibrations: services.calibrations, model });
  return vectors.flatMap((vector, index) => {
    const judged = scores[index];
    const service = services.progress.get(vector.service_id);
    if (!judged || !service) return [];
    const held = heldScore(before.get(keyOf(vector)), judged.score);
    const score = { ...judged, score: held };
    return {
      vector,
      score,
      stored: storedWindow(vector, score, isMinuteEdge(vector.window_end)),
      service: service.service,
      judged_until: service.judged_until,
      baseline: services.baselines.get(vector.service_id) ?? createBaseline(),
      calibration: services.calibrations.get(vector.service_id) ?? createCalibration(),
    };
  });
}

const MISSING_FEATURES: FeatureName[] = ['volume_low', 'expected_absent', 'mix_divergence', 'entropy_change'];

/**
 * The score that a revised window keeps. Today's baseline has learned a little of what was new then, so it would judge the
 * same lines milder; but further lines can lower a score only where lines were missing.
 */
function heldScore(before: StoredJudgement | undefined, score: number): number {
  if (!before) return score;
  const missed = MISSING_FEATURES.some((name) => (before.features[FEATURE_NAMES.indexOf(name)] ?? 0) > 1);
  return missed ? score : Math.max(before.score, score);
}

async function withdrawEpisodes(
  client: Client,
  tenant_id: string,
  { vector }: Revised,
): Promise<EpisodeEvent[]> {
  const events: EpisodeEvent[] = [];
  const { service_id, window_start, window_end } = vector;
  for (const episode of await episodesTouching(client, service_id, window_start, window_end)) {
    const peak = await peakScore(client, service_id, episode.opened_at - 1, episode.last_seen_at);
    const revised = reviseEpisode(episode, peak, window_end);
    if (!revised) continue;
    await saveEpisodes(client, tenant_id, [revised.episode]);
    events.push(...revised.events);
  }
  return events;
}

async function joinEpisode(
  deps: JudgeJobDeps,
  client: Client,
  { tenant_id, model, explained }: Run,
  { vector, score, service, judged_until, baseline, calibration }: Revised,
): Promise<EpisodeEvent[]> {
  if (score.score < OPEN_SCORE) return [];
  const [touching = null] = await episodesTouching(
    client,
    vector.service_id,
    vector.window_start,
    vector.window_end,
  );
  if (!wantsExplanation(touching, score)) return [];
  // A service has one open episode: what lies apart from it is told by the swim lane.
  if (!touching && (await loadOpenEpisodes(client)).has(vector.service_id)) return [];
  const explanation = await deps.explain({ tenant_id, service, vector, calibration, baseline, model });
  // More lines than before can not make a silence.
  if (explanation.anomaly_type === 'silence') return [];
  // Until others are read, and for good if this process ends before, it keeps the lines that it has.
  const kept = touching === null ? {} : linesOf(touching.explanation);
  const { episode, events } = joinLate(touching, score, { ...explanation, ...kept }, judged_until);
  await saveEpisodes(client, tenant_id, [episode]);
  explained.set(episode.id, { vector, explanation });
  return events;
}

const linesOf = ({ sample_lines, lines_before, unread_sources }: Explanation): SampleLines => ({
  sample_lines,
  lines_before,
  unread_sources,
});
