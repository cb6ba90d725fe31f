import type { Database } from '../platform/postgres.ts';

const DAY_MS = 86_400_000;
/** What one call of `ensure_day_partitions` takes. */
const DAYS_A_CALL = 400;

const dateOf = (ms: number): string => new Date(Math.floor(ms / DAY_MS) * DAY_MS).toISOString().slice(0, 10);

/** Day partitions of `embedded_logs` that this process knows to exist. */
export interface KnownDays {
  /** Makes the partitions of these times (epoch ms) that are missing. */
  ensure(tenant_id: string, timestamps: number[]): Promise<void>;
  /** Retention dropped days: what was known to exist may be gone. */
  forget(): void;
}

export function createKnownDays(database: Database): KnownDays {
  const known = new Set<number>();
  return {
    async ensure(tenant_id, timestamps) {
      const days = new Set(timestamps.map((timestamp) => Math.floor(timestamp / DAY_MS)));
      const missing = [...days].filter((day) => !known.has(day));
      for (let first = 0; first < missing.length; first += DAYS_A_CALL) {
        const dates = missing.slice(first, first + DAYS_A_CALL).map((day) => dateOf(day * DAY_MS));
        // In a transaction of its own: making a partition locks the parent table until it commits.
        await database.withTenant(tenant_id, (client) =>
          client.query(`select ensure_day_partitions('embedded_logs', $1::date[])`, [dates]),
        );
      }
      for (const day of missing) known.add(day);
    },
    forget: () => known.clear(),
  };
}
