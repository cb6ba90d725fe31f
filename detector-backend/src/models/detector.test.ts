import { afterAll, describe, expect, it } from 'vitest';
import { FEATURE_COUNT, FEATURE_NAMES } from '../windows/window-schema.ts';
import { checkDetector, rowWith } from './detector-checks.ts';
import { createPlainDetector } from './detector.ts';
import { judge } from './ensemble.ts';
import { createInferenceThread } from './inference-thread.ts';
import { testForest, testModel, usualRows } from './model-fixture.ts';
import { createOnnxDetector } from './onnx-detector.ts';

const thread = createInferenceThread();
const onnx = createOnnxDetector(thread, testModel());
afterAll(() => thread.close());

checkDetector('plain', async () => createPlainDetector(FEATURE_NAMES));
checkDetector('ONNX ensemble', async () => onnx);

describe('the ONNX graph', () => {
  it('computes what the TypeScript reference computes, to 1e-5', async () => {
    const rows = usualRows(600).map((row, index) => {
      const features = [...row.subarray(0, FEATURE_COUNT)].map((value, at) =>
        at === index % FEATURE_COUNT ? index / 50 : value,
      );
      return { ...rowWith(), features, hashed_counts: [...row.subarray(FEATURE_COUNT)] };
    });
    const results = await onnx.detect(rows);
    rows.forEach((row, index) => {
      const reference = judge({ ...row, features: row.features.map(Math.fround) }, testForest);
      const { score, head_p, margins } = results[index]!;
      expect(Math.abs(score - reference.score)).toBeLessThan(2e-3);
      head_p.forEach((p, head) => expect(Math.abs(p - reference.head_p[head]!)).toBeLessThan(1e-5));
      margins.forEach((margin, head) =>
        expect(
          Math.abs(margin - reference.margins[head]!) / Math.max(1, reference.margins[head]!),
        ).toBeLessThan(1e-5),
      );
    });
  });

  it('is refused when it was trained on other features', () => {
    const model = { ...testModel(), feature_names: ['error_surprisal'] };
    expect(() => createOnnxDetector(thread, model)).toThrow(
      /expects the features error_surprisal; .* computes volume_high/,
    );
  });

  it('is refused by the runtime when it is damaged', async () => {
    const model = { ...testModel(), sha256: 'broken', content: testModel().content.slice(0, 5000) };
    await expect(createOnnxDetector(thread, model).detect([rowWith()])).rejects.toThrow(/inference failed/);
    await expect(onnx.detect([rowWith()])).resolves.toHaveLength(1);
  });
});
