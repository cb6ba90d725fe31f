import { leafKey, type LeafKey } from './leaf-key.ts';
import { splitPattern, WILDCARD, wildcardFor } from './pattern.ts';
import { generalise, isWord, similarity } from './similarity.ts';
import { isVariable } from './unit.ts';

/** A group of lines that differ only in variables. */
export interface Template {
  /** 53-bit id, see template-id.ts. */
  readonly id: number;
  /** Order in which the tree met its templates, from 0 without gaps. */
  readonly ordinal: number;
  /** Grows by one whenever the pattern becomes more general. */
  version: number;
  pattern: string;
  tokens: string[];
  /** A person wants the pattern to stay as it is: a line that would make it more general is not this template's. */
  is_pinned: boolean;
  /** A person decided something about it, that the pattern stays included: it is never merged with another one. */
  is_edited: boolean;
  readonly branch: Branch;
  /** Id of the template that a person split this one off: it is in no leaf. Null for all others. */
  readonly split_of: number | null;
  /** Id of the template that came to the same pattern and gets all lines since; never one that was merged itself. Else null. */
  merged_into: number | null;
}

/** What a tree is rebuilt from: the saved rows, in the order of `ordinal`. */
export type TemplateState = Pick<Template, 'id' | 'ordinal' | 'version' | 'pattern'> &
  Partial<Pick<Template, 'split_of' | 'merged_into'>>;

export interface Assignment {
  template: Template;
  change: 'created' | 'changed' | 'none';
  /** Templates that are merged into `template` since this line: they came to the same pattern and get no more lines. */
  merged: readonly Template[];
}

/** All lines of one token count. `generation` grows with every change below it: what was looked up before may not hold. */
export interface Branch {
  generation: number;
  leaves: Map<string, Leaf>;
}

interface Leaf {
  header: number;
  /** In the order of `ordinal`, no two of the same pattern. */
  templates: Template[];
}

export interface TemplateTree {
  /** Assigns the line with these tokens to a template, creating or generalising one if need be. */
  add(tokens: string[]): Assignment;
  /** The template that `add` would choose, without changing anything; null if it would create one. */
  find(tokens: string[]): Template | null;
  /** Makes a template that no line is assigned to: the caller says which lines are its. Null when the tree is full. */
  split(from: Template, pattern: string): Template | null;
  readonly templates: readonly Template[];
}

/** Beyond this a tree has one more template, the catch-all `<*>`, that takes every line that fits nowhere. */
export const MAX_TEMPLATES = 5000;
/** Share of equal tokens that makes two lines one template. */
const SIMILARITY = 0.5;
/** Leaves of one token count; beyond, a line's first word opens no leaf any more (it is a user's name or the like). */
const MAX_LEAVES = 128;
/** Templates of a leaf; beyond, a line joins the most similar one whatever the similarity. */
const MAX_LEAF_TEMPLATES = 128;
/** Templates that differ in the same words only: so many are merged to one. Until then each is an event. */
const MAX_SIBLINGS = 8;
const MAX_SIBLING_WORDS = 3;

interface Tree {
  readonly branches: Map<number, Branch>;
  readonly templates: Template[];
  readonly max: number;
  readonly idOf: (pattern: string, ordinal: number) => number;
  /** Scratch of `similarity`. */
  readonly words: number[];
}

/** Where a line is looked for: `tokens` are its own, or in a full branch those with `<*>` for its first word. */
interface Route {
  tokens: string[];
  branch: Branch;
  key: LeafKey;
}

/**
 * A fixed-depth tree over masked lines after Drain (He, Zhu, Zheng, Lyu: Drain: An Online Log Parsing Approach with
 * Fixed Depth Tree, ICWS 2017): token count, then the first word, then the most similar template of the leaf.
 * What differs: header fields and equal variables do not count as similar; two words that differ, the first ones
 * included, are two events until many siblings show that they are values; every limit is a function of the templates so far. So the tree is a pure
 * function of the sequence of its lines, and the same tree is rebuilt from its saved templates.
 * @param options.idOf id of a new template by its first pattern; must not return an id that the tree already has
 */
export function createTemplateTree(options: {
  states: readonly TemplateState[];
  idOf: (pattern: string, ordinal: number) => number;
  max_templates?: number;
}): TemplateTree {
  const tree: Tree = {
    branches: new Map(),
    templates: [],
    max: options.max_templates ?? MAX_TEMPLATES,
    idOf: options.idOf,
    words: [],
  };
  for (const state of options.states) {
    const tokens = splitPattern(state.pattern);
    insert(tree, state, { tokens, branch: branchOf(tree, tokens.length), key: leafKey(tokens) });
  }
  return {
    templates: tree.templates,
    add: (tokens) => add(tree, route(tree, tokens)),
    split: (from, pattern) => split(tree, from, pattern),
    find(tokens) {
      const { branch, key, tokens: routed } = route(tree, tokens);
      const leaf = branch.leaves.get(key.text);
      if (leaf === undefined) return null;
      return mostSimilar(leaf, routed, tree.words) ?? siblingsOf(leaf, routed, tree.words)[0] ?? null;
    },
  };
}

const NONE: readonly Template[] = [];

function add(tree: Tree, to: Route): Assignment {
  const leaf = to.branch.leaves.get(to.key.text);
  if (leaf === undefined) return create(tree, to);
  const template = mostSimilar(leaf, to.tokens, tree.words);
  if (template === null) {
    const siblings = siblingsOf(leaf, to.tokens, tree.words);
    return siblings.length > 0 ? merge(tree, leaf, siblings, to) : create(tree, to);
  }
  const general = generalise(template.tokens, to.tokens);
  if (general === null) return { template, change: 'none', merged: NONE };
  change(template, general);
  return joinTwins(tree, leaf, to.branch, general.join(''));
}

function change(template: Template, tokens: string[]): void {
  template.tokens = tokens;
  template.pattern = tokens.join('');
  template.version++;
}

// All siblings get one pattern.
function merge(tree: Tree, leaf: Leaf, siblings: readonly Template[], to: Route): Assignment {
  const [first, ...others] = siblings as [Template, ...Template[]];
  let tokens = first.tokens;
  for (const other of [...others.map((template) => template.tokens), to.tokens])
    tokens = generalise(tokens, other) ?? tokens;
  for (const template of siblings) change(template, tokens);
  return joinTwins(tree, leaf, to.branch, tokens.join(''));
}

// Of the templates of a leaf that came to one pattern the first goes on. What had been merged into the others is its now.
function joinTwins(tree: Tree, leaf: Leaf, branch: Branch, pattern: string): Assignment {
  branch.generation++;
  const [first, ...others] = leaf.templates.filter((template) => template.pattern === pattern) as [
    Template,
    ...Template[],
  ];
  if (others.length === 0) return { template: first, change: 'changed', merged: NONE };
  leaf.templates = leaf.templates.filter((template) => !others.includes(template));
  const gone = new Set(others.map(({ id }) => id));
  const merged = tree.templates.filter(
    ({ id, merged_into }) => gone.has(id) || (merged_into !== null && gone.has(merged_into)),
  );
  for (const template of merged) template.merged_into = first.id;
  return { template: first, change: 'changed', merged };
}

function branchOf(tree: Tree, length: number): Branch {
  let branch = tree.branches.get(length);
  if (branch === undefined) tree.branches.set(length, (branch = { generation: 0, leaves: new Map() }));
  return branch;
}

// In a full branch, and where it shows to be a value, `<*>` takes the place of the first word, from the creation of the
// template on: its saved pattern leads to the same leaf again.
function route(tree: Tree, tokens: string[]): Route {
  const branch = branchOf(tree, tokens.length);
  const key = leafKey(tokens);
  if (key.word < 0 || branch.leaves.has(key.text)) return { tokens, branch, key };
  const general = tokens.slice();
  general[key.word] = wildcardFor(tokens[key.word] as string);
  if (branch.leaves.size < MAX_LEAVES && !isValue(tree, branch, general, key, tokens[key.word] as string))
    return { tokens, branch, key };
  return { tokens: general, branch, key: leafKey(general) };
}

// A first word that is no plain one (`pool_size`, `db.user`), when many templates have another such word there and are alike
// else. Asked only of words that have no leaf.
function isValue(
  tree: Tree,
  branch: Branch,
  general: readonly string[],
  key: LeafKey,
  word: string,
): boolean {
  if (isWord(word)) return false;
  const known = branch.leaves.get(leafKey(general).text)?.templates ?? [];
  const fits = ({ tokens }: Template): boolean =>
    similarity(tokens, general, key.header, tree.words) >= SIMILARITY && tree.words.length === 0;
  if (known.some((template) => template.tokens[key.word] === general[key.word] && fits(template)))
    return true;
  // Else this line opens a leaf, so it is asked a bounded number of times; in a full tree no line does.
  if (tree.templates.length > tree.max) return false;
  const others = new Set<string>();
  for (const leaf of branch.leaves.values()) {
    for (const template of leaf.templates) {
      const other = template.tokens[key.word] as string;
      if (isVariable(other) || isWord(other) || others.has(other)) continue;
      if (!isAlike(template.tokens, general, key.word) || !fits(template)) continue;
      if (others.add(other).size >= MAX_SIBLINGS) return true;
    }
  }
  return false;
}

const isAlike = (tokens: readonly string[], others: readonly string[], until: number): boolean => {
  for (let i = 0; i < until; i++) if (tokens[i] !== others[i]) return false;
  return true;
};

function insert(tree: Tree, state: TemplateState, { tokens, branch, key }: Route): Template {
  const isCatchAll = state.ordinal >= tree.max;
  const template: Template = {
    id: state.id,
    ordinal: state.ordinal,
    version: state.version,
    pattern: state.pattern,
    tokens,
    is_pinned: false,
    is_edited: false,
    // Equal to nothing: which lines end in the catch-all depends on all branches, so nobody may remember it.
    branch: isCatchAll ? { generation: NaN, leaves: branch.leaves } : branch,
    split_of: state.split_of ?? null,
    merged_into: state.merged_into ?? null,
  };
  tree.templates.push(template);
  if (isCatchAll || template.split_of !== null || template.merged_into !== null) return template;
  const leaf = branch.leaves.get(key.text);
  if (leaf) leaf.templates.push(template);
  else branch.leaves.set(key.text, { header: key.header, templates: [template] });
  branch.generation++;
  return template;
}

function create(tree: Tree, to: Route): Assignment {
  const catchAll = tree.templates[tree.max];
  if (catchAll !== undefined) return { template: catchAll, change: 'none', merged: NONE };
  const ordinal = tree.templates.length;
  const pattern = ordinal >= tree.max ? WILDCARD : to.tokens.join('');
  const state = { id: tree.idOf(pattern, ordinal), ordinal, version: 1, pattern };
  return { template: insert(tree, state, to), change: 'created', merged: NONE };
}

function split(tree: Tree, from: Template, pattern: string): Template | null {
  const ordinal = tree.templates.length;
  if (ordinal >= tree.max) return null;
  const tokens = splitPattern(pattern);
  const state = { id: tree.idOf(pattern, ordinal), ordinal, version: 1, pattern, split_of: from.id };
  return insert(tree, state, { tokens, branch: from.branch, key: leafKey(tokens) });
}

// The first of the most similar templates, or the edited one whose line it is; words must not differ, unless the leaf is full.
function mostSimilar(leaf: Leaf, tokens: readonly string[], words: number[]): Template | null {
  const isFull = leaf.templates.length >= MAX_LEAF_TEMPLATES;
  let found: Template | null = null;
  let highest = isFull ? -1 : SIMILARITY - 1e-9;
  for (const template of leaf.templates) {
    const value = similarity(template.tokens, tokens, leaf.header, words);
    if (value <= highest || (words.length > 0 && (!isFull || template.is_edited))) continue;
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
    if (!template.is_edited || generalise(template.tokens, tokens) !== null) continue;
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

// So many templates that are like the line but for the same words, or none.
function siblingsOf(leaf: Leaf, tokens: readonly string[], words: number[]): readonly Template[] {
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
  return NONE;
}
