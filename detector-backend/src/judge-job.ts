import type { Client, Database } from './platform/postgres.ts';
import { findMovedLines, NO_MOVED_LINES } from './templates/template-event-repository.ts';
import { markJudgedMeanwhile } from './windows/late-window-repository.ts';
import { loadTiles } from './windows/tile-repository.ts';
import { isMinuteEdge, nextMinuteEdge } from './windows/edge.ts';
import { loadProgress, saveBaselines } from './windows/baseline-repository.ts';
import {
  baselineUpdate,
  blockEnd,
  dueStates,
  minuteInputs,
  openStates,
  type ServiceState,
  type StateCache,
} from './windows/service-state.ts';
import { learnMinute, redirectTemplates } from './windows/baseline.ts';
import { featureVector } from './windows/feature-vector.ts';
import { followSplits } from './windows/split-history.ts';
import { saveWindows, storedWindow, type StoredWindow } from './windows/window-repository.ts';
import { WINDOW_MS } from './windows/tile.ts';
import type { FeatureVector, WindowInput } from './windows/window-schema.ts';
import type { TileMap } from './windows/tile-map.ts';
import type { LoadedModel } from './models/model.ts';
import type { Models } from './models/models.ts';
import { INCIDENT_WEIGHT, minuteWeight, type ScoreStep } from './scoring/score-step.ts';
import type { Score } from './scoring/score-schema.ts';
import { createCalibration, learnCalibration, type Calibration } from './scoring/calibration.ts';
import { loadCalibrations, saveCalibrations } from './scoring/calibration-repository.ts';
import type { Explanation } from './explanations/explanation-schema.ts';
import type { ExplainStep } from './explanations/explain-step.ts';
import type { SampleStep } from './explanations/sample-step.ts';
import { advanceEpisode, wantsExplanation, type Episode, type EpisodeEvent } from './anomalies/episode.ts';
import { loadOpenEpisodes, saveEpisodes, saveEvents } from './anomalies/anomaly-repository.ts';

export interface JudgeJobDeps {
  database: Database;
  models: Models;
  score: ScoreStep;
  explain: ExplainStep;
  sample: SampleStep;
  /** Told of every block that was written: seconds from its first query to its commit. */
  onBlock?: (seconds: number) => void;
}

export interface JudgeOutcome {
  windows: number;
  events: number;
  /** Log time reached when the budget ran out before the work did; null when nothing is left. */
  more: number | null;
}

/** Service-minutes that one transaction writes at most, when a tenant is behind: its tiles are in memory at once. */
const BLOCK_SERVICE_MINUTES = 600;
const MAX_BLOCK_MINUTES = 60;
const BUDGET_MS = 2_000;

/** Everything that one block of minutes changes, written in one transaction. */
interface Block {
  tenant_id: string;
  states: ServiceState[];
  /** The due ones and the others of the tenant: they share its model. */
  all_states: ServiceState[];
  calibrations: Map<string, Calibration>;
  model: LoadedModel | null;
  episodes: Map<string, Episode>;
  changed_episodes: Map<string, Episode>;
  events: EpisodeEvent[];
  windows: StoredWindow[];
  judged: number;
}

/** What a worker keeps of a tenant between jobs; thrown away whenever a block fails. */
interface TenantMemory {
  states: StateCache;
  calibrations: Map<string, Calibration>;
}

/**
 * Judges the due windows of a tenant, minute by minute and in log time: tiles → vectors → scores → explanations →
 * episodes, then one transaction a block. The same tiles give the same windows, scores and anomalies, whenever and
 * wherever the job runs; a block that fails leaves no trace.
 */
export function judgeJob(deps: JudgeJobDeps) {
  const memories = new Map<string, TenantMemory>();
  const running = new Set<string>();
  const asked = new Set<string>();
  return async ({ tenant_id }: { tenant_id: string }): Promise<JudgeOutcome> => {
    const outcome: JudgeOutcome = { windows: 0, events: 0, more: null };
    // A second job of the tenant in this process would only lose the race at the end of its block: it leaves word.
    if (running.has(tenant_id)) {
      asked.add(tenant_id);
      return outcome;
    }
    running.add(tenant_id);
    const memory = memories.get(tenant_id) ?? { states: new Map(), calibrations: new Map() };
    memories.set(tenant_id, memory);
    try {
      const started = performance.now();
      for (;;) {
        asked.delete(tenant_id);
        const block = await judgeBlock(deps, tenant_id, memory);
        if (!block && asked.has(tenant_id)) continue;
        if (!block) return outcome;
        outcome.windows += block.judged;
        outcome.events += block.events.length;
        if (performance.now() - started > BUDGET_MS) return { ...outcome, more: reachedBy(block) };
      }
    } catch (error) {
      memories.delete(tenant_id);
      throw error;
    } finally {
      running.delete(tenant_id);
    }
  };
}

async function judgeBlock(
  deps: JudgeJobDeps,
  tenant_id: string,
  memory: TenantMemory,
): Promise<Block | null> {
  const started = performance.now();
  const model = await deps.models.active(tenant_id);
  const opened = await deps.database.withTenant(tenant_id, (client) =>
    openBlock(client, tenant_id, memory, model),
  );
  if (!opened) return null;
  const { block, tiles, until } = opened;
  const isTrainingDue = () => deps.models.train.isDue(tenant_id, windowCount(block), reachedBy(block));
  if (isTrainingDue()) {
    // A worker died after the block that made it due: the windows from here on need the model that they would have had.
    await deps.models.train.run(tenant_id, reachedBy(block));
    block.model = await deps.models.active(tenant_id);
  }
  let is_training_due = false;
  // A model is trained from stored windows: the block ends where the next model is due, so that it sees them all.
  for (
    let due = dueStates(block.states, until);
    due.length > 0 && !is_training_due;
    due = dueStates(block.states, until)
  ) {
    await judgeMinute(deps, block, due, tiles);
    is_training_due = isTrainingDue();
  }
  await deps.database.withTenant(tenant_id, (client) => saveBlock(client, block));
  deps.onBlock?.((performance.now() - started) / 1000);
  for (const state of block.states) {
    state.saved_until = state.progress.judged_until;
    state.learned = false;
  }
  if (is_training_due) await deps.models.train.run(tenant_id, reachedBy(block));
  return block;
}

const windowCount = (block: Block): number =>
  block.all_states.reduce((sum, { progress }) => sum + progress.window_count, 0);
/** Log time that every due service of the block has reached. */
const reachedBy = (block: Block): number =>
  Math.min(...block.states.map(({ progress }) => progress.judged_until));

async function openBlock(client: Client, tenant_id: string, memory: TenantMemory, model: LoadedModel | null) {
  const { states, reloaded } = await openStates(client, await loadProgress(client), memory.states);
  for (const service_id of reloaded) memory.calibrations.delete(service_id);
  for (const [id, calibration] of await loadCalibrations(client, reloaded))
    memory.calibrations.set(id, calibration);
  const due = dueStates(states, Infinity);
  if (due.length === 0) return null;
  const service_ids = due.map(({ progress }) => progress.service_id);
  const moved = await findMovedLines(client, service_ids);
  for (const { progress, baseline } of due) {
    const { redirects, splits } = moved.get(progress.service_id) ?? NO_MOVED_LINES;
    followSplits(baseline, splits, redirects);
    redirectTemplates(baseline, redirects);
  }
  const minutes = Math.min(MAX_BLOCK_MINUTES, Math.ceil(BLOCK_SERVICE_MINUTES / due.length));
  const until = blockEnd(due, minutes);
  const first = Math.min(...due.map(({ progress }) => progress.judged_until));
  const tiles = await loadTiles(client, service_ids, first - WINDOW_MS, until);
  const block: Block = {
    tenant_id,
    states: due,
    all_states: states,
    calibrations: memory.calibrations,
    model,
    episodes: await loadOpenEpisodes(client),
    changed_episodes: new Map(),
    events: [],
    windows: [],
    judged: 0,
  };
  return { block, tiles, until };
}

/** Judges the services that are at the earliest minute, up to its end or to their last final edge. */
async function judgeMinute(
  deps: JudgeJobDeps,
  block: Block,
  due: ServiceState[],
  tiles: TileMap,
): Promise<void> {
  const minute_end = nextMinuteEdge(Math.min(...due.map(({ progress }) => progress.judged_until)));
  const group = due.filter(({ progress }) => progress.judged_until < minute_end);
  const judged = group.map((state) => {
    const { until, inputs } = minuteInputs(state, tiles);
    return { state, until, inputs, vectors: inputs.map((input) => featureVector(input, state.baseline)) };
  });
  const vectors = judged.flatMap((service) => service.vectors);
  for (const state of group) calibrationOf(block, state);
  const scores = await deps.score({ vectors, calibrations: block.calibrations, model: block.model });
  let at = 0;
  for (const { state, until, inputs, vectors: own } of judged) {
    for (const [index, vector] of own.entries()) {
      const score = scores[at++];
      const input = inputs[index];
      if (score && input) await judgeEdge(deps, block, state, input, vector, score);
    }
    if (inputs.length === 0) endEpisode(block, state, until);
    state.progress.judged_until = until;
    if (isMinuteEdge(until)) state.minute_scores = [];
  }
  block.judged += vectors.length;
}

/** A service that became dormant has no windows any more: its open episode ends here, as after two quiet minutes. */
function endEpisode(block: Block, { progress }: ServiceState, until: number): void {
  const episode = block.episodes.get(progress.service_id);
  if (!episode) return;
  const window = {
    service_id: progress.service_id,
    window_start: until - WINDOW_MS,
    window_end: until,
    score: 0,
    model_version_id: null,
  };
  const ended = advanceEpisode(episode, window, null);
  if (!ended.episode || ended.events.length === 0) return;
  block.changed_episodes.set(episode.id, ended.episode);
  block.episodes.delete(progress.service_id);
  block.events.push(...ended.events);
}

async function judgeEdge(
  deps: JudgeJobDeps,
  block: Block,
  state: ServiceState,
  input: WindowInput,
  vector: FeatureVector,
  score: Score,
) {
  const { service_id } = vector;
  const episode = block.episodes.get(service_id) ?? null;
  const calibration = calibrationOf(block, state);
  const explanation = wantsExplanation(episode, score) ? await explainEdge(deps, block, state, vector) : null;
  const advanced = advanceEpisode(episode, score, explanation);
  if (advanced.episode && (advanced.events.length > 0 || advanced.episode !== episode)) {
    block.changed_episodes.set(advanced.episode.id, advanced.episode);
    if (advanced.episode.status === 'open') block.episodes.set(service_id, advanced.episode);
    else block.episodes.delete(service_id);
  }
  block.events.push(...advanced.events);
  const is_minute = isMinuteEdge(vector.window_end);
  // Not asked of scoring: it judges a minute's edges together, but an episode may open or end between them.
  const learn_weight = episode ? INCIDENT_WEIGHT : score.learn_weight;
  if (is_minute || score.keep || advanced.episode) {
    block.windows.push(storedWindow(vector, { ...score, learn_weight }, is_minute));
  }
  state.minute_scores.push({ margins: score.margins, learn_weight });
  if (is_minute) learn(state, calibration, input, vector);
}

async function explainEdge(
  deps: JudgeJobDeps,
  block: Block,
  state: ServiceState,
  vector: FeatureVector,
): Promise<Explanation> {
  const { tenant_id, model } = block;
  const { baseline, progress } = state;
  const calibration = calibrationOf(block, state);
  const { service } = progress;
  const explanation = await deps.explain({ tenant_id, service, vector, calibration, baseline, model });
  const lines = await deps.sample({ tenant_id, window: vector, explanation, is_sparing: true });
  return { ...explanation, ...lines };
}

function learn(
  state: ServiceState,
  calibration: Calibration,
  input: WindowInput,
  vector: FeatureVector,
): void {
  // What was not seen teaches nothing.
  if (input.is_blind) return;
  const minute = state.minute_scores as Pick<Score, 'margins' | 'learn_weight'>[];
  const weight = minuteWeight(minute);
  learnCalibration(calibration, minute, weight);
  learnMinute(state.baseline, input, vector, weight);
  state.progress.window_count += 1;
  state.learned = true;
}

function calibrationOf(block: Block, state: ServiceState): Calibration {
  const { service_id } = state.progress;
  const known = block.calibrations.get(service_id);
  if (known) return known;
  const created = createCalibration();
  block.calibrations.set(service_id, created);
  return created;
}

async function saveBlock(client: Client, block: Block): Promise<void> {
  // The comparison in saveBaselines comes first: a worker that lost the race writes nothing.
  const learned = block.states.filter((state) => state.learned);
  const moved = block.states.filter((state) => state.saved_until !== state.progress.judged_until);
  await saveBaselines(client, moved.map(baselineUpdate));
  await markJudgedMeanwhile(
    client,
    block.tenant_id,
    moved.map(({ progress, saved_until }) => ({ ...progress, judged_from: saved_until })),
  );
  await saveCalibrations(
    client,
    block.tenant_id,
    new Map(
      learned.map(({ progress }) => [
        progress.service_id,
        block.calibrations.get(progress.service_id) ?? createCalibration(),
      ]),
    ),
  );
  await saveWindows(client, block.tenant_id, block.windows);
  await saveEpisodes(client, block.tenant_id, block.changed_episodes.values());
  await saveEvents(client, block.tenant_id, block.events);
}
