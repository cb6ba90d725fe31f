import { leafKey, type LeafKey } from './leaf-key.ts';
import { splitPattern, WILDCARD, wildcardFor } from './pattern.ts';
import { generalise, similarity } from './similarity.ts';

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
  readonly branch: Branch;
  /** Id of the template that a person split this one off: it is in no leaf. Null for all others. */
  readonly split_of: number | null;
}

/** What a tree is rebuilt from: the saved rows, in the order of `ordinal`. */
export type TemplateState = Pick<Template, 'id' | 'ordinal' | 'version' | 'pattern'> &
  Partial<Pick<Template, 'split_of'>>;

export interface Assignment {
  template: Template;
  change: 'created' | 'changed' | 'none';
  /** Templates whose pattern changed with that of `template`, to the same: they get no more lines. */
  merged: readonly Template[];
}

/** All lines of one token count. `generation` grows with every change below it: what was looked up before may not hold. */
export interface Branch {
  generation: number;
  leaves: Map<string, Leaf>;
}

interface Leaf {
  header: number;
  /** In the order of `ordinal`, no two of the same pattern: of such the first is here. */
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
 * What differs: header fields and equal variables do not count as similar; two words that differ are two events until
 * many siblings show that they are values; every limit is a function of the templates so far. So the tree is a pure
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
    return siblings.length > 0 ? merge(leaf, siblings, to) : create(tree, to);
  }
  const general = generalise(template.tokens, to.tokens);
  if (general === null) return { template, change: 'none', merged: NONE };
  change(template, general);
  dropTwins(leaf, template);
  to.branch.generation++;
  return { template, change: 'changed', merged: NONE };
}

function change(template: Template, tokens: string[]): void {
  template.tokens = tokens;
  template.pattern = tokens.join('');
  template.version++;
}

// All siblings get one pattern; the first goes on. Rebuilding from rows finds the same: of equal patterns the first.
function merge(leaf: Leaf, siblings: readonly Template[], to: Route): Assignment {
  const [first, ...others] = siblings as [Template, ...Template[]];
  let tokens = first.tokens;
  for (const other of [...others.map((template) => template.tokens), to.tokens])
    tokens = generalise(tokens, other) ?? tokens;
  for (const template of siblings) change(template, tokens);
  leaf.templates = leaf.templates.filter((template) => !others.includes(template));
  dropTwins(leaf, first);
  to.branch.generation++;
  return { template: first, change: 'changed', merged: others };
}

// A template that became the same as another one of its leaf: the later one leaves it.
function dropTwins(leaf: Leaf, { pattern }: Template): void {
  const [, ...later] = leaf.templates.filter((template) => template.pattern === pattern);
  if (later.length > 0) leaf.templates = leaf.templates.filter((template) => !later.includes(template));
}

function branchOf(tree: Tree, length: number): Branch {
  let branch = tree.branches.get(length);
  if (branch === undefined) tree.branches.set(length, (branch = { generation: 0, leaves: new Map() }));
  return branch;
}

// In a full branch `<*>` takes the place of the first word, from the creation of the template on: its saved pattern
// leads to the same leaf again.
function route(tree: Tree, tokens: string[]): Route {
  const branch = branchOf(tree, tokens.length);
  const key = leafKey(tokens);
  if (branch.leaves.size < MAX_LEAVES || key.word < 0 || branch.leaves.has(key.text))
    return { tokens, branch, key };
  const general = tokens.slice();
  general[key.word] = wildcardFor(tokens[key.word] as string);
  return { tokens: general, branch, key: leafKey(general) };
}

function insert(tree: Tree, state: TemplateState, { tokens, branch, key }: Route): Template {
  const isCatchAll = state.ordinal >= tree.max;
  const template: Template = {
    id: state.id,
    ordinal: state.ordinal,
    version: state.version,
    pattern: state.pattern,
    tokens,
    is_pinned: false,
    // Equal to nothing: which lines end in the catch-all depends on all branches, so nobody may remember it.
    branch: isCatchAll ? { generation: NaN, leaves: branch.leaves } : branch,
    split_of: state.split_of ?? null,
  };
  tree.templates.push(template);
  if (isCatchAll || template.split_of !== null) return template;
  const leaf = branch.leaves.get(key.text);
  if (leaf) {
    if (!leaf.templates.some(({ pattern }) => pattern === template.pattern)) leaf.templates.push(template);
  } else branch.leaves.set(key.text, { header: key.header, templates: [template] });
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

// The first of the most similar templates; words must not differ, unless the leaf is full.
function mostSimilar(leaf: Leaf, tokens: readonly string[], words: number[]): Template | null {
  const isFull = leaf.templates.length >= MAX_LEAF_TEMPLATES;
  let found: Template | null = null;
  let highest = isFull ? -1 : SIMILARITY - 1e-9;
  for (const template of leaf.templates) {
    const value = similarity(template.tokens, tokens, leaf.header, words);
    if (value <= highest || (words.length > 0 && !isFull)) continue;
    if (template.is_pinned && generalise(template.tokens, tokens) !== null) continue;
    highest = value;
    found = template;
    if (value === 1) break;
  }
  return found;
}

// So many templates that are like the line but for the same words, or none.
function siblingsOf(leaf: Leaf, tokens: readonly string[], words: number[]): readonly Template[] {
  const siblings = new Map<string, Template[]>();
  for (const template of leaf.templates) {
    if (template.is_pinned) continue;
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
