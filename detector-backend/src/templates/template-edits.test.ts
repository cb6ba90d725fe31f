import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countedAs,
  effectiveEdits,
  foldEdits,
  IGNORED_TEMPLATE_ID,
  mergedInto,
  NO_EDITS,
  redirectsOf,
  type TemplateEdit,
} from './template-edits.ts';

const KINDS = ['merge', 'rename', 'pin', 'unpin', 'ignore', 'unignore', 'undo', 'split'] as const;
const PLAIN = KINDS.filter((kind) => kind !== 'split');
const template = fc.integer({ min: 1, max: 6 });
/** Any history: ids from 1 on, an undo points at any earlier event. */
const historyOf = (kinds: readonly TemplateEdit['kind'][]) =>
  fc
    .array(
      fc.record({ kind: fc.constantFrom(...kinds), template_id: template, other: template, at: fc.nat() }),
      {
        maxLength: 30,
      },
    )
    .map((drafts) =>
      drafts.map(({ kind, template_id, other, at }, i): TemplateEdit => {
        const used = kind === 'undo' && i === 0 ? 'pin' : kind;
        return {
          id: i + 1,
          kind: used,
          template_id,
          into_id: used === 'merge' ? other : used === 'split' ? 10 * template_id + other : null,
          name: used === 'rename' && other > 1 ? `name ${other}` : null,
          token_index: used === 'split' ? 1 : null,
          token: used === 'split' ? `value ${other}` : null,
          undoes_id: used === 'undo' ? (at % i) + 1 : null,
        };
      }),
    );
const history = historyOf(KINDS);
const edit = (id: number, kind: TemplateEdit['kind'], more: Partial<TemplateEdit> = {}): TemplateEdit => ({
  id,
  kind,
  template_id: 1,
  into_id: null,
  name: null,
  token_index: null,
  token: null,
  undoes_id: null,
  ...more,
});
const meaning = (events: readonly TemplateEdit[]) => ({ ...foldEdits(events), version: 0 });

describe('fold of template events', () => {
  it('undoing an event gives what was before it; undoing the undo gives the event back', () => {
    fc.assert(
      fc.property(history, fc.constantFrom(...PLAIN.slice(0, -1)), template, (events, kind, into_id) => {
        const [id, undo] = [events.length + 1, events.length + 2];
        const one = edit(id, kind, { into_id: kind === 'merge' ? into_id : null });
        const undone = [...events, one, edit(undo, 'undo', { undoes_id: id })];
        expect(meaning(undone)).toEqual(meaning(events));
        const redone = [...undone, edit(undo + 1, 'undo', { undoes_id: undo })];
        expect(meaning(redone)).toEqual(meaning([...events, one]));
      }),
    );
  });

  it('does not depend on the order of the array or on repetitions', () => {
    fc.assert(
      fc.property(history, fc.integer(), (events, seed) => {
        const shuffled = [...events, ...events].sort((a, b) => ((a.id * seed) % 7) - ((b.id * seed) % 7));
        expect(foldEdits(shuffled)).toEqual(foldEdits(events));
      }),
    );
  });

  it('counts every template as one that counts as itself, or as none', () => {
    fc.assert(
      fc.property(history, (events) => {
        const edits = foldEdits(events);
        const redirects = redirectsOf(edits);
        for (let id = 1; id <= 66; id++) {
          const counted = countedAs(edits, id);
          if (counted !== IGNORED_TEMPLATE_ID) expect(countedAs(edits, counted)).toBe(counted);
          expect(redirects.get(id) ?? id).toBe(counted);
        }
      }),
    );
  });

  it('means the same when done again: effective events alone fold to the same', () => {
    fc.assert(
      fc.property(historyOf(PLAIN), (events) => {
        expect(meaning(effectiveEdits(events))).toEqual(meaning(events));
      }),
    );
  });

  it('undoing a split gives its lines back to where they came from', () => {
    fc.assert(
      fc.property(history, template, (events, template_id) => {
        const [id, undo] = [events.length + 1, events.length + 2];
        const one = edit(id, 'split', { template_id, into_id: 99, token_index: 2, token: 'x' });
        const split = foldEdits([...events, one]);
        expect(split.splits.get(template_id)?.at(-1)).toEqual({ id: 99, token_index: 2, token: 'x' });
        expect(countedAs(split, 99)).toBe(99);
        const undone = [...events, one, edit(undo, 'undo', { undoes_id: id })];
        expect(foldEdits(undone).splits).toEqual(foldEdits(events).splits);
        expect(mergedInto(foldEdits(undone), 99)).toBe(mergedInto(foldEdits(events), template_id));
        expect([split, foldEdits(undone)].map(({ rejoined }) => rejoined.get(99))).toEqual([
          undefined,
          template_id,
        ]);
        const redone = [...undone, edit(undo + 1, 'undo', { undoes_id: undo })];
        expect(meaning(redone)).toEqual(meaning([...events, one]));
      }),
    );
  });

  it('joins groups, ignores and names', () => {
    const events = [
      edit(1, 'merge', { template_id: 1, into_id: 2 }),
      edit(2, 'merge', { template_id: 2, into_id: 3 }),
      edit(3, 'merge', { template_id: 3, into_id: 1 }),
      edit(4, 'rename', { template_id: 3, name: 'orders' }),
    ];
    const edits = foldEdits(events);
    expect([1, 2, 3, 4].map((id) => countedAs(edits, id))).toEqual([3, 3, 3, 4]);
    expect(edits).toMatchObject({ version: 4, names: new Map([[3, 'orders']]) });
    expect([...edits.edited].sort()).toEqual([1, 2, 3]);
    const ignored = foldEdits([...events, edit(5, 'ignore', { template_id: 3 })]);
    expect([1, 2, 3, 4].map((id) => countedAs(ignored, id))).toEqual([0, 0, 0, 4]);
    expect(foldEdits([])).toEqual(NO_EDITS);
  });
});
