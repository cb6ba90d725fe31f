import { createHash } from 'node:crypto';
import { FEATURE_COUNT, FEATURE_NAMES, HASHED_COUNT } from '../windows/window-schema.ts';
import { trainForest } from './forest.ts';
import type { LoadedModel } from './model.ts';
import { encodeModel } from './onnx-model.ts';

/** For tests: 400 usual windows, mostly small values, from a fixed seed. */
export function usualRows(count = 400): Float32Array[] {
  let state = 42;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  return Array.from({ length: count }, () =>
    Float32Array.from(
      { length: FEATURE_COUNT + HASHED_COUNT },
      (_, at) => (at < FEATURE_COUNT ? -0.4 : 3) + next() ** 2,
    ),
  ).map((row) => row.map((value) => Math.max(0, value)));
}

export const testForest = trainForest(usualRows());

export function testModel(): LoadedModel {
  const content = encodeModel(testForest);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { model_version_id: 'model-1', version: 1, sha256, content, feature_names: FEATURE_NAMES };
}
