// Runs ONNX sessions off the main thread: session.run() blocks the thread that calls it.
// Plain JavaScript, so that a Worker can start it without a TypeScript loader.
import { parentPort } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';

/** @type {Map<string, Promise<import('onnxruntime-node').InferenceSession>>} */
const sessions = new Map();
const KEPT_SESSIONS = 4;

/** @param {{sha256: string, content: Uint8Array}} message */
async function load({ sha256, content }) {
  sessions.delete(sha256);
  sessions.set(
    sha256,
    ort.InferenceSession.create(content, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
    }),
  );
  const session = await sessions.get(sha256);
  for (const old of [...sessions.keys()].slice(0, -KEPT_SESSIONS)) {
    (await sessions.get(old))?.release();
    sessions.delete(old);
  }
  return { inputs: session.inputNames, outputs: session.outputNames };
}

/** @param {{sha256: string, rows: number, inputs: Record<string, Float32Array>}} message */
async function run({ sha256, rows, inputs }) {
  const session = await sessions.get(sha256);
  if (session === undefined) throw new Error(`model ${sha256} is not loaded`);
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, data]) => [
      name,
      new ort.Tensor('float32', data, [rows, data.length / rows]),
    ]),
  );
  const results = await session.run(feeds);
  return Object.fromEntries(
    Object.entries(results).map(([name, tensor]) => [name, Float32Array.from(tensor.data)]),
  );
}

/** Calls under way. */
const calls = new Set();

async function answer(message) {
  try {
    const result = message.kind === 'load' ? await load(message) : await run(message);
    parentPort.postMessage({ id: message.id, result });
  } catch (error) {
    if (message.kind === 'load') sessions.delete(message.sha256);
    parentPort.postMessage({ id: message.id, error: error instanceof Error ? error.message : String(error) });
  }
}

// The thread ends by itself: terminating it inside the runtime's native code would take the whole process down.
async function close() {
  await Promise.allSettled(calls);
  for (const session of sessions.values())
    await session.then((loaded) => loaded.release()).catch(() => undefined);
  parentPort.close();
}

parentPort.on('message', (message) => {
  if (message.kind === 'close') return void close();
  const call = answer(message).finally(() => calls.delete(call));
  calls.add(call);
});
