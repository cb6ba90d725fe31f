import { severityRank, type LogLine } from '../logstore/log-store.ts';
import { AppError } from '../platform/errors.ts';
import type { Client, Database } from '../platform/postgres.ts';
import { decideCanonicalIds, refuseStaleIds } from './canonical-id.ts';
import { embed, wordFrequencies, type WordFrequencies } from './embedding.ts';
import {
  applyEdits,
  applyEditsTo,
  assign,
  countLine,
  createMinedTree,
  isCurrent,
  minedStatus,
  startOver,
  type MinedTree,
  type Tally,
} from './mined-tree.ts';
import { NO_EDITS, statusOf } from './template-edits.ts';
import { findEdits, findEditVersions, lockEvents } from './template-event-repository.ts';
import {
  deleteTemplates,
  findFingerprints,
  findTreeRows,
  saveTemplates,
  type TemplateChange,
} from './template-repository.ts';
import type { TemplateHit } from './template-schema.ts';
import { createTokenizer, scan, type Tokenizer } from './tokenizer.ts';

export interface MineInput {
  tenant_id: string;
  log_source_id: string;
  lines: readonly LogLine[];
}

/**
 * Turns lines into template hits. Trees live in memory between calls; rows are the truth. One worker at a time may
 * mine a log source (the lease of its slice). The order of calls for a source: `mine` once or more, `save` in a
 * transaction, then `committed` once that is committed, else `discard`.
 */
export interface TemplateMiner {
  /** Hits in the order of `lines`. */
  mine(input: MineInput): Promise<TemplateHit[]>;
  /**
   * Upserts every template that changed since the last commit, in the caller's transaction. Throws lost_lease when what
   * was mined rests on what is no longer so: people edited templates of a service while templates of it were created or
   * merged, or another source of the service met the same new ones at once.
   */
  save(client: Client, tenant_id: string, log_source_id: string): Promise<void>;
  committed(log_source_id: string): void;
  /** Throws the source's trees away: they are rebuilt from rows when its next line comes. */
  discard(log_source_id: string): void;
  stats(): MinerStats;
}

/** What is in memory now (trees, templates), and what was lost to limits since the start. */
export interface MinerStats {
  trees: number;
  templates: number;
  evicted_trees: number;
  cache_evictions: number;
  /** Templates that made room for others in a full tree, that came back, and that were forgotten. */
  evicted_templates: number;
  revived_templates: number;
  forgotten_templates: number;
}

const NO_STATS: MinerStats = {
  trees: 0,
  templates: 0,
  evicted_trees: 0,
  cache_evictions: 0,
  evicted_templates: 0,
  revived_templates: 0,
  forgotten_templates: 0,
};

interface Source {
  trees: Map<string, MinedTree>;
  /** Services loaded, or compared with their rows, since the last commit: empty while the source is idle. */
  checked: Set<string>;
  /** What `save` wrote and `committed` has not confirmed yet. */
  saved: { tally: Tally; change: TemplateChange }[];
}

interface Miner {
  readonly database: Database;
  readonly max_trees: number;
  readonly max_templates: number | undefined;
  readonly tokenizer: Tokenizer;
  readonly sources: Map<string, Source>;
  /** Numbers of trees that are no longer in memory. */
  readonly gone: MinerStats;
  /** Calls of `mine` so far: the age of trees for eviction. */
  calls: number;
}

/**
 * @param deps.max_trees trees kept in memory (default 1000); beyond, the least recently used idle ones go
 * @param deps.max_templates templates of a tree that lines can find (default 5000); beyond, those seen last longest ago are
 *   evicted
 */
export function createTemplateMiner(deps: {
  database: Database;
  max_trees?: number;
  max_templates?: number;
}): TemplateMiner {
  const miner: Miner = {
    database: deps.database,
    max_trees: deps.max_trees ?? 1000,
    max_templates: deps.max_templates,
    tokenizer: createTokenizer(),
    sources: new Map(),
    gone: { ...NO_STATS },
    calls: 0,
  };
  return {
    mine: (input) => mine(miner, input),
    save: (client, tenant_id, log_source_id) => save(miner, client, tenant_id, log_source_id),
    committed: (log_source_id) => committed(miner, log_source_id),
    discard(log_source_id) {
      for (const mined of miner.sources.get(log_source_id)?.trees.values() ?? []) remember(miner.gone, mined);
      miner.sources.delete(log_source_id);
    },
    stats: () => statsOf(miner),
  };
}

async function mine(miner: Miner, input: MineInput): Promise<TemplateHit[]> {
  const source = sourceOf(miner, input.log_source_id);
  await load(miner, source, input);
  const fresh = new Map<MinedTree, Set<Tally>>();
  const tallies: Tally[] = [];
  const hits = input.lines.map((line) => {
    const mined = source.trees.get(line.service_id) as MinedTree;
    const severity_rank = severityRank(line.severity);
    scan(miner.tokenizer, line.message);
    const tally = assign(mined, miner.tokenizer, line, severity_rank);
    if (tally.canonical_id === 0) fresh.set(mined, (fresh.get(mined) ?? new Set()).add(tally));
    tallies.push(tally);
    mined.used = miner.calls;
    const { duration } = miner.tokenizer;
    const { service_id, timestamp } = line;
    return {
      service_id,
      timestamp,
      template_id: tally.counted_as,
      severity_rank,
      duration_ms: duration >= 0 ? duration : null,
    };
  });
  miner.calls++;
  if (fresh.size > 0) {
    await miner.database.withTenant(input.tenant_id, (client) => decideCanonicalIds(client, fresh));
    for (const [mined, decided] of fresh) {
      for (const tally of decided) applyEditsTo(tally, mined.edits);
    }
    splitFirstLines(miner, source, input, fresh, tallies);
    hits.forEach((hit, i) => (hit.template_id = (tallies[i] as Tally).counted_as));
  }
  return hits;
}

// That a template is split is known with its canonical id, after the lines of its first page were counted as its own.
function splitFirstLines(
  miner: Miner,
  source: Source,
  { lines }: MineInput,
  fresh: ReadonlyMap<MinedTree, ReadonlySet<Tally>>,
  tallies: Tally[],
): void {
  const split = new Set(
    [...fresh.values()].flatMap((all) => [...all].filter(({ splits }) => splits !== null)),
  );
  if (split.size === 0) return;
  for (const tally of split) startOver(tally);
  for (const [i, line] of lines.entries()) {
    const whole = tallies[i] as Tally;
    if (!split.has(whole)) continue;
    scan(miner.tokenizer, line.message);
    const mined = source.trees.get(line.service_id) as MinedTree;
    tallies[i] = countLine(mined, miner.tokenizer, whole, line, severityRank(line.severity));
  }
}

function sourceOf(miner: Miner, log_source_id: string): Source {
  let source = miner.sources.get(log_source_id);
  if (source === undefined) {
    source = { trees: new Map(), checked: new Set(), saved: [] };
    miner.sources.set(log_source_id, source);
  }
  return source;
}

// Once per transaction of a source, since another worker may have written its rows in between.
async function load(
  miner: Miner,
  source: Source,
  { tenant_id, log_source_id, lines }: MineInput,
): Promise<void> {
  const service_ids = [...new Set(lines.map((line) => line.service_id))].filter(
    (id) => !source.checked.has(id),
  );
  if (service_ids.length === 0) return;
  for (const id of service_ids) source.checked.add(id);
  await miner.database.withTenant(tenant_id, async (client) => {
    const known = new Map(
      (await findFingerprints(client, log_source_id, service_ids)).map((one) => [one.service_id, one]),
    );
    const stale = service_ids.filter((id) => {
      const mined = source.trees.get(id);
      return mined === undefined || !isCurrent(mined, known.get(id));
    });
    const rows = stale.some((id) => known.has(id)) ? await findTreeRows(client, log_source_id, stale) : [];
    for (const service_id of stale) {
      const own = rows.filter((row) => row.service_id === service_id);
      source.trees.set(service_id, createMinedTree({ log_source_id, service_id }, own, miner.max_templates));
    }
    await loadEdits(client, source, service_ids);
  });
}

async function loadEdits(client: Client, source: Source, service_ids: string[]): Promise<void> {
  const versions = await findEditVersions(client, service_ids);
  const stale = service_ids.filter((id) => source.trees.get(id)?.edits.version !== (versions.get(id) ?? 0));
  if (stale.length === 0) return;
  const edits = await findEdits(client, stale);
  for (const id of stale) applyEdits(source.trees.get(id) as MinedTree, edits.get(id) ?? NO_EDITS);
}

async function save(miner: Miner, client: Client, tenant_id: string, log_source_id: string): Promise<void> {
  const source = sourceOf(miner, log_source_id);
  source.saved = [];
  const forgotten: number[] = [];
  for (const mined of source.trees.values()) {
    forgotten.push(...mined.forgotten);
    const embeddingOf = embedder(mined);
    for (const tally of mined.dirty)
      source.saved.push({ tally, change: { ...changeOf(tally, mined), embedding: embeddingOf(tally) } });
  }
  if (source.saved.length === 0) return;
  await refuseStale(client, source);
  // First: what was forgotten may have been met anew since.
  if (forgotten.length > 0) await deleteTemplates(client, forgotten);
  const changes = source.saved.map(({ change }) => change);
  await saveTemplates(client, tenant_id, log_source_id, changes);
}

// What was mined may rest on what has changed since: then the lines are mined again. One transaction at a time may check.
async function refuseStale(client: Client, source: Source): Promise<void> {
  const service_ids = new Set(
    source.saved.flatMap(({ change }) => (change.status === null ? [] : [change.service_id])),
  );
  if (service_ids.size === 0) return;
  const ordered = [...service_ids].sort();
  for (const id of ordered) await lockEvents(client, id);
  const versions = await findEditVersions(client, ordered);
  for (const id of ordered) {
    const mined = source.trees.get(id) as MinedTree;
    if (mined.edits.version !== (versions.get(id) ?? 0))
      throw new AppError('lost_lease', 'Templates were edited while lines of theirs were mined.');
    const fresh = [...mined.dirty].filter(({ first_tokens, template }) => first_tokens && !template.split_of);
    if (fresh.length > 0) await refuseStaleIds(client, mined, fresh);
  }
}

function committed(miner: Miner, log_source_id: string): void {
  const source = sourceOf(miner, log_source_id);
  for (const { tally, change } of source.saved) {
    tally.count -= change.count;
    tally.severities = tally.severities.map(
      (lines, rank) => lines - (change.severity_counts[rank] as number),
    );
    tally.saved_version = change.version;
    tally.saved_as = minedStatus(tally.template);
    tally.first_tokens = null;
    tally.learner = null;
  }
  source.saved = [];
  source.checked.clear();
  for (const mined of source.trees.values()) {
    for (const tally of mined.dirty) if (tally.count === 0) mined.dirty.delete(tally);
    mined.forgotten.clear();
  }
  evict(miner);
}

// A source between `mine` and `committed` keeps its trees: they hold what is not saved, or are about to.
function evict(miner: Miner): void {
  const idle: { source: Source; mined: MinedTree }[] = [];
  let trees = 0;
  for (const source of miner.sources.values()) {
    trees += source.trees.size;
    if (source.checked.size === 0) for (const mined of source.trees.values()) idle.push({ source, mined });
  }
  if (trees <= miner.max_trees) return;
  idle.sort((a, b) => a.mined.used - b.mined.used);
  for (const { source, mined } of idle.slice(0, trees - miner.max_trees)) {
    remember(miner.gone, mined);
    source.trees.delete(mined.service_id);
    miner.gone.evicted_trees++;
  }
}

function remember(stats: MinerStats, mined: MinedTree): void {
  stats.cache_evictions += mined.cache.evictions;
  stats.evicted_templates += mined.moved.evicted;
  stats.revived_templates += mined.moved.revived;
  stats.forgotten_templates += mined.moved.forgotten;
}

function statsOf(miner: Miner): MinerStats {
  const stats = { ...miner.gone };
  for (const source of miner.sources.values()) {
    for (const mined of source.trees.values()) {
      remember(stats, mined);
      stats.trees++;
      stats.templates += mined.tallies.size;
    }
  }
  return stats;
}

// Words are weighed by the templates that the tree has now; counted once a save, and only when a pattern is new.
function embedder({ tree }: MinedTree): (tally: Tally) => number[] | null {
  let frequencies: WordFrequencies | null = null;
  return ({ template, saved_version }) => {
    if (template.version === saved_version) return null;
    frequencies ??= wordFrequencies(tree.templates.map(({ pattern }) => pattern));
    return embed(template.pattern, frequencies);
  };
}

const changeOf = (tally: Tally, mined: MinedTree): Omit<TemplateChange, 'embedding'> => ({
  id: tally.template.id,
  service_id: mined.service_id,
  canonical_id: tally.canonical_id,
  ordinal: tally.template.ordinal,
  split_of: tally.template.split_of,
  merged_into: tally.template.merged_into,
  pattern: tally.template.pattern,
  status: newStatus(tally, mined),
  severity_counts: [...tally.severities],
  is_new: tally.saved_version === 0,
  parameters: tally.learner?.parameters ?? null,
  version: tally.template.version,
  count: tally.count,
  example: tally.example,
  first_release: tally.first_release,
  // Rows need times, also where no line came since the tree was loaded: what was known holds then.
  first_seen_at: Math.min(tally.first_seen_at, tally.template.last_seen_at),
  last_seen_at: tally.template.last_seen_at,
});

// Where the miner did nothing, the row may know more of what people decided than the tree.
const newStatus = ({ template, canonical_id, saved_as }: Tally, { edits }: MinedTree) =>
  saved_as === minedStatus(template) ? null : statusOf(minedStatus(template), canonical_id, edits);
