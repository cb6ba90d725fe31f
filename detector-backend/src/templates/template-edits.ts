/** What a person did to a template. Ids are service-wide ones as mined; `undoes_id` is the id of an earlier event. */
export interface TemplateEdit {
  id: number;
  kind: 'merge' | 'rename' | 'pin' | 'unpin' | 'ignore' | 'unignore' | 'undo';
  template_id: number;
  into_id: number | null;
  name: string | null;
  undoes_id: number | null;
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
}

/** Template id of the lines of all ignored templates: they are counted, but as no template. */
export const IGNORED_TEMPLATE_ID = 0;

export const NO_EDITS: TemplateEdits = {
  version: 0,
  into: new Map(),
  ignored: new Set(),
  pinned: new Set(),
  names: new Map(),
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
  for (const { kind, template_id: id, into_id, name } of effectiveEdits(events)) {
    if (kind === 'merge') link(into, id, into_id as number);
    else if (kind === 'ignore') ignored.add(id);
    else if (kind === 'unignore') ignored.delete(id);
    else if (kind === 'pin') pinned.add(id);
    else if (kind === 'unpin') pinned.delete(id);
    else if (name === null) names.delete(id);
    else names.set(id, name);
  }
  for (const id of into.keys()) into.set(id, rootOf(into, id));
  const version = events.reduce((last, event) => Math.max(last, event.id), 0);
  return { version, into, ignored, pinned, names };
}

/** Where the lines of a template count: itself, or what it was merged into. */
export const mergedInto = (edits: TemplateEdits, id: number): number => edits.into.get(id) ?? id;

/** True when the template, or the one that it was merged into, is ignored. */
export const isIgnored = (edits: TemplateEdits, id: number): boolean =>
  edits.ignored.size > 0 && (edits.ignored.has(id) || edits.ignored.has(mergedInto(edits, id)));

/** The template id of a hit. */
export const countedAs = (edits: TemplateEdits, id: number): number =>
  isIgnored(edits, id) ? IGNORED_TEMPLATE_ID : mergedInto(edits, id);

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
