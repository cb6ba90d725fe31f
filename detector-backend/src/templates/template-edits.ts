/** What a person did to a template. Ids are service-wide ones as mined; `undoes_id` is the id of an earlier event. */
export interface TemplateEdit {
  id: number;
  kind: 'merge' | 'rename' | 'pin' | 'unpin' | 'ignore' | 'unignore' | 'split' | 'undo';
  template_id: number;
  /** Of a merge: the target. Of a split: what is split off. */
  into_id: number | null;
  name: string | null;
  /** Of a split: see {@link Split}. */
  token_index: number | null;
  token: string | null;
  undoes_id: number | null;
}

/** Lines of a template whose word at a place is this one are a template of their own. */
export interface Split {
  /** Service-wide id of what is split off. */
  readonly id: number;
  /** Which word, from 0, as splitPattern counts: that does not change when the pattern becomes more general. */
  readonly token_index: number;
  /** As it stands in the line, without the blank before it. */
  readonly token: string;
}

/** What all edits of a service come to. */
export interface TemplateEdits {
  /** Id of the last event, 0 if there is none: tells whether something was decided since. */
  readonly version: number;
  /** Merged templates and where their lines count; never a chain. */
  readonly into: ReadonlyMap<number, number>;
  readonly ignored: ReadonlySet<number>;
  /** Their patterns stay as they are. */
  readonly pinned: ReadonlySet<number>;
  readonly names: ReadonlyMap<number, string>;
  readonly splits: ReadonlyMap<number, readonly Split[]>;
  /** What was split off and is no more, with the template that its lines are of again. */
  readonly rejoined: ReadonlyMap<number, number>;
  /** All that was merged, ignored, pinned, named or split, and targets of merges: the miner merges none of them. */
  readonly edited: ReadonlySet<number>;
}

/** Template id of the lines of all ignored templates: they are counted, but as no template. */
export const IGNORED_TEMPLATE_ID = 0;

export const NO_EDITS: TemplateEdits = {
  version: 0,
  into: new Map(),
  ignored: new Set(),
  pinned: new Set(),
  names: new Map(),
  splits: new Map(),
  rejoined: new Map(),
  edited: new Set(),
};

/**
 * Events that count: no undo, and undone by none that counts itself. An undo of an undo brings the first event back, at
 * its old place in the order.
 */
export function effectiveEdits<Edit extends TemplateEdit>(events: readonly Edit[]): Edit[] {
  const undone = new Set<number>();
  const effective: Edit[] = [];
  for (const event of inOrder(events).reverse()) {
    if (undone.has(event.id)) continue;
    if (event.kind === 'undo') undone.add(event.undoes_id as number);
    else effective.push(event);
  }
  return effective.reverse();
}

/** Folds events to what they come to. Neither their order in the array nor repetitions matter: `id` is the order. */
export function foldEdits(events: readonly TemplateEdit[]): TemplateEdits {
  const into = new Map<number, number>();
  const ignored = new Set<number>();
  const pinned = new Set<number>();
  const names = new Map<number, string>();
  const effective = effectiveEdits(events);
  const splits = foldSplits(effective);
  for (const { kind, template_id: id, into_id, name } of effective) {
    if (kind === 'merge') link(into, id, into_id as number);
    else if (kind === 'ignore') ignored.add(id);
    else if (kind === 'unignore') ignored.delete(id);
    else if (kind === 'pin') pinned.add(id);
    else if (kind === 'unpin') pinned.delete(id);
    else if (kind === 'split') continue;
    else if (name === null) names.delete(id);
    else names.set(id, name);
  }
  const merged = [...into].flat();
  const edited = new Set([...merged, ...ignored, ...pinned, ...names.keys(), ...splits.keys()]);
  const rejoined = rejoin(into, splits, events);
  for (const id of into.keys()) into.set(id, rootOf(into, id));
  const version = events.reduce((last, event) => Math.max(last, event.id), 0);
  return { version, into, ignored, pinned, names, splits, rejoined, edited };
}

function foldSplits(effective: readonly TemplateEdit[]): Map<number, Split[]> {
  const splits = new Map<number, Split[]>();
  for (const { kind, template_id, into_id, token_index, token } of effective) {
    if (kind !== 'split' || into_id === null || token_index === null || token === null) continue;
    const known = splits.get(template_id) ?? [];
    if (known.some(({ id }) => id === into_id)) continue;
    splits.set(template_id, [...known, { id: into_id, token_index, token }]);
  }
  return splits;
}

// What was split off and is no more counts as what it came from, unless a person merged it elsewhere.
function rejoin(
  into: Map<number, number>,
  splits: ReadonlyMap<number, readonly Split[]>,
  events: readonly TemplateEdit[],
): Map<number, number> {
  const rejoined = new Map<number, number>();
  for (const { kind, template_id, into_id } of inOrder(events)) {
    if (kind !== 'split' || into_id === null || into.has(into_id)) continue;
    if (splits.get(template_id)?.some(({ id }) => id === into_id)) continue;
    link(into, into_id, template_id);
    rejoined.set(into_id, template_id);
  }
  return rejoined;
}

/** Where the lines of a template count: itself, or what it was merged into. */
export const mergedInto = (edits: TemplateEdits, id: number): number => edits.into.get(id) ?? id;

/** True when the template, or the one that it was merged into, is ignored. */
export const isIgnored = (edits: TemplateEdits, id: number): boolean =>
  edits.ignored.size > 0 && (edits.ignored.has(id) || edits.ignored.has(mergedInto(edits, id)));

/** The template id of a hit. */
export const countedAs = (edits: TemplateEdits, id: number): number =>
  isIgnored(edits, id) ? IGNORED_TEMPLATE_ID : mergedInto(edits, id);

/** What becomes of the lines of a template: `log_templates.status`. */
export type TemplateStatus = 'active' | 'ignored' | 'merged' | 'evicted';

/**
 * The miner's part comes first: `merged` by it, or `evicted` (no line finds the template until one comes that it covers);
 * then what people decided: `ignored`, or `merged` into another one.
 */
export function statusOf(
  mined: Exclude<TemplateStatus, 'ignored'>,
  canonical_id: number,
  edits: TemplateEdits,
): TemplateStatus {
  if (mined !== 'active') return mined;
  const counted = countedAs(edits, canonical_id);
  if (counted === IGNORED_TEMPLATE_ID) return 'ignored';
  return counted === canonical_id ? 'active' : 'merged';
}

/** Templates that count as another one, or ({@link IGNORED_TEMPLATE_ID}) as none. */
export function redirectsOf(edits: TemplateEdits): Map<number, number> {
  const redirects = new Map<number, number>();
  for (const id of [...edits.into.keys(), ...edits.ignored]) {
    if (countedAs(edits, id) !== id) redirects.set(id, countedAs(edits, id));
  }
  return redirects;
}

// Whole groups are joined; joining a group with itself changes nothing, so there is no circle.
function link(into: Map<number, number>, from: number, to: number): void {
  const [source, target] = [rootOf(into, from), rootOf(into, to)];
  if (source !== target) into.set(source, target);
}

function rootOf(into: ReadonlyMap<number, number>, id: number): number {
  let root = id;
  for (let next = into.get(root); next !== undefined; next = into.get(root)) root = next;
  return root;
}

function inOrder<Edit extends TemplateEdit>(events: readonly Edit[]): Edit[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}
