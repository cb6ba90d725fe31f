import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { EmbeddedStack } from '../src/embedded.ts';
import type { SearchEngineName } from '../src/platform/search-connection.ts';
import type { TrafficLine } from './traffic.ts';

const PATIENCE_MS = 300_000;
const UNWELL_MS = 600_000;
/** A source that could not be read for longer must have been shown as blind. */
export const MUST_BE_BLIND_AFTER_SECONDS = 25;

type Items<T> = { items: T[] };

/** What an operator sees of the product over its API, and a look into its tables where the API has no number. */
export function watchProduct(stack: EmbeddedStack, owner: pg.Pool) {
  async function call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${stack.base_url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${stack.api_key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }
  const services = async () =>
    (await call<Items<{ name: string; state: string; is_blind: boolean }>>('GET', '/services')).items;
  const rows = async <T extends object>(text: string, values: unknown[] = []) =>
    (await owner.query<T>(text, values)).rows;

  async function until(what: string, ask: () => Promise<boolean>, patience_ms = PATIENCE_MS): Promise<void> {
    const end = Date.now() + patience_ms;
    while (!(await ask())) {
      if (Date.now() > end) throw new Error(`not within ${patience_ms / 1000} s: ${what}`);
      await sleep(250);
    }
  }

  return {
    /** The source that reads what other programs write into the tenant's indices. */
    addWriterSource: (engine: SearchEngineName) =>
      call('POST', '/log-sources', {
        name: 'shipped',
        source_type: engine,
        connection_config: { index: `logs-${stack.tenant_slug}-2*`, preset: 'seismolog' },
      }),
    untilReady: (names: string[]) =>
      until('services are ready', async () => {
        const found = await services();
        return names.every((name) => found.some((one) => one.name === name && one.state === 'ready'));
      }),
    /** Looks every half second whether sources can be read and services are shown as blind, until both are well again. */
    watchOutage() {
      let failed_at: number | null = null;
      let was_shown_blind = false;
      let is_over = false;
      const look = async () => {
        const { items } = await call<Items<{ status: string }>>('GET', '/log-sources');
        const is_failing = items.some(({ status }) => status === 'error' || status === 'blind');
        if (is_failing) failed_at ??= Date.now();
        if ((await services()).every(({ is_blind }) => is_blind)) was_shown_blind = true;
        return is_failing;
      };
      const loop = (async () => {
        let over_at = Infinity;
        while (!is_over || (await look())) {
          if (!is_over) await look();
          else over_at = Math.min(over_at, Date.now());
          if (Date.now() > over_at + UNWELL_MS) throw new Error('log sources do not get well again');
          await sleep(500);
        }
      })();
      return {
        async untilOver() {
          is_over = true;
          await loop;
          const away_seconds = failed_at === null ? 0 : (Date.now() - failed_at) / 1000;
          return { away_seconds, was_shown_blind };
        },
      };
    },
    /** From now on nothing is kept of outages. */
    async forgetOutages(): Promise<void> {
      await owner.query(
        `create function forget() returns trigger language plpgsql as 'begin return null; end';
         create trigger forget before insert on blind_spans for each row execute function forget()`,
      );
    },
    async blindUntil(): Promise<number> {
      const [row] = await rows<{ ms: number | null }>(
        `select date_part('epoch', max(blind_until)) * 1000 as ms from blind_spans`,
      );
      return row?.ms ?? 0;
    },
    async untilJudged(at: number): Promise<void> {
      await until('everything after the outage is judged', async () => {
        const [row] = await rows<{ is_judged: boolean }>(
          'select bool_and(judged_until >= to_timestamp($1::double precision / 1000)) as is_judged from baselines',
          [at],
        );
        return row?.is_judged ?? false;
      });
    },
    async lateLines(): Promise<number> {
      const [row] = await rows<{ lines: number }>(
        'select sum(lines_late)::integer as lines from log_sources',
      );
      return row?.lines ?? 0;
    },
    /** Makes every re-count due, waits for them, and compares what was counted with what was made before `until`. */
    async untilCounted(made: readonly TrafficLine[], until_ms: number) {
      const expected = new Map<string, number>();
      for (const { service, timestamp } of made) {
        if (timestamp < until_ms) expected.set(service, (expected.get(service) ?? 0) + 1);
      }
      const end = Date.now() + 120_000;
      for (;;) {
        await owner.query('update slices set recount_at = now() where recount_at is not null');
        await until('all re-counts are done', async () => {
          const due = await rows(
            `select from slices where recount_at <= now() or state = 'claimed' and lease_until < now() limit 1`,
          );
          return due.length === 0;
        });
        const counted = await rows<{ service: string; counted: number }>(
          `select s.name as service, sum(t.lines)::integer as counted from tiles t join services s on s.id = t.service_id
           where t.tile_start < to_timestamp($1::double precision / 1000) group by s.name`,
          [Math.min(until_ms, 8.64e15 / 2)],
        );
        const miscounted = [...expected].flatMap(([service, count]) => {
          const found = counted.find((row) => row.service === service)?.counted ?? 0;
          return found === count ? [] : [{ service, made: count, counted: found }];
        });
        // Too many will not become fewer; too few may still be on their way.
        const can_change = miscounted.every((one) => one.counted < one.made);
        if (miscounted.length === 0 || !can_change || Date.now() > end) return miscounted;
        await sleep(1_000);
      }
    },
    async anomaliesSince(from_ms: number): Promise<string[]> {
      const found = await rows<{ anomaly_type: string; name: string; kinds: string[] }>(
        `select a.anomaly_type, a.kinds, s.name from anomalies a join services s on s.id = a.service_id
         where a.last_seen_at >= to_timestamp($1::double precision / 1000) order by a.opened_at`,
        [from_ms],
      );
      return found.map(({ anomaly_type, name, kinds }) => `${name}: ${anomaly_type} (${kinds.join(', ')})`);
    },
  };
}

export type Product = ReturnType<typeof watchProduct>;
