import { leafKey, type LeafKey } from './leaf-key.ts';
import { splitPattern, wildcardFor } from './pattern.ts';
import { covers, generalise, isWord, similarity } from './similarity.ts';
import { leastRecent } from './template-eviction.ts';
import {
  addEvicted,
  evictedOf,
  isCovered,
  MAX_SIBLINGS,
  mostSimilar,
  SIMILARITY,
  similarEvictedOf,
  siblingsOf,
  type Branch,
  type Leaf,
  type Template,
} from './template-leaf.ts';
import { isVariable } from './unit.ts';

/** What a tree is rebuilt from: the saved rows, in the order of `ordinal`. */
export type TemplateState = Pick<Template, 'id' | 'ordinal' | 'version' | 'pattern'> &
  Partial<Pick<Template, 'split_of' | 'merged_into' | 'is_evicted' | 'last_seen_at'>>;

export interface Assignment {
  template: Template;
  /** `revived`: it had been evicted, and is as it was then, or more general for this line. */
  change: 'created' | 'changed' | 'revived' | 'none';
  /** Templates that are merged into `template` since this line: they came to the same pattern and get no more lines. */
  merged: readonly Template[];
  /** Templates that this line evicted. */
  evicted: readonly Template[];
  /** Templates that the tree does not know any more, with what had been merged into them. */
  forgotten: readonly Template[];
}

export interface TemplateTree {
  /** Assigns the line with these tokens to a template, creating or generalising one if need be. */
  add(tokens: readonly string[]): Assignment;
  /** The template that `add` would choose, without changing anything; null if it would create one. */
  find(tokens: readonly string[]): Template | null;
  /** Makes a template that no line is assigned to: the caller says which lines are its. */
  split(from: Template, pattern: string): Template;
  /** All that the tree knows, in the order of `ordinal`: also merged, evicted and split-off ones. Made when asked for. */
  readonly templates: readonly Template[];
}

/**
 * Templates that lines can find, and as many again that were evicted. Merged and split-off ones come on top: few of the
 * former (they go with the template that they were merged into), of the latter what people asked for.
 */
export const MAX_TEMPLATES = 5000;
/** Share of all templates that is evicted at once: to sort them for each new one would take longer than all the rest. */
const EVICTED_SHARE = 0.1;
/** Leaves of one token count; beyond, a line's first word opens no leaf any more (it is a user's name or the like). */
const MAX_LEAVES = 128;

interface Tree {
  readonly branches: Map<number, Branch>;
  /** In the order of `ordinal`. */
  readonly templates: Set<Template>;
  /** Templates that lines can find. */
  active: number;
  /** Templates that were evicted and are neither back nor forgotten. */
  evicted: number;
  next_ordinal: number;
  readonly max: number;
  readonly idOf: (pattern: string, ordinal: number) => number;
  /** Scratch of `similarity`. */
  readonly words: number[];
}

/** Where a line is looked for: `tokens` are its own, or in a full branch those with `<*>` for its first word. */
interface Route {
  tokens: readonly string[];
  branch: Branch;
  key: LeafKey;
}

/**
 * A fixed-depth tree over masked lines after Drain (He, Zhu, Zheng, Lyu: Drain: An Online Log Parsing Approach with
 * Fixed Depth Tree, ICWS 2017): token count, then the first word, then the most similar template of the leaf.
 * What differs: header fields and equal variables do not count as similar; two words that differ, the first ones
 * included, are two events until many siblings show that they are values; every limit is a function of the templates so
 * far. A full tree evicts what was seen last longest ago, and brings it back when a line comes that it covers. So the tree
 * is a pure function of the sequence of its lines, and the same tree is rebuilt from its saved templates.
 * @param options.states in the order of `ordinal`
 * @param options.idOf id of a new template by its first pattern; must not return an id that the tree already has
 * @param options.max_templates see {@link MAX_TEMPLATES}
 */
export function createTemplateTree(options: {
  states: readonly TemplateState[];
  idOf: (pattern: string, ordinal: number) => number;
  max_templates?: number;
}): TemplateTree {
  const tree: Tree = {
    branches: new Map(),
    templates: new Set(),
    active: 0,
    evicted: 0,
    next_ordinal: 0,
    max: options.max_templates ?? MAX_TEMPLATES,
    idOf: options.idOf,
    words: [],
  };
  for (const state of options.states) {
    const tokens = splitPattern(state.pattern);
    insert(tree, state, { tokens, branch: branchOf(tree, tokens.length), key: leafKey(tokens) });
  }
  return {
    get templates() {
      return [...tree.templates];
    },
    add: (tokens) => add(tree, route(tree, tokens)),
    split: (from, pattern) => split(tree, from, pattern),
    find: (tokens) => find(tree, route(tree, tokens)),
  };
}

const NONE: readonly Template[] = [];
const NOTHING = { merged: NONE, evicted: NONE, forgotten: NONE };

// What a line had before the tree was full comes before anything that would have to change for it.
function add(tree: Tree, to: Route): Assignment {
  const leaf = leafAt(to.branch, to.key.text);
  if (leaf === undefined) return create(tree, to);
  const template = mostSimilar(leaf, to.tokens, tree.words);
  const general = template && generalise(template.tokens, to.tokens);
  if (template && general === null) return { template, change: 'none', ...NOTHING };
  const evicted = evictedOf(leaf, to.tokens);
  if (evicted !== null) return revive(tree, leaf, evicted, to);
  if (template === null || general === null) {
    const similar = similarEvictedOf(leaf, to.tokens, tree.words);
    if (similar !== null) return reviveFor(tree, leaf, similar, to);
    const siblings = siblingsOf(leaf, to.tokens, tree.words);
    return siblings.length > 0 ? merge(tree, leaf, siblings, to) : create(tree, to);
  }
  change(template, general);
  return joinTwins(tree, leaf, to.branch, general.join(''));
}

function find({ words }: Tree, { branch, key, tokens }: Route): Template | null {
  const leaf = leafAt(branch, key.text);
  if (leaf === undefined) return null;
  const found = mostSimilar(leaf, tokens, words);
  if (found !== null && covers(found.tokens, tokens)) return found;
  const known = evictedOf(leaf, tokens) ?? found ?? similarEvictedOf(leaf, tokens, words);
  return known ?? siblingsOf(leaf, tokens, words)[0] ?? null;
}

function change(template: Template, tokens: readonly string[]): void {
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
  if (others.length === 0) return { ...NOTHING, template: first, change: 'changed' };
  leaf.templates = leaf.templates.filter((template) => !others.includes(template));
  tree.active -= others.length;
  const merged = withMerged(tree, others);
  for (const template of merged) template.merged_into = first.id;
  return { ...NOTHING, template: first, change: 'changed', merged };
}

/** Templates, and those that were merged into them. */
function withMerged(tree: Tree, templates: readonly Template[]): Template[] {
  const ids = new Set(templates.map(({ id }) => id));
  return [...tree.templates].filter(
    ({ id, merged_into }) => ids.has(id) || (merged_into !== null && ids.has(merged_into)),
  );
}

const leafAt = ({ leaves, dormant }: Branch, key: string): Leaf | undefined =>
  leaves.get(key) ?? dormant.get(key);

function branchOf(tree: Tree, length: number): Branch {
  let branch = tree.branches.get(length);
  if (branch === undefined)
    tree.branches.set(length, (branch = { generation: 0, leaves: new Map(), dormant: new Map() }));
  return branch;
}

// In a full branch, and where it shows to be a value, `<*>` takes the place of the first word, from the creation of the
// template on: its saved pattern leads to the same leaf again. A branch of which leaves were evicted has room again: a line stays
// with the template that covers it without its first word, unless one with the word does.
function route(tree: Tree, tokens: readonly string[]): Route {
  const branch = branchOf(tree, tokens.length);
  const key = leafKey(tokens);
  const own = { tokens, branch, key };
  const own_leaf = leafAt(branch, key.text);
  if (key.word < 0 || (own_leaf !== undefined && tree.evicted === 0)) return own;
  const word = tokens[key.word] as string;
  const general = tokens.with(key.word, wildcardFor(word));
  const to = { tokens: general, branch, key: leafKey(general) };
  const leaf = leafAt(branch, to.key.text);
  if (tree.evicted > 0 && leaf !== undefined && isCovered(leaf, general))
    return own_leaf !== undefined && isCovered(own_leaf, tokens) ? own : to;
  if (own_leaf !== undefined) return own;
  const isFull = branch.leaves.size >= MAX_LEAVES;
  return isFull || isValue(tree, branch, leaf, general, key, word) ? to : own;
}

// A first word that is no plain one (`pool_size`, `db.user`), when many templates have another such word there and are alike
// else. Asked only of words that have no leaf.
function isValue(
  tree: Tree,
  branch: Branch,
  known: Leaf | undefined,
  general: readonly string[],
  key: LeafKey,
  word: string,
): boolean {
  if (isWord(word)) return false;
  const fits = ({ tokens }: Template): boolean =>
    similarity(tokens, general, key.header, tree.words) >= SIMILARITY && tree.words.length === 0;
  if (known?.templates.some((template) => template.tokens[key.word] === general[key.word] && fits(template)))
    return true;
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
  const template: Template = {
    id: state.id,
    ordinal: state.ordinal,
    version: state.version,
    pattern: state.pattern,
    tokens,
    is_pinned: false,
    is_edited: false,
    branch,
    split_of: state.split_of ?? null,
    merged_into: state.merged_into ?? null,
    is_evicted: state.is_evicted ?? false,
    last_seen_at: state.last_seen_at ?? -Infinity,
  };
  tree.templates.add(template);
  tree.next_ordinal = state.ordinal + 1;
  if (template.split_of !== null || template.merged_into !== null) return template;
  const leaf = leafAt(branch, key.text) ?? { header: key.header, templates: [], evicted: [] };
  if (template.is_evicted) setAside(tree, leaf, template);
  else activate(tree, leaf, template);
  file(branch, key.text, leaf);
  return template;
}

function activate(tree: Tree, leaf: Leaf, template: Template): void {
  leaf.templates.push(template);
  tree.active++;
  template.branch.generation++;
}

function setAside(tree: Tree, leaf: Leaf, template: Template): void {
  addEvicted(leaf, template);
  tree.evicted++;
}

function takeBack(tree: Tree, leaf: Leaf, template: Template): void {
  leaf.evicted.splice(leaf.evicted.indexOf(template), 1);
  tree.evicted--;
}

/** Puts a leaf where it belongs by what it holds. */
function file({ leaves, dormant }: Branch, key: string, leaf: Leaf): void {
  const hasTemplates = leaf.templates.length > 0;
  if (hasTemplates) leaves.set(key, leaf);
  else leaves.delete(key);
  if (!hasTemplates && leaf.evicted.length > 0) dormant.set(key, leaf);
  else dormant.delete(key);
}

function create(tree: Tree, to: Route): Assignment {
  const gone = makeRoom(tree);
  const ordinal = tree.next_ordinal;
  const pattern = to.tokens.join('');
  const state = { id: tree.idOf(pattern, ordinal), ordinal, version: 1, pattern };
  return { template: insert(tree, state, to), change: 'created', merged: NONE, ...gone };
}

// It is met anew: after all others of its leaf, as when the tree is rebuilt.
function revive(tree: Tree, leaf: Leaf, template: Template, { key }: Route): Assignment {
  template.is_evicted = false;
  takeBack(tree, leaf, template);
  tree.templates.delete(template);
  const gone = makeRoom(tree);
  template.ordinal = tree.next_ordinal++;
  tree.templates.add(template);
  activate(tree, leaf, template);
  // Making room may have taken the leaf away.
  file(template.branch, key.text, leaf);
  return { template, change: 'revived', merged: NONE, ...gone };
}

// As if it had never been evicted.
function reviveFor(tree: Tree, leaf: Leaf, template: Template, to: Route): Assignment {
  const revived = revive(tree, leaf, template, to);
  change(template, generalise(template.tokens, to.tokens) ?? template.tokens);
  const joined = joinTwins(tree, leaf, to.branch, template.pattern);
  return { ...revived, template: joined.template, merged: joined.merged };
}

// Nothing while there is room.
function makeRoom(tree: Tree): Pick<Assignment, 'evicted' | 'forgotten'> {
  if (tree.active < tree.max) return NOTHING;
  const known = [...tree.templates].filter(
    ({ split_of, merged_into }) => split_of === null && merged_into === null,
  );
  const batch = Math.ceil(tree.max * EVICTED_SHARE);
  const evicted = leastRecent(
    known.filter(({ is_evicted }) => !is_evicted),
    tree.active - tree.max + batch,
  );
  for (const template of evicted) evict(tree, template);
  const outside = known.filter(({ is_evicted }) => is_evicted);
  const forgettable = outside.filter(({ is_edited }) => !is_edited);
  const forgotten = leastRecent(forgettable, outside.length - tree.max);
  for (const template of forgotten) forget(tree, template);
  const all = forgotten.length === 0 ? NONE : withMerged(tree, forgotten);
  for (const template of all) tree.templates.delete(template);
  return { evicted, forgotten: all };
}

function evict(tree: Tree, template: Template): void {
  const { branch } = template;
  const key = leafKey(template.tokens).text;
  const leaf = leafAt(branch, key) as Leaf;
  leaf.templates.splice(leaf.templates.indexOf(template), 1);
  setAside(tree, leaf, template);
  template.is_evicted = true;
  branch.generation++;
  tree.active--;
  file(branch, key, leaf);
}

function forget(tree: Tree, template: Template): void {
  const key = leafKey(template.tokens).text;
  const leaf = leafAt(template.branch, key) as Leaf;
  takeBack(tree, leaf, template);
  file(template.branch, key, leaf);
}

function split(tree: Tree, from: Template, pattern: string): Template {
  const ordinal = tree.next_ordinal;
  const tokens = splitPattern(pattern);
  const state = { id: tree.idOf(pattern, ordinal), ordinal, version: 1, pattern, split_of: from.id };
  return insert(tree, state, { tokens, branch: from.branch, key: leafKey(tokens) });
}
