import { dayIndexOf, dayPattern } from './day-index.ts';
import { SearchError, type SearchEngine } from './search-engine.ts';

const KNOWN_FOR_MS = 30_000;

/** Day indices that a tenant has, as this process knows them. */
export interface DayIndices {
  /** At most 30 s old; days that this process wrote to are in it at once. */
  list(slug: string): Promise<readonly string[]>;
  add(slug: string, names: Iterable<string>): void;
  /**
   * Deletes whole UTC days before the day of `before` (epoch ms) by their exact names; returns how many.
   * @throws SearchError of a day that could not be deleted, once all others were tried
   */
  dropBefore(slug: string, before: number): Promise<number>;
}

export function createDayIndices(engine: SearchEngine): DayIndices {
  const known = new Map<string, { names: Set<string>; until: number }>();
  return {
    async list(slug) {
      const found = known.get(slug);
      if (found && found.until > Date.now()) return [...found.names];
      const names = await existingDays(engine, slug);
      known.set(slug, { names: new Set(names), until: Date.now() + KNOWN_FOR_MS });
      return names;
    },
    add(slug, names) {
      const found = known.get(slug);
      if (found) for (const name of names) found.names.add(name);
    },
    async dropBefore(slug, before) {
      const first_kept = dayIndexOf(slug, before);
      // Names of days sort like their dates.
      const expired = (await existingDays(engine, slug)).filter((name) => name < first_kept);
      const failures: SearchError[] = [];
      let dropped = 0;
      for (const name of expired) {
        try {
          dropped += (await deleteIndex(engine, name)) ? 1 : 0;
        } catch (error) {
          // One day may be part of a snapshot that is being made; what is no fault of a day would meet all of them.
          if (!(error instanceof SearchError)) throw error;
          failures.push(error);
        }
      }
      known.delete(slug);
      if (failures[0]) throw failures[0];
      return dropped;
    },
  };
}

interface Resolved {
  indices: { name: string; data_stream?: string }[];
}

async function existingDays(engine: SearchEngine, slug: string): Promise<string[]> {
  const path = `/_resolve/index/${encodeURIComponent(dayPattern(slug))}`;
  const { indices } = await engine.request<Resolved>({ method: 'GET', path });
  const day = new RegExp(`^logs-${slug}-\\d{4}\\.\\d{2}\\.\\d{2}$`);
  return indices.flatMap(({ name, data_stream }) =>
    data_stream === undefined && day.test(name) ? [name] : [],
  );
}

async function deleteIndex(engine: SearchEngine, name: string): Promise<boolean> {
  try {
    await engine.request({ method: 'DELETE', path: `/${encodeURIComponent(name)}` });
    return true;
  } catch (error) {
    // Another process was faster.
    if (error instanceof SearchError && error.status === 404) return false;
    throw error;
  }
}
