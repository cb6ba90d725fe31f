import type { Database } from '../platform/postgres.ts';
import { AppError } from '../platform/errors.ts';
import { createLogSource, findLogSource, readClock } from './log-source-repository.ts';
import type { LogSourceRow } from './log-source-schema.ts';

/** What a batch must know of its source. */
export interface BatchSource {
  id: string;
  name: string;
  clock_mode: 'wall' | 'log';
  clock_at: number | null;
}

const PUSHED = new Set<LogSourceRow['source_type']>(['push', 'simulated', 'replay']);

interface DirectoryDeps {
  database: Database;
  max_log_sources: number;
  /** Of the sources that it makes: how long the log store may take to show their lines. */
  read_lag_seconds: number;
}

/** Finds log sources by name, makes the ones that are missing (type `push`), and remembers what never changes of them. */
export function createLogSourceDirectory(deps: DirectoryDeps) {
  const known = new Map<string, BatchSource>();

  return {
    /** Throws `conflict` when the source of that name is read from elsewhere, or there are too many. */
    async open(tenant_id: string, name: string): Promise<BatchSource> {
      const key = `${tenant_id} ${name}`;
      let source = known.get(key);
      if (source === undefined) {
        source = batchSource(await findOrCreate(tenant_id, name));
        known.set(key, source);
      }
      if (source.clock_mode === 'wall') return source;
      const { id } = source;
      return {
        ...source,
        clock_at: await deps.database.withTenant(tenant_id, (client) => readClock(client, id)),
      };
    },
  };

  async function findOrCreate(tenant_id: string, name: string): Promise<LogSourceRow> {
    const find = () => deps.database.withTenant(tenant_id, (client) => findLogSource(client, name));
    const found = await find();
    if (found !== null) return found;
    try {
      return await deps.database.withTenant(tenant_id, (client) =>
        createLogSource(
          client,
          { tenant_id, name, source_type: 'push', read_lag_seconds: deps.read_lag_seconds },
          deps.max_log_sources,
        ),
      );
    } catch (error) {
      // Another request may have made it in between.
      const made = error instanceof AppError ? await find() : null;
      if (made === null) throw error;
      return made;
    }
  }
}

export type LogSourceDirectory = ReturnType<typeof createLogSourceDirectory>;

function batchSource({ id, name, source_type, clock_mode }: LogSourceRow): BatchSource {
  if (!PUSHED.has(source_type)) {
    throw new AppError(
      'conflict',
      `The log source "${name}" is read from ${source_type}; push to another one.`,
      {
        field: 'log_source',
      },
    );
  }
  return { id, name, clock_mode, clock_at: null };
}
