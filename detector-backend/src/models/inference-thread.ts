import { Worker } from 'node:worker_threads';

/** What the worker answers to a run: float32 outputs by name. */
export type ModelOutputs = Record<string, Float32Array>;

/** Client of one inference worker thread. The thread starts at the first call and again after a crash. */
export interface InferenceThread {
  /** Loads a model if the thread does not have it; rejects when the runtime refuses it. */
  load(sha256: string, content: Uint8Array): Promise<{ inputs: string[]; outputs: string[] }>;
  /** Runs a loaded model. Rejects when it is not loaded (for example after a crash) or when the thread dies. */
  run(sha256: string, rows: number, inputs: ModelOutputs): Promise<ModelOutputs>;
  /** True while the thread that now lives has the model. */
  has(sha256: string): boolean;
  /** Ends the thread after the calls in flight. The next call would start it anew. */
  close(): Promise<void>;
}

interface Pending {
  resolve: (result: never) => void;
  reject: (error: Error) => void;
}

interface Living {
  worker: Worker;
  pending: Map<number, Pending>;
  loaded: Set<string>;
}

/** Starts a thread; `onEnd` is called once, when it crashes or ends. */
function startThread(script: URL, onEnd: (thread: Living) => void): Living {
  // Without the parent's arguments: a TypeScript loader there would only slow the thread down.
  const worker = new Worker(script, { execArgv: [], name: 'inference' });
  // An idle thread must not keep the process alive; calls in flight do.
  worker.unref();
  const started: Living = { worker, pending: new Map(), loaded: new Set() };
  const bury = (error: Error) => {
    onEnd(started);
    for (const call of started.pending.values()) call.reject(error);
    started.pending.clear();
  };
  worker.on('message', (message: { id: number; result: never; error?: string }) => {
    const call = started.pending.get(message.id);
    started.pending.delete(message.id);
    if (started.pending.size === 0) worker.unref();
    if (message.error === undefined) call?.resolve(message.result);
    else call?.reject(new Error(`inference failed: ${message.error}`));
  });
  worker.on('error', (error) =>
    bury(new Error(`the inference thread crashed: ${String(error)}`, { cause: error })),
  );
  worker.on('exit', (code) => bury(new Error(`the inference thread ended with code ${code}`)));
  return started;
}

/** @param script the worker's file; tests pass one that misbehaves */
export function createInferenceThread(
  script: URL = new URL('./inference-worker.mjs', import.meta.url),
): InferenceThread {
  let living: Living | null = null;
  let calls = 0;

  const call = <T>(message: object): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      living ??= startThread(script, (ended) => {
        if (living === ended) living = null;
      });
      const id = ++calls;
      living.pending.set(id, { resolve, reject });
      living.worker.ref();
      living.worker.postMessage({ id, ...message });
    });

  return {
    async load(sha256, content) {
      const result = await call<{ inputs: string[]; outputs: string[] }>({ kind: 'load', sha256, content });
      living?.loaded.add(sha256);
      return result;
    },
    run: (sha256, rows, inputs) => call<ModelOutputs>({ kind: 'run', sha256, rows, inputs }),
    has: (sha256) => living?.loaded.has(sha256) ?? false,
    async close() {
      if (living === null) return;
      const { worker } = living;
      living = null;
      const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      worker.ref();
      worker.postMessage({ kind: 'close' });
      await ended;
    },
  };
}
