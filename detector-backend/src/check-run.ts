import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readAnomalies, type WatchedAnomaly } from './anomaly-watch.ts';
import { startEmbedded, type EmbeddedStack } from './embedded.ts';
import { createLogTimeDriver, type LogTimeDriver } from './log-time-driver.ts';
import { callApi, startOnCallDemo } from './on-call-demo.ts';
import { processTreeMemory } from './platform/process-memory.ts';
import { checkReport } from './simulation/check-report.ts';
import { createProgressBar } from './simulation/progress-bar.ts';
import { runReplay } from './simulation/replay-run.ts';
import { runShopCheck } from './simulation/shop-run.ts';
import { systemClock } from './simulation/wall-clock.ts';
import type { StartArguments } from './start-arguments.ts';

/** What `--check` prints: counts that must agree with each other, and what the run cost. */
export interface CheckResult {
  lines_read: number;
  lines_stored: number;
  lines_counted: number;
  windows: number;
  templates: number;
  anomalies: number;
  alerts_matched: number;
  alerts_delivered: number;
  /** Log lines stored twice, and alerts that the receiver saw twice. */
  duplicates: number;
  seconds: number;
  lines_per_second: number;
  peak_rss_mb: number;
  incidents?: number;
  incidents_found?: number;
  false_anomalies?: number;
}

/** A sample reads the page tables of some thirty processes: 40 to 100 ms in which nothing else runs. */
const MEMORY_SAMPLE_MS = 2_000;

/** Runs shop or replay to its end in a database of its own, and counts everything on the way. */
export async function runCheck(options: StartArguments, signal: AbortSignal): Promise<CheckResult> {
  // Below a 0700 folder PostgreSQL would need another user than `nobody`.
  const data_dir = mkdtempSync(path.join(os.tmpdir(), 'seismolog-check-'));
  chmodSync(data_dir, 0o755);
  let stack: EmbeddedStack | undefined;
  try {
    const config = { data_dir, http_port: options.http_port ?? 0, log_level: 'warn' };
    stack = await startEmbedded({ config, fsync: false });
    return await check(stack, options, signal);
  } finally {
    await stack?.stop();
    rmSync(data_dir, { recursive: true, force: true });
  }
}

async function check(
  stack: EmbeddedStack,
  options: StartArguments,
  signal: AbortSignal,
): Promise<CheckResult> {
  const memory = sampleMemory();
  const receiver = await startOnCallDemo(stack);
  const started = performance.now();
  try {
    const run =
      options.replay.length > 0 ? await replay(stack, options, signal) : await shop(stack, options, signal);
    const seconds = (performance.now() - started) / 1000;
    const anomalies = await readAnomalies(stack.parts.database, stack.tenant_id, 0);
    if (options.anomalies_file !== null) writeAnomalies(options.anomalies_file, anomalies);
    const counts = await countEverything(stack, run.driver.log_source_id);
    return {
      lines_read: run.lines_read,
      ...counts,
      anomalies: anomalies.length,
      duplicates: run.duplicates + receiver.duplicates(),
      seconds: round(seconds),
      lines_per_second: Math.round(counts.lines_counted / seconds),
      peak_rss_mb: Math.round(memory.stop()),
      ...run.report(anomalies),
    };
  } finally {
    memory.stop();
    await receiver.close();
  }
}

interface Run {
  driver: LogTimeDriver;
  lines_read: number;
  duplicates: number;
  report(anomalies: WatchedAnomaly[]): Pick<CheckResult, 'incidents' | 'incidents_found' | 'false_anomalies'>;
}

async function shop(stack: EmbeddedStack, options: StartArguments, signal: AbortSignal): Promise<Run> {
  const driver = await createLogTimeDriver(stack, { name: 'shop', source_type: 'simulated' });
  const bar = createProgressBar(process.stderr, Date.now);
  const result = await runShopCheck(
    {
      ...driver,
      recordChange: async ({ service, kind, title, occurred_at }) =>
        void (await callApi(stack, 'POST', '/changes', {
          kind,
          title: `${service}: ${title}`,
          occurred_at: new Date(occurred_at).toISOString(),
        })),
      onProgress: (progress) => bar.update(progress),
      onIncident: () => undefined,
    },
    { seed: options.seed, run_id: `check-${options.seed}`, clock: systemClock, signal },
  );
  bar.done();
  return {
    driver,
    lines_read: result.lines,
    duplicates: result.duplicates,
    report(anomalies) {
      const { incidents, incidents_found, false_anomalies, details } = checkReport(
        result.incidents,
        anomalies,
      );
      for (const { kind, service, found, delay_seconds } of details) {
        process.stderr.write(
          `${found ? 'found ' : 'missed'}  ${kind.padEnd(14)} ${service.padEnd(11)} ${delay_seconds === null ? '' : `after ${delay_seconds} s`}\n`,
        );
      }
      return { incidents, incidents_found, false_anomalies };
    },
  };
}

async function replay(stack: EmbeddedStack, options: StartArguments, signal: AbortSignal): Promise<Run> {
  const driver = await createLogTimeDriver(stack, { name: 'replay', source_type: 'replay' });
  const bar = createProgressBar(process.stderr, Date.now);
  const result = await runReplay(
    {
      ...driver,
      onProgress: (progress) => bar.update(progress),
      onBadLine: (bad) => bar.print(`${bad.file}:${bad.line}: ${bad.reason}`),
    },
    {
      files: options.replay,
      format: options.format,
      speed: options.speed,
      run_id: 'check',
      clock: systemClock,
      signal,
    },
  );
  bar.done();
  return { driver, lines_read: result.lines_read, duplicates: result.duplicates, report: () => ({}) };
}

async function countEverything({ parts, tenant_id }: EmbeddedStack, log_source_id: string) {
  return parts.database.withTenant(tenant_id, async (client) => {
    const { rows } = await client.query<
      Pick<
        CheckResult,
        'lines_stored' | 'lines_counted' | 'windows' | 'templates' | 'alerts_matched' | 'alerts_delivered'
      >
    >(
      `select (select count(*) from embedded_logs where log_source_id = $1) as lines_stored,
         (select coalesce(sum(lines), 0)::bigint from tiles where log_source_id = $1) as lines_counted,
         (select count(*) from feature_windows) as windows, (select count(*) from log_templates) as templates,
         (select count(*) from alerts where status <> 'suppressed') as alerts_matched,
         (select count(*) from alerts where status = 'sent') as alerts_delivered`,
      [log_source_id],
    );
    if (!rows[0]) throw new Error('the database counted nothing');
    return rows[0];
  });
}

/** One anomaly a line, times as ISO 8601. */
export function writeAnomalies(file: string, anomalies: WatchedAnomaly[]): void {
  const iso = (ms: number) => new Date(ms).toISOString();
  const text = anomalies.map((anomaly) =>
    JSON.stringify({
      id: anomaly.id,
      service: anomaly.service,
      kind: anomaly.anomaly_type,
      kinds: anomaly.kinds,
      severity: anomaly.severity,
      status: anomaly.status,
      score: anomaly.score,
      opened_at: iso(anomaly.opened_at),
      started_at: iso(anomaly.started_at),
      last_seen_at: iso(anomaly.last_seen_at),
      resolved_at: anomaly.resolved_at === null ? null : iso(anomaly.resolved_at),
      detected_at: iso(anomaly.detected_at),
      explanation: { ...anomaly.explanation, started_at: iso(anomaly.explanation.started_at) },
    }),
  );
  writeFileSync(file, text.map((line) => `${line}\n`).join(''));
}

function sampleMemory(): { stop(): number } {
  let peak = processTreeMemory();
  const timer = setInterval(() => (peak = Math.max(peak, processTreeMemory())), MEMORY_SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
