import pg from 'pg';
import { postgresTypes } from './postgres-types.ts';

/** One connection inside a transaction. */
export type Client = pg.ClientBase;

/** Two pools on one database, each bound to one role for the life of its connections. */
export interface Database {
  /** Runs `work` in one transaction that sees and writes only the rows of `tenant_id`. */
  withTenant<T>(tenant_id: string, work: (client: Client) => Promise<T>): Promise<T>;
  /** Runs one read of ids, due times or key hashes over all tenants (role `seismolog_sweeper`). */
  sweep<R extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<R[]>;
  /** One round trip; throws when the database can not be reached. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the pools; connections are made on first use.
 * @param options.url login that is a member of both roles, e.g. `postgres://seismolog@127.0.0.1:5432/seismolog`
 * @param options.max connections of the tenant pool; the sweeper pool holds two
 */
export function createDatabase(options: {
  url: string;
  max?: number;
  onError: (error: Error) => void;
}): Database {
  let closing = false;
  // While the pools end, a server that stops at the same time may break a connection: nothing is lost by it.
  const onError = (error: Error) => void (closing || options.onError(error));
  const app = openPool({ ...options, onError }, 'seismolog_app', options.max ?? 8);
  const sweeper = openPool({ ...options, onError }, 'seismolog_sweeper', 2);
  return {
    withTenant: (tenant_id, work) => inTransaction(app, tenant_id, work),
    async sweep<R extends pg.QueryResultRow>(sql: string, values: unknown[] = []) {
      return (await sweeper.query<R>(sql, values)).rows;
    },
    async ping() {
      await sweeper.query('select 1');
    },
    async close() {
      closing = true;
      await Promise.all([app.end(), sweeper.end()]);
    },
  };
}

function openPool(
  options: { url: string; onError: (error: Error) => void },
  role: string,
  max: number,
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max,
    types: postgresTypes,
    // A statement or an abandoned transaction must not hold a worker or a lock for ever.
    options: `-c role=${role} -c timezone=UTC -c statement_timeout=120s -c idle_in_transaction_session_timeout=120s`,
    // A database host that vanished without a word is noticed by the connection, not by a person.
    keepAlive: true,
    query_timeout: 150_000,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
  });
  // An idle connection that breaks (server restart) must not end the process; the next query gets a new one.
  pool.on('error', options.onError);
  return pool;
}

async function inTransaction<T>(
  pool: pg.Pool,
  tenant_id: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    // Two statements in one round trip.
    await client.query(`begin; set local app.tenant_id = ${pg.escapeLiteral(tenant_id)}`);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    // A connection that can not even roll back is thrown away, not pooled.
    await client.query('rollback').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
}
