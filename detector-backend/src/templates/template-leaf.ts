import { covers, generalise, similarity } from './similarity.ts';

/** A group of lines that differ only in variables. */
export interface Template {
  /** 53-bit id, see template-id.ts. */
  readonly id: number;
  /** Order in which the tree met its templates, from 0; one that comes back after it was evicted is met anew. */
  ordinal: number;
  /** Grows by one whenever the pattern becomes more general. */
  version: number;
  pattern: string;
  tokens: readonly string[];
  /** A person wants the pattern to stay as it is: a line that would make it more general is not this template's. */
  is_pinned: boolean;
  /** A person decided something about it, that the pattern stays included: it is never merged with another one. */
  is_edited: boolean;
  readonly branch: Branch;
  /** Id of the template that a person split this one off: it is in no leaf. Null for all others. */
  readonly split_of: number | null;
  /** Id of the template that came to the same pattern and gets all lines since; never one that was merged itself. Else null. */
  merged_into: number | null;
  /** It had to make room for others and gets no lines until one comes that is its. */
  is_evicted: boolean;
  /** Epoch ms of its latest line, whatever their order. The caller of `add` sets it: the oldest are evicted first. */
  last_seen_at: number;
}

/** All lines of one token count. `generation` grows with every change below it: what was looked up before may not hold. */
export interface Branch {
  generation: number;
  leaves: Map<string, Leaf>;
  /** Leaves of which all templates were evicted. Apart, for these may be many. */
  dormant: Map<string, Leaf>;
}

/** Templates of one header and first word. */
export interface Leaf {
  /** Tokens before this index say nothing about how alike two lines are. */
  header: number;
  /** In the order of `ordinal`, no two of the same pattern. */
  templates: Template[];
  /** What was seen last longest ago comes first. */
  evicted: Template[];
}

/** Share of equal tokens that makes two lines one template. */
export const SIMILARITY = 0.5;
/** Templates of a leaf; beyond, a line joins the most similar one whatever the similarity. */
const MAX_LEAF_TEMPLATES = 128;
/** Templates that differ in the same words only: so many are merged to one. Until then each is an event. */
export const MAX_SIBLINGS = 8;
const MAX_SIBLING_WORDS = 3;

/**
 * The first of the most similar templates, or the edited one whose line it is; words must not differ, unless the leaf is full.
 * @param words scratch
 */
export function mostSimilar(leaf: Leaf, tokens: readonly string[], words: number[]): Template | null {
  const isLeafFull = leaf.templates.length >= MAX_LEAF_TEMPLATES;
  let found: Template | null = null;
  let highest = isLeafFull ? -1 : SIMILARITY - 1e-9;
  for (const template of leaf.templates) {
    const value = similarity(template.tokens, tokens, leaf.header, words);
    if (value <= highest || (words.length > 0 && (!isLeafFull || template.is_edited))) continue;
    if (template.is_edited && !mayTake(leaf, template, tokens)) continue;
    highest = value;
    found = template;
    if (value === 1) break;
  }
  return ownOf(leaf, tokens, found);
}

// A pattern that people decided about becomes no other template's pattern: one would get the lines of both.
function mayTake(leaf: Leaf, template: Template, tokens: readonly string[]): boolean {
  const general = generalise(template.tokens, tokens);
  if (general === null || template.is_pinned) return general === null;
  const pattern = general.join('');
  return !leaf.templates.some((other) => other.pattern === pattern);
}

// What was merged around an edited template covers its lines, too, and may have come first: they stay its own.
function ownOf(leaf: Leaf, tokens: readonly string[], found: Template | null): Template | null {
  let own = found;
  for (const template of leaf.templates) {
    if (!template.is_edited || !covers(template.tokens, tokens)) continue;
    if (own === null || isCloser(template, own, tokens)) own = template;
  }
  return own;
}

function isCloser(template: Template, other: Template, tokens: readonly string[]): boolean {
  const equal = ({ tokens: known }: Template): number =>
    known.filter((token, i) => token === tokens[i]).length;
  const more = equal(template) - equal(other);
  return more > 0 || (more === 0 && !other.is_edited);
}

/**
 * {@link MAX_SIBLINGS} templates that are like the line but for the same words, or none.
 * @param words scratch
 */
export function siblingsOf(leaf: Leaf, tokens: readonly string[], words: number[]): readonly Template[] {
  const siblings = new Map<string, Template[]>();
  for (const template of leaf.templates) {
    if (template.is_edited) continue;
    const value = similarity(template.tokens, tokens, leaf.header, words);
    if (value < SIMILARITY || words.length === 0 || words.length > MAX_SIBLING_WORDS) continue;
    const differing = words.join();
    const found = siblings.get(differing) ?? [];
    found.push(template);
    if (found.length >= MAX_SIBLINGS) return found;
    siblings.set(differing, found);
  }
  return [];
}

/** The first evicted template that covers the line. */
export function evictedOf(leaf: Leaf, tokens: readonly string[]): Template | null {
  let found: Template | null = null;
  for (const template of leaf.evicted)
    if (covers(template.tokens, tokens) && (found === null || template.ordinal < found.ordinal))
      found = template;
  return found;
}

/** Whether a template of the leaf, evicted ones included, covers the line. */
export const isCovered = (leaf: Leaf, tokens: readonly string[]): boolean =>
  leaf.templates.some((template) => covers(template.tokens, tokens)) || evictedOf(leaf, tokens) !== null;

/**
 * What {@link mostSimilar} would have found had it not been evicted. Of the templates that a leaf has room for, those seen last.
 * @param words scratch
 */
export function similarEvictedOf(leaf: Leaf, tokens: readonly string[], words: number[]): Template | null {
  let found: Template | null = null;
  let highest = SIMILARITY - 1e-9;
  for (const template of leaf.evicted.slice(-MAX_LEAF_TEMPLATES)) {
    const value = similarity(template.tokens, tokens, leaf.header, words);
    if (words.length > 0 || value < highest) continue;
    if (value === highest && found !== null && found.ordinal < template.ordinal) continue;
    if (template.is_edited && !mayTake(leaf, template, tokens)) continue;
    highest = value;
    found = template;
  }
  return found;
}

/** Keeps the order: it is the same when the tree is rebuilt. Nearly all come last. */
export function addEvicted({ evicted }: Leaf, template: Template): void {
  let at = evicted.length;
  while (at > 0 && isSeenBefore(template, evicted[at - 1] as Template)) at--;
  evicted.splice(at, 0, template);
}

const isSeenBefore = (a: Template, b: Template): boolean =>
  a.last_seen_at < b.last_seen_at || (a.last_seen_at === b.last_seen_at && a.ordinal < b.ordinal);
