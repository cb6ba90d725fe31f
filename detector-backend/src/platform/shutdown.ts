import type { Logger } from './logger.ts';

export interface Shutdown {
  /** Registers what to release; phases run one after the other, the last registered first. */
  onShutdown(phase: string, timeout_ms: number, release: () => Promise<unknown> | unknown): void;
  /** Runs all phases once; later calls wait for the same run. True when each ended in time and without error. */
  run(reason: string): Promise<boolean>;
  /** Runs the phases and ends the process on SIGTERM and SIGINT; a second signal ends it at once. */
  listenToSignals(): void;
}

/** Releases in reverse order of acquisition: a phase that fails or hangs is logged and does not hold the next one. */
export function createShutdown(logger: Logger): Shutdown {
  const phases: { phase: string; timeout_ms: number; release: () => Promise<unknown> | unknown }[] = [];
  let running: Promise<boolean> | undefined;

  async function releaseAll(reason: string): Promise<boolean> {
    logger.info({ reason }, 'stopping');
    let clean = true;
    for (const { phase, timeout_ms, release } of phases.toReversed()) {
      try {
        await withinTime(Promise.resolve().then(release), timeout_ms);
      } catch (error) {
        clean = false;
        logger.error({ phase, err: error }, 'phase of shutdown failed');
      }
    }
    logger.info({ clean }, 'stopped');
    return clean;
  }
  const run = (reason: string) => (running ??= releaseAll(reason));

  return {
    onShutdown: (phase, timeout_ms, release) => void phases.push({ phase, timeout_ms, release }),
    run,
    listenToSignals() {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        process.on(signal, () => {
          if (running) process.exit(1);
          void run(signal).then((clean) => process.exit(clean ? 0 : 1));
        });
      }
    },
  };
}

async function withinTime(work: Promise<unknown>, timeout_ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${timeout_ms} ms`)), timeout_ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
