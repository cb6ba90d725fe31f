import { createHash } from 'node:crypto';
import type { Database } from '../platform/postgres.ts';
import { FEATURE_NAMES } from '../windows/window-schema.ts';
import { INPUT_WIDTHS } from './ensemble.ts';
import { trainForest } from './forest.ts';
import {
  FIRST_TRAINING_WINDOWS,
  MODEL_NAME,
  MODEL_TYPE,
  modelDue,
  modelVersionId,
  type ModelVersion,
} from './model.ts';
import { findCurrentVersions, insertActiveVersion } from './model-repository.ts';
import { encodeModel } from './onnx-model.ts';
import { readTrainingSet, type TrainingSet } from './training-read-model.ts';

/** Training as the worker's loop calls it. */
export interface TrainStep {
  /**
   * Whether the tenant's next version is due, by the versions that `active` or `run` saw last; false before either was
   * called. Cheap: meant for every minute of log time.
   */
  isDue(tenant_id: string, window_count: number, at: number): boolean;
  /** Trains when due by the tables; returns the id of the new version. */
  run(tenant_id: string, at: number): Promise<string | null>;
}

/**
 * Trains the tenant's next version from its stored minute windows and makes it active. Deterministic: the same windows
 * give the same bytes and the same id; a second worker that does the same work adds nothing.
 * @returns the id of the new version, or null when none is due or another worker was first
 */
export const trainStep =
  ({ database }: { database: Database }) =>
  async ({ tenant_id, at }: { tenant_id: string; at: number }): Promise<string | null> => {
    const input = await database.withTenant(tenant_id, async (client) => {
      const { latest } = await findCurrentVersions(client);
      const { rows } = await client.query<{ learned: number }>(
        'select coalesce(sum(window_count), 0)::integer as learned from baselines',
      );
      const window_count = rows[0]?.learned ?? 0;
      if (!modelDue(latest, window_count, at)) return null;
      return { latest, window_count, training: await readTrainingSet(client, at) };
    });
    // Incident windows are left out, so a few less than were counted may be there.
    if (input === null || input.training.rows.length < FIRST_TRAINING_WINDOWS / 2) return null;
    const { version, content } = train(tenant_id, input.latest, input.window_count, input.training, at);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const isFirst = await database.withTenant(tenant_id, (client) =>
      insertActiveVersion(client, tenant_id, version, { sha256, content }),
    );
    return isFirst ? version.id : null;
  };

function train(
  tenant_id: string,
  latest: ModelVersion | null,
  window_count: number,
  training: TrainingSet,
  at: number,
) {
  const forest = trainForest(training.rows);
  const content = encodeModel(forest);
  const number = (latest?.version ?? 0) + 1;
  return {
    content,
    version: {
      id: modelVersionId(tenant_id, MODEL_NAME, number),
      name: MODEL_NAME,
      version: number,
      model_type: MODEL_TYPE,
      trained_until: at,
      window_count,
      card: {
        feature_names: [...FEATURE_NAMES],
        hashed_counts: INPUT_WIDTHS.hashed_counts,
        calibration_width: INPUT_WIDTHS.calibration,
        trees: forest.trees.length,
        sample_size: forest.sample_size,
        rows: training.rows.length,
        trained_from: training.trained_from,
        opset: 'ai.onnx 17, ai.onnx.ml 3',
        artefact_bytes: content.length,
      },
    },
  };
}
