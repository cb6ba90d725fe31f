import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedStack } from './embedded.ts';
import {
  advanceClock,
  createLogSource,
  disableLogSource,
  findLogSource,
  readClock,
} from './ingest/log-source-repository.ts';
import { createLogSender, type Send } from './simulation/log-sender.ts';

/** How a replay or the simulated shop drives the product: logs over HTTP, and the clock of its source. */
export interface LogTimeDriver {
  log_source_id: string;
  /** Clock of the source from an earlier run, epoch ms; null when it never ran. */
  clock_at: number | null;
  send: Send;
  advanceClock(at_ms: number): Promise<void>;
  /** Resolves once everything before `at_ms` is read, judged and delivered. */
  settled(at_ms: number): Promise<void>;
  /** Says that nothing more will come: an ended replay must not hold the clock of services that others also write. */
  end(): Promise<void>;
}

const POLL_MS = 100;
const MAX_SOURCES = 1000;

export async function createLogTimeDriver(
  stack: EmbeddedStack,
  source: { name: string; source_type: 'simulated' | 'replay' },
): Promise<LogTimeDriver> {
  const { tenant_id, parts } = stack;
  const { database, queues } = parts;
  const found = await database.withTenant(tenant_id, async (client) => {
    const known = await findLogSource(client, source.name);
    const row =
      known ?? (await createLogSource(client, { tenant_id, ...source, clock_mode: 'log' }, MAX_SOURCES));
    return { id: row.id, clock_at: await readClock(client, row.id) };
  });
  return {
    log_source_id: found.id,
    clock_at: found.clock_at,
    send: createLogSender({ base_url: stack.base_url, api_key: stack.api_key, log_source: source.name }),
    async advanceClock(at_ms) {
      await database.withTenant(tenant_id, (client) => advanceClock(client, found.id, at_ms));
      // The sweep would find the slice within a second; at full speed that second counts.
      const ids = { tenant_id, log_source_id: found.id };
      await queues.add('read', 'read', ids, { job_id: `read-${tenant_id}-${found.id}-driver` });
    },
    async settled(at_ms) {
      while (!(await isSettled(stack, found.id, at_ms))) await sleep(POLL_MS);
    },
    end: () => database.withTenant(tenant_id, (client) => disableLogSource(client, found.id)),
  };
}

/** Nothing that happened before `at_ms` waits to be read, judged, decided or delivered. */
async function isSettled(
  { parts, tenant_id }: EmbeddedStack,
  log_source_id: string,
  at_ms: number,
): Promise<boolean> {
  const rows = await parts.database.withTenant(tenant_id, async (client) => {
    const { rows } = await client.query<{ settled: boolean }>(
      `select ls.cursor_at >= date_bin(make_interval(secs => ls.slice_seconds), $2, 'epoch')
         and not exists (
           select from log_source_services lss left join baselines b on b.service_id = lss.service_id
           where lss.log_source_id = ls.id and coalesce(b.judged_until,  '-infinity')
             < date_bin('10 seconds', ls.cursor_at - make_interval(secs => ls.allowed_lateness_seconds), 'epoch')
         )
         and not exists (select from dirty_windows) and not exists (select from anomaly_events where decided_at is null)
         and not exists (select from alerts where status = 'pending') as settled
       from log_sources ls where ls.id = $1`,
      [log_source_id, new Date(at_ms)],
    );
    return rows;
  });
  return rows[0]?.settled ?? false;
}
