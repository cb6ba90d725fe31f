import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../src/simulation/random.ts';
import { FROM, passDeliveryLease, progressOf, TO, type Progress, type ShopWorld } from './shop-world.ts';
import { startWorkerProcess, type Job, type WorkerProcess } from './worker-process.ts';

/** When to disturb a run: once `isReached` holds. */
export interface Point {
  name: string;
  isReached: (progress: Progress) => boolean;
  delay_ms: number;
  /** Waits until the worker is this long in the middle of such a job. */
  during?: Job;
  /** Called once the disturbance is over. */
  afterwards?: () => Promise<void>;
}

const PAUSE_MS = 10;
const LONGEST_DELAY_MS = 150;
/** Windows at which the first model is trained: see models/model.ts. */
const FIRST_TRAINING = 256;

/** Points spread at random over the work of reading and judging, the same for a seed. */
export function randomPoints(seed: number, count: number): Point[] {
  const random = createRandom();
  random.reseed(seed);
  return Array.from({ length: count }, (_, index) => {
    const share = 0.02 + (0.95 * (index + random.next())) / count;
    const delay_ms = random.int(LONGEST_DELAY_MS);
    const isReached = ({ read, judged }: Progress) => read - FROM + judged - FROM >= share * 2 * (TO - FROM);
    const during = index % 2 === 0 ? 'read' : 'judge';
    return { name: `${during} at ${Math.round(share * 100)} %`, isReached, delay_ms, during };
  });
}

/**
 * Between the commit of the windows that make a training due and the model that is trained from them: holds a lock that
 * lets no model be stored until the worker is dead.
 */
export async function trainingPoint({ db }: ShopWorld): Promise<Point> {
  const client = await db.owner.connect();
  await client.query('begin; lock table model_artifacts in exclusive mode');
  return {
    name: 'training',
    isReached: ({ window_count }) => window_count >= FIRST_TRAINING,
    delay_ms: 0,
    async afterwards() {
      await client.query('rollback');
      client.release();
    },
  };
}

/** A worker that is started again whenever it is dead. */
export interface Supervisor {
  kill(name: string): void;
  /** Names of the kills so far. */
  kills: readonly string[];
  /** Watches over the worker and kills it at each point until `run` is done; then ends it. */
  watch(points: Point[], run: Promise<void>): Promise<void>;
}

export function createSupervisor(world: ShopWorld, redis_url: string | null): Supervisor {
  const settings = { app_url: world.db.app_url, redis_url, secret_key: world.secret_key };
  const kills: string[] = [];
  let worker: WorkerProcess | null = null;
  const kill = (name: string) => {
    if (!worker) return;
    worker.kill();
    kills.push(name);
  };
  const keepAlive = async () => {
    const living = await startWorkerProcess(settings);
    worker = living;
    void living.ended.then(() => (worker = null));
  };
  return {
    kill,
    kills,
    async watch(points, run) {
      await keepAlive();
      try {
        const isDone = tellDone(run);
        const pending = [...points];
        while (!isDone()) {
          if (worker === null) {
            await passDeliveryLease(world);
            await keepAlive();
          }
          await atPoints(world, pending, async (point) => {
            await untilInside(point, () => (isDone() ? null : worker));
            kill(point.name);
            await worker?.ended;
          });
          await sleep(PAUSE_MS);
        }
        await run;
      } finally {
        worker?.kill();
      }
    },
  };
}

/** Returns `delay_ms` after a job began that still runs then. A job that is shorter is tried again with half the delay. */
async function untilInside({ during, delay_ms }: Point, living: () => WorkerProcess | null): Promise<void> {
  if (!during) return;
  for (let delay = delay_ms; ; delay /= 2) {
    while (living()?.isRunning(during) === false) await sleep(1);
    await sleep(delay);
    if (living()?.isRunning(during) !== false) return;
  }
}

/** Disturbs at a pending point that is reached, and takes it off the list. */
export async function atPoints(
  world: ShopWorld,
  pending: Point[],
  disturb: (point: Point) => Promise<void>,
): Promise<void> {
  const progress = await progressOf(world);
  const index = pending.findIndex((point) => point.isReached(progress));
  if (index < 0) return;
  const [point] = pending.splice(index, 1) as [Point];
  await disturb(point);
  await point.afterwards?.();
}

/** Whether a promise is settled, without waiting for it. */
export function tellDone(run: Promise<void>): () => boolean {
  let is_done = false;
  const done = () => (is_done = true);
  run.then(done, done);
  return () => is_done;
}
