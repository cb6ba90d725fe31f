import type { Detector } from '../models/detector.ts';
import type { LoadedModel } from '../models/model.ts';
import type { FeatureVector } from '../windows/window-schema.ts';
import { createCalibration, type Calibration } from './calibration.ts';
import { KEEP_SCORE, type Score } from './score-schema.ts';

/** What an incident may teach: little, so it does not become normal, but not nothing, so a new normal is accepted. */
export const INCIDENT_WEIGHT = 0.1;
/** From this score on a window counts as part of an incident; below {@link KEEP_SCORE} it is fully learned. */
const INCIDENT_SCORE = 50;

export interface ScoreInput {
  vectors: FeatureVector[];
  /** By service id; a service without one is new. */
  calibrations: ReadonlyMap<string, Calibration>;
  /** The tenant's active model; null before the first training. */
  model: LoadedModel | null;
}

/** Scores in the order of the vectors. Errors of the detector pass through: a window is never skipped. */
export type ScoreStep = (input: ScoreInput) => Promise<Score[]>;

/** Judges windows: head tail probabilities, fused score 0–100, what to keep and how much to learn. */
export const scoreStep =
  (deps: { detector: (model: LoadedModel | null) => Detector }): ScoreStep =>
  async ({ vectors, calibrations, model }) => {
    const detector = deps.detector(model);
    const unseen = createCalibration();
    const results = await detector.detect(
      vectors.map(({ service_id, features, hashed_counts }) => ({
        features,
        hashed_counts,
        calibration: (calibrations.get(service_id) ?? unseen).row,
      })),
    );
    return vectors.map(({ service_id, window_start, window_end }, index) => {
      const { score, head_p, margins } = results[index]!;
      return {
        service_id,
        window_start,
        window_end,
        score,
        head_p,
        margins,
        margin: margins.at(-1)!,
        keep: score >= KEEP_SCORE,
        learn_weight: learnWeight(score),
        model_version_id: detector.model_version_id,
      };
    });
  };

/** 1 up to the score from which windows are kept, falling in a straight line to the weight of an incident at 50. */
function learnWeight(score: number): number {
  const share = (score - KEEP_SCORE) / (INCIDENT_SCORE - KEEP_SCORE);
  return Math.min(1, Math.max(INCIDENT_WEIGHT, 1 - (1 - INCIDENT_WEIGHT) * share));
}

/** How much a full minute teaches: the least weight of its edges; 1 when there are none. */
export const minuteWeight = (minute: readonly Pick<Score, 'learn_weight'>[]): number =>
  minute.reduce((least, { learn_weight }) => Math.min(least, learn_weight), 1);
