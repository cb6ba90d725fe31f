import { FEATURE_NAMES } from '../windows/window-schema.ts';
import { cleanRow, type Detector } from './detector.ts';
import { INPUT_WIDTHS, MARGINS, roundScore, type DetectorResult, type DetectorRow } from './ensemble.ts';
import type { InferenceThread, ModelOutputs } from './inference-thread.ts';
import type { LoadedModel } from './model.ts';
import { MODEL_INPUTS, MODEL_OUTPUTS } from './onnx-model.ts';

/** Rows of one call of the runtime: more do not run faster (measured), fewer waste calls. */
const BATCH_ROWS = 256;

/**
 * The ONNX ensemble in the inference thread.
 * @throws Error naming both lists when the model was trained on other features
 */
export function createOnnxDetector(thread: InferenceThread, model: LoadedModel): Detector {
  if (model.feature_names.join() !== FEATURE_NAMES.join())
    throw new Error(
      `the model expects the features ${model.feature_names.join(', ')}; this version computes ${FEATURE_NAMES.join(', ')}`,
    );
  return {
    model_version_id: model.model_version_id,
    feature_names: model.feature_names,
    async detect(rows) {
      const results: DetectorResult[] = [];
      for (let from = 0; from < rows.length; from += BATCH_ROWS) {
        // The thread may have been started anew since the last batch.
        if (!thread.has(model.sha256)) await loadModel(thread, model);
        const batch = rows.slice(from, from + BATCH_ROWS).map(cleanRow);
        results.push(...unpack(await thread.run(model.sha256, batch.length, pack(batch)), batch.length));
      }
      return results;
    },
  };
}

async function loadModel(thread: InferenceThread, model: LoadedModel): Promise<void> {
  const { inputs, outputs } = await thread.load(model.sha256, model.content);
  const missing = [
    ...MODEL_INPUTS.filter((name) => !inputs.includes(name)),
    ...MODEL_OUTPUTS.filter((name) => !outputs.includes(name)),
  ];
  if (missing.length > 0) throw new Error(`the model ${model.sha256} lacks ${missing.join(', ')}`);
}

function pack(rows: DetectorRow[]): ModelOutputs {
  const matrix = (width: number, values: (row: DetectorRow) => number[]): Float32Array => {
    const data = new Float32Array(rows.length * width);
    rows.forEach((row, index) => data.set(values(row).slice(0, width), index * width));
    return data;
  };
  return {
    X: matrix(INPUT_WIDTHS.features, (row) => row.features),
    C: matrix(INPUT_WIDTHS.hashed_counts, (row) => row.hashed_counts),
    K: matrix(INPUT_WIDTHS.calibration, (row) => row.calibration),
  };
}

function unpack({ score, head_p, margins }: ModelOutputs, rows: number): DetectorResult[] {
  if (!score || !head_p || !margins) throw new Error('the model did not give score, head_p and margins');
  return Array.from({ length: rows }, (_, row) => ({
    score: roundScore(score[row]!),
    head_p: [...head_p.subarray(row * 3, row * 3 + 3)],
    margins: [...margins.subarray(row * MARGINS.length, (row + 1) * MARGINS.length)],
  }));
}
