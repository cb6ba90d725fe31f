import type { Database } from './platform/postgres.ts';
import type { Logger } from './platform/logger.ts';
import type { Queues } from './platform/queue.ts';
import { dueLogSources, dueRecounts } from './reading/due-slices.ts';
import { dueTenants } from './windows/due-windows.ts';
import { tenantsWithUndecidedEvents } from './anomalies/due-events.ts';
import { dueAlerts, type deliverStep } from './alerting/deliver-step.ts';
import type { evaluateStep } from './alerting/evaluate-step.ts';
import { createAwaySources } from './away-sources.ts';
import type { ReadOutcome } from './read-job.ts';
import type { JudgeOutcome } from './judge-job.ts';
import type { retentionJob } from './retention-job.ts';

/**
 * THE page to read: how a stored log line becomes a delivered alert.
 *
 *   sweep ──► read ──► judge ──► alert ──► deliver ──► webhook, Slack
 *
 * | queue   | one job is       | steps, in order                                                        | where                     |
 * |---------|------------------|------------------------------------------------------------------------|---------------------------|
 * | (HTTP)  | POST /logs       | parse, store the lines; no job: what is stored is found by the sweep   | ingest/ingest-step.ts     |
 * | read    | a log source     | claim slice, read lines, mine templates, count tiles, write all at once | read-job.ts               |
 * | recount | a slice          | count again; read again when it grew                                   | read-job.ts               |
 * | judge   | a tenant         | vectors, scores, explanations, episodes, learn, write all at once;     | judge-job.ts              |
 * |         |                  | then train a model when one is due (a transaction of its own)          |                           |
 * | revise  | a tenant         | judge again what late lines touched: withdraw, raise or open anomalies | revise-job.ts             |
 * | alert   | a tenant         | ask the policies about undecided anomaly events, fill the outbox       | alerting/evaluate-step.ts |
 * | deliver | an alert         | send, record                                                           | alerting/deliver-step.ts  |
 * | retain  | the installation | every ten minutes: make coming days, drop expired ones                 | retention-job.ts          |
 *
 * The sweep (below) finds due work of every kind in tables, once a second.
 * Tables say what is due; jobs are hints. A job carries ids, never log lines, and its id tells the state it was made
 * for, so the same work is queued once. Losing the whole queue costs a second: the sweep derives it again. A job whose
 * worker died comes back within 13 s.
 */
export interface Pipeline {
  database: Database;
  logger: Logger;
  queues: Queues;
  read: (input: { tenant_id: string; log_source_id: string }) => Promise<ReadOutcome>;
  recount: (input: { tenant_id: string; log_source_id: string; slice_start: number }) => Promise<ReadOutcome>;
  judge: (input: { tenant_id: string }) => Promise<JudgeOutcome>;
  revise: (input: { tenant_id: string }) => Promise<JudgeOutcome>;
  alert: ReturnType<typeof evaluateStep>;
  deliver: ReturnType<typeof deliverStep>;
  retain: ReturnType<typeof retentionJob>;
}

const SWEEP_MS = 1_000;
const RETAIN_MS = 600_000;

type Tenant = { tenant_id: string };
type Source = Tenant & { log_source_id: string };

/** Starts the workers of every queue and the sweep. Returns how to stop the sweep; `queues.close()` stops the workers. */
export function startPipeline(pipeline: Pipeline): { stop: () => Promise<void> } {
  const { queues } = pipeline;
  const start = <T>(queue: string, concurrency: number, run: (ids: T, job_id: string) => Promise<unknown>) =>
    queues.work<T>(queue, ({ data, id }) => run(data, id), { concurrency });

  const unlessAway = createAwaySources(pipeline.logger, 'log source');
  const unlessStuck = createAwaySources(pipeline.logger, 'slice that is due for a re-count');
  start<Source>('read', 2, async ({ tenant_id, log_source_id }, job_id) => {
    const outcome = await unlessAway(log_source_id, () => pipeline.read({ tenant_id, log_source_id }));
    if (!outcome) return;
    if (outcome.slices > 0) await hint(queues, 'judge', { tenant_id }, job_id);
    if (outcome.more !== null) await hint(queues, 'read', { tenant_id, log_source_id }, String(outcome.more));
  });
  start<Source & { slice_start: number }>('recount', 1, (slice) =>
    unlessStuck(slice.log_source_id, () => pipeline.recount(slice)),
  );
  start<Tenant>('judge', 2, async ({ tenant_id }, job_id) => {
    const { events, more } = await pipeline.judge({ tenant_id });
    if (events > 0) await hint(queues, 'alert', { tenant_id }, job_id);
    if (more !== null) await hint(queues, 'judge', { tenant_id }, String(more));
  });
  start<Tenant>('revise', 1, async ({ tenant_id }, job_id) => {
    const { events } = await pipeline.revise({ tenant_id });
    if (events > 0) await hint(queues, 'alert', { tenant_id }, job_id);
  });
  start<Tenant>('alert', 1, async ({ tenant_id }) => {
    const { alert_ids } = await pipeline.alert({ tenant_id });
    for (const alert_id of alert_ids) await hint(queues, 'deliver', { tenant_id, alert_id }, 'new');
  });
  start('deliver', 4, pipeline.deliver);
  start('retain', 1, () => pipeline.retain({ wall_now: Date.now() }));
  return startSweep(pipeline);
}

type Ids = Record<string, string | number>;

/** Queues work once: `state` names the state of the tables that made it due. The job id of a cause serves as well. */
const hint = (queues: Queues, queue: string, ids: Ids, state: string) =>
  queues.add(queue, queue, ids, { job_id: `${queue}-${Object.values(ids).join('-')}-${state}` });

/** Finds everything that is due and queues it; what is queued already is ignored by its job id. */
export async function sweep({ database, queues }: Pick<Pipeline, 'database' | 'queues'>): Promise<void> {
  for (const { id, tenant_id, cursor_at } of await dueLogSources(database)) {
    await hint(queues, 'read', { tenant_id, log_source_id: id }, String(cursor_at ?? 0));
  }
  for (const { recount_at, ...slice } of await dueRecounts(database)) {
    await hint(queues, 'recount', slice, String(recount_at));
  }
  for (const { tenant_id, read_until, judged_until, dirty } of await dueTenants(database)) {
    if (read_until !== null) await hint(queues, 'judge', { tenant_id }, `${read_until}-${judged_until ?? 0}`);
    if (dirty > 0) await hint(queues, 'revise', { tenant_id }, String(dirty));
  }
  for (const { tenant_id, anomaly_id, undecided } of await tenantsWithUndecidedEvents(database)) {
    await hint(queues, 'alert', { tenant_id }, `${anomaly_id}-${undecided}`);
  }
  for (const { tenant_id, id, next_attempt_at } of await dueAlerts(database)) {
    await hint(queues, 'deliver', { tenant_id, alert_id: id }, String(next_attempt_at));
  }
}

function startSweep(pipeline: Pipeline): { stop: () => Promise<void> } {
  let stopped = false;
  let wake: () => void = () => undefined;
  let retained_at = 0;
  const round = async () => {
    await sweep(pipeline);
    if (Date.now() - retained_at < RETAIN_MS) return;
    retained_at = Date.now();
    await hint(pipeline.queues, 'retain', {}, 'due');
  };
  const loop = async () => {
    while (!stopped) {
      // The database or the queue may be away for a while: the next sweep finds the same work.
      await round().catch((err: unknown) => pipeline.logger.warn({ err }, 'sweep failed'));
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, SWEEP_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const done = loop();
  return {
    stop: async () => {
      stopped = true;
      wake();
      await done;
    },
  };
}
