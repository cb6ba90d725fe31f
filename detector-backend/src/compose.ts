import { createDatabase, type Database } from './platform/postgres.ts';
import type { Config } from './platform/config.ts';
import type { Logger } from './platform/logger.ts';
import type { Metrics } from './platform/metrics.ts';
import { createQueues, type Queues } from './platform/queue.ts';
import type { JobTiming } from './platform/queue-backend.ts';
import type { LogStore } from './logstore/log-store.ts';
import { createSearchEngine } from './logstore/search-engine-connect.ts';
import { DEFAULT_INGEST_LIMITS, type IngestLimits } from './ingest/ingest-limits.ts';
import { ingestStep } from './ingest/ingest-step.ts';
import type { SearchEngines } from './ingest/log-source-settings.ts';
import { createSourceReader, type SourceReader } from './reading/source-reader.ts';
import { showMiner } from './templates/miner-metrics.ts';
import { createTemplateMiner } from './templates/template-miner.ts';
import { createInferenceThread, type InferenceThread } from './models/inference-thread.ts';
import { createModels, type Models } from './models/models.ts';
import { scoreStep, type ScoreStep } from './scoring/score-step.ts';
import { explainStep, type ExplainStep } from './explanations/explain-step.ts';
import { sampleStep, type SampleStep } from './explanations/sample-step.ts';
import { deliverStep } from './alerting/deliver-step.ts';
import { evaluateStep } from './alerting/evaluate-step.ts';
import { createSecretBox, type SecretBox } from './alerting/secret-box.ts';
import { createTargetGuard, type TargetGuard } from './alerting/target-guard.ts';
import { createWebhookClient, type SendWebhook } from './alerting/webhook-client.ts';
import { chooseLogStore } from './choose-log-store.ts';
import { judgeJob } from './judge-job.ts';
import { readJob, recountJob } from './read-job.ts';
import { retentionJob } from './retention-job.ts';
import { reviseJob } from './revise-job.ts';
import type { Pipeline } from './pipeline.ts';
import { showSources } from './source-metrics.ts';

/** How soon the work of a dead process is taken over; what is left out has its default (about ten seconds). */
export interface Takeover {
  lease_seconds?: number;
  jobs?: JobTiming;
}

/** Everything that a process holds open, built once. */
export interface Parts {
  config: Readonly<Config>;
  logger: Logger;
  metrics: Metrics;
  database: Database;
  queues: Queues;
  /** The clusters that the environment names: for the log store, and for log sources that live in them. */
  engines: SearchEngines;
  log_store: LogStore;
  /** Reads every log source where it lives. */
  log_reader: SourceReader;
  limits: IngestLimits;
  ingest: ReturnType<typeof ingestStep>;
  thread: InferenceThread;
  models: Models;
  score: ScoreStep;
  explain: ExplainStep;
  sample: SampleStep;
  secret_box: SecretBox;
  guard: TargetGuard;
  send: SendWebhook;
  takeover: Takeover;
}

const limitsOf = (config: Config): IngestLimits => ({
  ...DEFAULT_INGEST_LIMITS,
  max_compressed_bytes: config.body_limit_bytes,
  max_unpacked_bytes: config.unpacked_limit_bytes,
});

/** The clusters, the store of what is sent to us, and the reader of all sources. */
function openLogs(
  config: Config,
  database: Database,
  limits: IngestLimits,
  { metrics, logger }: { metrics: Metrics; logger: Logger },
) {
  const { readable_indices, connections } = config;
  const { elasticsearch, opensearch } = connections;
  const engines: SearchEngines = {
    ...(elasticsearch && { elasticsearch: createSearchEngine(elasticsearch) }),
    ...(opensearch && { opensearch: createSearchEngine(opensearch) }),
  };
  const log_store = chooseLogStore(config, database, engines);
  const parts = { database, log_store, engines, readable_indices, limits, metrics, logger };
  const log_reader = createSourceReader(parts);
  return { engines, log_store, log_reader };
}

/** Builds the parts of a process; connections are made on first use. `app_url` is the login of the application roles. */
export function compose(
  config: Readonly<Config>,
  app_url: string,
  logger: Logger,
  metrics: Metrics,
  takeover: Takeover = {},
): Parts {
  // The error of a pool carries its whole client: only what it says is logged.
  const onError = ({ message }: Error) => logger.warn({ reason: message }, 'idle database connection failed');
  const database = createDatabase({ url: app_url, max: 10, onError });
  showSources(metrics, database);
  const limits = limitsOf(config);
  const { engines, log_store, log_reader } = openLogs(config, database, limits, { metrics, logger });
  const thread = createInferenceThread();
  const models = createModels({ database, thread });
  const queue_home = config.redis_url ? { redis_url: config.redis_url } : { app_url };
  const guard = createTargetGuard(config.allow_private_targets);
  return {
    config,
    logger,
    metrics,
    database,
    queues: createQueues(queue_home, logger, metrics, takeover.jobs),
    engines,
    log_store,
    log_reader,
    limits,
    ingest: ingestStep({ database, log_store, metrics, limits }),
    thread,
    models,
    score: scoreStep(models),
    explain: explainStep({ database, detector: models.detector }),
    sample: sampleStep({ log_reader }),
    secret_box: createSecretBox(config.secret_key),
    guard,
    send: createWebhookClient(guard),
    takeover,
  };
}

/** The jobs of a worker process. */
export function composePipeline(parts: Parts): Pipeline {
  const { database, log_store, log_reader } = parts;
  const { lease_seconds } = parts.takeover;
  const miner = createTemplateMiner({ database });
  showMiner(parts.metrics, miner);
  const { onSlice, onBlock } = stepTimes(parts.metrics);
  const read = { database, log_store: log_reader, miner, wallNow: Date.now, lease_seconds, onSlice };
  return {
    database,
    queues: parts.queues,
    logger: parts.logger,
    read: readJob(read),
    recount: recountJob(read),
    judge: judgeJob({ ...parts, onBlock }),
    revise: reviseJob(parts),
    alert: evaluateStep(parts),
    deliver: deliverStep(parts),
    retain: retentionJob({
      database,
      log_store,
      logger: parts.logger,
      metrics: parts.metrics,
      retention: {
        log_days: parts.config.log_retention_days,
        window_days: parts.config.window_retention_days,
      },
    }),
  };
}

const STEP_SECONDS = Array.from({ length: 32 }, (_, step) => Number((0.002 * 1.35 ** step).toPrecision(3)));

function stepTimes({ histogram }: Metrics) {
  const slices = histogram(
    'seismolog_slice_seconds',
    'Time to read, mine and write a slice',
    [],
    STEP_SECONDS,
  );
  const blocks = histogram(
    'seismolog_judge_block_seconds',
    'Time to judge and write a block of minutes',
    [],
    STEP_SECONDS,
  );
  return {
    onSlice: (seconds: number) => slices.observe(seconds),
    onBlock: (seconds: number) => blocks.observe(seconds),
  };
}

/** Releases what {@link compose} opened, in reverse order. */
export async function release(parts: Parts): Promise<void> {
  await parts.queues.close();
  await parts.thread.close();
  await Promise.all(Object.values(parts.engines).map((engine) => engine.close()));
  await parts.database.close();
}
