import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { rowWith } from './detector-checks.ts';
import { createInferenceThread } from './inference-thread.ts';
import { testModel } from './model-fixture.ts';
import { createOnnxDetector } from './onnx-detector.ts';

const crashing = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ id, kind }) => {
      if (kind === 'load') parentPort.postMessage({ id, result: { inputs: ['X', 'C', 'K'], outputs: ['score', 'head_p', 'margins'] } });
      else if (kind === 'close') parentPort.close();
      else setTimeout(() => { throw new Error('out of luck'); });
    });`)}`,
);

describe('inference thread', () => {
  it('turns a crash into an error and starts again at the next call', async () => {
    const thread = createInferenceThread(crashing);
    await thread.load('a', new Uint8Array());
    expect(thread.has('a')).toBe(true);
    await expect(thread.run('a', 1, {})).rejects.toThrow(/the inference thread crashed.*out of luck/);
    expect(thread.has('a')).toBe(false);
    await expect(thread.load('a', new Uint8Array())).resolves.toBeDefined();
    await thread.close();
  });

  it('loads the model again in a thread that was started anew', async () => {
    const thread = createInferenceThread();
    const detector = createOnnxDetector(thread, testModel());
    const [first] = await detector.detect([rowWith({ volume_low: 9 })]);
    await thread.close();
    expect(await detector.detect([rowWith({ volume_low: 9 })])).toEqual([first]);
    await thread.close();
  });

  it('says so when a model is not loaded, and finishes calls in flight before it closes', async () => {
    const thread = createInferenceThread();
    await expect(thread.run('unknown', 1, {})).rejects.toThrow('model unknown is not loaded');
    const inFlight = thread.load('a', testModel().content);
    await thread.close();
    await expect(inFlight).resolves.toMatchObject({ inputs: ['X', 'C', 'K'] });
  });

  it('starts under the TypeScript loader and lets the process end by itself', async () => {
    const program = `
      import { uncalibratedRow } from './src/models/ensemble.ts';
      import { createInferenceThread } from './src/models/inference-thread.ts';
      import { testModel } from './src/models/model-fixture.ts';
      import { createOnnxDetector } from './src/models/onnx-detector.ts';
      const row = { features: new Array(12).fill(9), hashed_counts: new Array(64).fill(0), calibration: uncalibratedRow() };
      const [result] = await createOnnxDetector(createInferenceThread(), testModel()).detect([row]);
      console.log(result.score);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program],
      {
        cwd: new URL('../..', import.meta.url),
        timeout: 30_000,
      },
    );
    expect(Number(stdout)).toBeGreaterThan(50);
  });
});
