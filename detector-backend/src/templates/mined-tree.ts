import { createTemplateTree, MAX_TEMPLATES, type Assignment, type TemplateTree } from './drain.ts';
import type { Template } from './template-leaf.ts';
import { createSkeletonCache, type SkeletonCache } from './skeleton-cache.ts';
import { templateId } from './template-id.ts';
import { splitPattern } from './pattern.ts';
import { createLearner, learnLine, type ParameterLearner } from './parameters.ts';
import { rawTokens } from './line-values.ts';
import {
  countedAs,
  NO_EDITS,
  type Split,
  type TemplateEdits,
  type TemplateStatus,
} from './template-edits.ts';
import type { TreeFingerprint, TreeRow } from './template-repository.ts';
import { maskedLine, type Tokenizer } from './tokenizer.ts';

/** Entries of the cache of exact masked lines of one tree. */
const CACHE_SIZE = 2048;
const MAX_EXAMPLE = 2048;
/**
 * Lines of a template whose values are looked at, because that takes ten times as long as counting a line: the first ones, then
 * every 64th. By their number in the life of the template, so it does not matter how lines are cut into slices.
 */
const isSampled = (line_number: number): boolean => line_number <= 64 || line_number % 64 === 0;

/** What the lines of one template added since the tree was loaded or saved. */
export interface Tally {
  readonly template: Template;
  /** What its canonical id is decided by, until it is saved: its pattern when it was created. Else null. */
  first_tokens: readonly string[] | null;
  /** 0 until it is decided: see canonical-id.ts. */
  canonical_id: number;
  /** What hits carry: `canonical_id`, or what people made of it (template-edits.ts). */
  counted_as: number;
  /** Which of its lines are templates of their own; null: none. */
  splits: readonly Split[] | null;
  /** Lines since the last committed save. */
  count: number;
  /** Of these, lines of each severity rank. */
  severities: number[];
  /** Lines ever, saved ones included. */
  total: number;
  /** What the values of sampled lines taught since the last committed save. */
  learner: ParameterLearner | null;
  example: string;
  /** Of the first line, null if it names none. */
  first_release: string | null;
  /** Of the lines since the tree was loaded; Infinity: none came. */
  first_seen_at: number;
  /** Version of the saved row; 0: there is none yet. */
  saved_version: number;
  /** What the miner said in the saved row; null: there is none yet. */
  saved_as: MinedStatus | null;
}

type MinedStatus = Exclude<TemplateStatus, 'ignored'>;

/** What became of a template, as far as the miner is concerned. */
export const minedStatus = ({ merged_into, is_evicted }: Template): MinedStatus =>
  merged_into !== null ? 'merged' : is_evicted ? 'evicted' : 'active';

/** The tree of one (log source, service) in memory, with what is not saved yet. */
export interface MinedTree {
  readonly service_id: string;
  readonly log_source_id: string;
  readonly tree: TemplateTree;
  readonly cache: SkeletonCache<Tally>;
  readonly tallies: Map<Template, Tally>;
  /** Of templates that were split off, by service-wide id. */
  readonly parts: Map<number, Tally>;
  /** Tallies with unsaved changes. */
  readonly dirty: Set<Tally>;
  /** Ids of saved rows that are to be deleted: the tree has forgotten their templates. */
  readonly forgotten: Set<number>;
  /** Ids that no new template may get. */
  readonly ids: Set<number>;
  /** What people decided about the service's templates. */
  edits: TemplateEdits;
  /** Templates that had to make room for others, that came back, and that were forgotten. */
  readonly moved: { evicted: number; revived: number; forgotten: number };
  /** Position in the order of use, for eviction. */
  used: number;
}

/**
 * Rebuilds a tree from its saved rows.
 * @param rows in the order of `ordinal`
 * @param max_templates see MAX_TEMPLATES in drain.ts, its default
 */
export function createMinedTree(
  key: { log_source_id: string; service_id: string },
  rows: readonly TreeRow[],
  max_templates = MAX_TEMPLATES,
): MinedTree {
  const ids = new Set(rows.map((row) => row.id));
  const idOf = (pattern: string, ordinal: number) => {
    const id = templateId(key, pattern, ordinal, (candidate) => ids.has(candidate));
    ids.add(id);
    return id;
  };
  const tree = createTemplateTree({ states: rows, idOf, max_templates });
  const mined: MinedTree = {
    ...key,
    ...{ tree, ids, cache: createSkeletonCache<Tally>(CACHE_SIZE), tallies: new Map(), parts: new Map() },
    ...{ dirty: new Set(), forgotten: new Set(), edits: NO_EDITS, used: 0 },
    moved: { evicted: 0, revived: 0, forgotten: 0 },
  };
  tree.templates.forEach((template, i) => {
    const { canonical_id, count } = rows[i] as TreeRow;
    const saved = { canonical_id, counted_as: canonical_id, saved_version: template.version, total: count };
    const saved_as = minedStatus(template);
    const tally: Tally = { ...emptyTally(template), ...saved, saved_as, first_tokens: null };
    mined.tallies.set(template, tally);
    if (template.split_of !== null) mined.parts.set(canonical_id, tally);
  });
  return mined;
}

const emptyTally = (template: Template): Tally => ({
  template,
  first_tokens: template.tokens,
  canonical_id: 0,
  counted_as: 0,
  splits: null,
  count: 0,
  severities: [0, 0, 0, 0, 0, 0, 0],
  total: 0,
  learner: null,
  example: '',
  first_release: null,
  first_seen_at: Infinity,
  saved_version: 0,
  saved_as: null,
});

type Line = { timestamp: number; message: string; release?: string | null };

/** Assigns the line that `tokenizer` has just read, and counts it. */
export function assign(mined: MinedTree, tokenizer: Tokenizer, line: Line, severity_rank: number): Tally {
  const { low, high } = tokenizer.skeleton;
  let tally = mined.cache.get(low, high);
  if (tally === null) {
    tally = follow(mined, mined.tree.add(splitPattern(maskedLine(tokenizer))));
    mined.cache.set(low, high, tally);
  }
  return countLine(mined, tokenizer, tally, line, severity_rank);
}

// Rows of all templates that the line moved have to be saved, although it is the line of one only, or of a part of one.
function follow(mined: MinedTree, { template, change, merged, evicted, forgotten }: Assignment): Tally {
  let tally = mined.tallies.get(template);
  if (tally === undefined) mined.tallies.set(template, (tally = emptyTally(template)));
  if (change !== 'none') mined.dirty.add(tally);
  for (const other of [...merged, ...evicted]) mined.dirty.add(mined.tallies.get(other) as Tally);
  for (const other of forgotten) forget(mined, mined.tallies.get(other) as Tally);
  mined.moved.evicted += evicted.length;
  if (change === 'revived') mined.moved.revived++;
  return tally;
}

function forget(mined: MinedTree, tally: Tally): void {
  mined.tallies.delete(tally.template);
  mined.dirty.delete(tally);
  mined.ids.delete(tally.template.id);
  if (tally.saved_version > 0) mined.forgotten.add(tally.template.id);
  mined.moved.forgotten++;
}

/** Counts the line that `tokenizer` has just read as one of the template, or of what was split off it; that tally. */
export function countLine(
  mined: MinedTree,
  tokenizer: Tokenizer,
  whole: Tally,
  line: Line,
  severity_rank: number,
): Tally {
  const tally = (whole.splits && partOf(mined, whole, whole.splits, tokenizer)) ?? whole;
  if (tally.count++ === 0) mined.dirty.add(tally);
  if (line.timestamp < tally.first_seen_at) tally.first_seen_at = line.timestamp;
  if (line.timestamp > tally.template.last_seen_at) tally.template.last_seen_at = line.timestamp;
  tally.severities[severity_rank] = (tally.severities[severity_rank] as number) + 1;
  if (tally.total === 0) describe(tally, line);
  if (isSampled(++tally.total)) learnParameters(tally, line.message);
  return tally;
}

/** Forgets the lines that were counted, for them to be counted again. Only of a template with no others, ever. */
export function startOver(tally: Tally): void {
  Object.assign(tally, { count: 0, severities: [0, 0, 0, 0, 0, 0, 0], total: 0, learner: null });
}

// By the line as it was written: the masker hides values, and the cache knows masked lines only. A line of which it left
// out repetitions stays.
function partOf(
  mined: MinedTree,
  { template }: Tally,
  splits: readonly Split[],
  tokenizer: Tokenizer,
): Tally | null {
  const tokens = rawTokens(tokenizer);
  if (tokens.length !== template.tokens.length) return null;
  const split = splits.find(({ token_index, token }) => tokens[token_index]?.trim() === token);
  if (split === undefined) return null;
  const known = mined.parts.get(split.id);
  if (known !== undefined) return known;
  const pattern = template.tokens.toSpliced(split.token_index, 1, withBlank(template, split)).join('');
  const part = mined.tree.split(template, pattern);
  const tally: Tally = { ...emptyTally(part), canonical_id: split.id };
  applyEditsTo(tally, mined.edits);
  mined.tallies.set(part, tally);
  mined.parts.set(split.id, tally);
  return tally;
}

const withBlank = ({ tokens }: Template, { token_index, token }: Split): string =>
  tokens[token_index]?.startsWith(' ') ? ` ${token}` : token;

function learnParameters(tally: Tally, message: string): void {
  const { pattern } = tally.template;
  if (tally.learner?.parameters.pattern !== pattern) tally.learner = createLearner(pattern);
  learnLine(tally.learner, message);
}

/** Lets what people decided hold from the next line on. */
export function applyEdits(mined: MinedTree, edits: TemplateEdits): void {
  mined.edits = edits;
  for (const tally of mined.tallies.values()) applyEditsTo(tally, edits);
}

export function applyEditsTo(tally: Tally, edits: TemplateEdits): void {
  const { template, canonical_id } = tally;
  tally.counted_as = countedAs(edits, canonical_id);
  tally.splits = edits.splits.get(canonical_id) ?? null;
  // Lines may be assigned otherwise from now on: what was looked up before does not hold.
  if (markEdited(template, canonical_id, edits)) template.branch.generation++;
}

/** Lets the tree know what was decided about a template; whether that is news. */
export function markEdited(template: Template, canonical_id: number, edits: TemplateEdits): boolean {
  const { is_pinned, is_edited } = template;
  template.is_pinned = edits.pinned.has(canonical_id);
  template.is_edited = edits.edited.has(canonical_id);
  return template.is_pinned !== is_pinned || template.is_edited !== is_edited;
}

// Of the first line: the row must not depend on where slices end.
function describe(tally: Tally, line: Line): void {
  tally.example = cleanExample(line.message);
  tally.first_release = line.release ?? null;
}

/** PostgreSQL takes neither NUL nor half a surrogate pair. */
const cleanExample = (message: string): string =>
  Buffer.from(message.slice(0, MAX_EXAMPLE).replaceAll('\0', '\ufffd'), 'utf8').toString('utf8');

/** True when the saved rows are those that this tree was loaded from or saved to. */
export function isCurrent(mined: MinedTree, fingerprint: TreeFingerprint | undefined): boolean {
  let templates = 0;
  let versions = 0;
  let lines = 0;
  for (const tally of mined.tallies.values()) {
    if (tally.saved_version > 0) templates++;
    versions += tally.saved_version;
    lines += tally.total - tally.count;
  }
  const saved = fingerprint ?? { templates: 0, versions: 0, lines: 0 };
  return templates === saved.templates && versions === saved.versions && lines === saved.lines;
}
