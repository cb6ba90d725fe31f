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
}

/** What a tree is rebuilt from: the saved rows, in the order of `ordinal`. */
export type TemplateState = Pick<Template, 'id' | 'ordinal' | 'version' | 'pattern'>;

export interface Assignment {
  template: Template;
  change: 'created' | 'changed' | 'none';
}

/** All lines of one token count. `generation` grows with every change below it: what was looked up before may not hold. */
export interface Branch {
  generation: number;
  leaves: Map<string, Leaf>;
}

interface Leaf {
  header: number;
  templates: Template[];
}

export interface TemplateTree {
  /** Assigns the line with these tokens to a template, creating or generalising one if need be. */
  add(tokens: string[]): Assignment;
  /** The template that `add` would choose, without changing anything; null if it would create one. */
  find(tokens: string[]): Template | null;
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
/** Templates that differ in the same words only: so many make those words a variable. Until then each is an event. */
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
    find(tokens) {
      const { branch, key, tokens: routed } = route(tree, tokens);
      return mostSimilar(branch.leaves.get(key.text), routed, tree.words);
    },
  };
}

function add(tree: Tree, to: Route): Assignment {
  const leaf = to.branch.leaves.get(to.key.text);
  const template = mostSimilar(leaf, to.tokens, tree.words);
  if (template === null) {
    return create(tree, leaf ? { ...to, tokens: withoutVariableWords(leaf, to.tokens, tree.words) } : to);
  }
  const general = generalise(template.tokens, to.tokens);
  if (general === null) return { template, change: 'none' };
  template.tokens = general;
  template.pattern = general.join('');
  template.version++;
  to.branch.generation++;
  return { template, change: 'changed' };
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
  };
  tree.templates.push(template);
  if (isCatchAll) return template;
  const leaf = branch.leaves.get(key.text);
  if (leaf) leaf.templates.push(template);
  else branch.leaves.set(key.text, { header: key.header, templates: [template] });
  branch.generation++;
  return template;
}

function create(tree: Tree, to: Route): Assignment {
  const catchAll = tree.templates[tree.max];
  if (catchAll !== undefined) return { template: catchAll, change: 'none' };
  const ordinal = tree.templates.length;
  const pattern = ordinal >= tree.max ? WILDCARD : to.tokens.join('');
  const state = { id: tree.idOf(pattern, ordinal), ordinal, version: 1, pattern };
  return { template: insert(tree, state, to), change: 'created' };
}

// The first of the most similar templates; words must not differ, unless the leaf is full.
function mostSimilar(leaf: Leaf | undefined, tokens: readonly string[], words: number[]): Template | null {
  if (leaf === undefined) return null;
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

// The line with `<*>` for the words in which it differs from many templates that are otherwise like it.
function withoutVariableWords(leaf: Leaf, tokens: string[], words: number[]): string[] {
  const siblings = new Map<string, number>();
  for (const template of leaf.templates) {
    const value = similarity(template.tokens, tokens, leaf.header, words);
    if (value < SIMILARITY || words.length === 0 || words.length > MAX_SIBLING_WORDS) continue;
    const differing = words.join();
    const count = (siblings.get(differing) ?? 0) + 1;
    siblings.set(differing, count);
    if (count >= MAX_SIBLINGS)
      return tokens.map((token, i) => (words.includes(i) ? wildcardFor(token) : token));
  }
  return tokens;
}
