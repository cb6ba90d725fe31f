import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from './platform/postgres.ts';
import type { Explanation } from './explanations/explanation-schema.ts';

/** An anomaly as the console and the NDJSON of a check show it. Times are epoch ms. */
export interface WatchedAnomaly {
  id: string;
  service: string;
  anomaly_type: string;
  kinds: string[];
  severity: string;
  status: string;
  score: number;
  started_at: number;
  opened_at: number;
  last_seen_at: number;
  resolved_at: number | null;
  detected_at: number;
  created_at: number;
  explanation: Explanation;
}

/** Anomalies of a tenant stored after `created_after` (epoch ms), in the order of their opening. */
export function readAnomalies(
  database: Database,
  tenant_id: string,
  created_after: number,
): Promise<WatchedAnomaly[]> {
  return database.withTenant(tenant_id, async (client) => {
    const { rows } = await client.query<WatchedAnomaly>(
      `select a.id, s.name as service, a.anomaly_type, a.kinds, a.severity, a.status, a.score, a.started_at, a.opened_at,
         a.last_seen_at, a.resolved_at, a.detected_at, a.created_at, a.explanation
       from anomalies a join services s on s.id = a.service_id
       where a.created_at >= $1 order by a.opened_at, s.slug, a.id`,
      [new Date(created_after)],
    );
    return rows;
  });
}

const POLL_MS = 500;

/** Calls `onAnomaly` once for every anomaly that opens from now on, until the signal aborts. */
export async function watchAnomalies(
  database: Database,
  tenant_id: string,
  signal: AbortSignal,
  onAnomaly: (anomaly: WatchedAnomaly) => void,
): Promise<void> {
  const seen = new Set<string>();
  let from = Date.now();
  while (!signal.aborted) {
    for (const anomaly of await readAnomalies(database, tenant_id, from - 10_000)) {
      if (seen.has(anomaly.id) || anomaly.created_at < from - 10_000) continue;
      seen.add(anomaly.id);
      onAnomaly(anomaly);
    }
    if (seen.size > 1_000) seen.clear();
    from = Math.max(from, Date.now() - 60_000);
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
