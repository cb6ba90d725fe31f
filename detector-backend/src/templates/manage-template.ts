import { wellFormed } from '../logstore/stored-text.ts';
import { AppError } from '../platform/errors.ts';
import type { Audit, Identity } from '../platform/http/identity.ts';
import type { Client, Database } from '../platform/postgres.ts';
import { effectiveEdits, foldEdits, isIgnored, mergedInto, type TemplateEdits } from './template-edits.ts';
import {
  findEvent,
  findServiceEvents,
  insertEvent,
  lockEvents,
  type NewTemplateEvent,
  type TemplateEventRow,
} from './template-event-repository.ts';
import { eventView } from './template-event-schema.ts';
import { findTemplate, findTemplateOfCanonical, saveDecidedStatuses } from './template-repository.ts';
import { patternParts } from './parameter-value.ts';
import { splitPattern } from './pattern.ts';
import type { SplitBody } from './template-event-schema.ts';
import { splitId } from './template-id.ts';
import type { LogTemplate } from './template-schema.ts';
import { templateView } from './template-view.ts';

interface Deps {
  database: Database;
  audit: Audit;
}

/** Who asks, and the id of the request. */
interface Call {
  identity: Identity;
  id: string;
}

type Draft = Pick<NewTemplateEvent, 'kind'> &
  Partial<Pick<NewTemplateEvent, 'into_id' | 'name' | 'token_index' | 'token' | 'undoes_id'>>;

/** A service's history ends here: whoever writes so much is a program gone wrong. */
const MAX_EVENTS = 5000;
export const MAX_SPLITS = 50;

/**
 * Lets the lines of a template count as another one's of its service. Throws not_found, invalid_request (`into` belongs to
 * another service) or conflict (they are merged already).
 */
export const mergeTemplate = (deps: Deps, call: Call, id: number, into: number) =>
  edit(deps, call, id, async (client, template, edits) => {
    const target = await get(client, into, 'into');
    if (target.service_id !== template.service_id) {
      throw new AppError('invalid_request', 'Templates of two services can not be merged.', {
        field: 'into',
      });
    }
    const into_id = target.canonical_id;
    if (mergedInto(edits, template.canonical_id) === mergedInto(edits, into_id)) {
      throw new AppError('conflict', 'Their lines count as one template already.', { field: 'into' });
    }
    return { kind: 'merge', into_id };
  });

/**
 * Lets the lines that have a value at a placeholder be a template of their own; without both, undoes the last merge of a
 * template into another one. Throws not_found, invalid_request (`position`, `value`), or conflict when it is not merged,
 * was split off itself, or is split so already or {@link MAX_SPLITS} times.
 */
export function splitTemplate(deps: Deps, call: Call, id: number, body: SplitBody) {
  const { position, value } = body ?? {};
  if (position === undefined && value === undefined) return undoMerge(deps, call, id);
  if (position === undefined) throw missing('position');
  if (value === undefined) throw missing('value');
  if (value.trim() === '') throw new AppError('invalid_request', 'value is not blank.', { field: 'value' });
  return edit(deps, call, id, (_client, template, edits) => {
    if (template.split_of !== null)
      throw new AppError('conflict', 'What was split off can not be split again.', { field: 'id' });
    const { token_index, token } = tokenWith(template.pattern, position, value);
    const splits = edits.splits.get(template.canonical_id) ?? [];
    if (splits.some((split) => split.token_index === token_index && split.token === token))
      throw new AppError('conflict', 'Lines with this value are split off already.', { field: 'value' });
    if (splits.length >= MAX_SPLITS)
      throw new AppError('conflict', `A template is split at most ${MAX_SPLITS} times.`, { field: 'id' });
    const into_id = splitId(template.canonical_id, token_index, token);
    return { kind: 'split', into_id, token_index, token };
  });
}

const missing = (field: string) =>
  new AppError('invalid_request', 'position and value are given together.', { field });

/** The word of a pattern that holds the placeholder at `position`, with a value in its place. */
function tokenWith(pattern: string, position: number, value: string) {
  let next = 0;
  for (const [token_index, text] of splitPattern(pattern).entries()) {
    const { kinds, literals } = patternParts(text);
    next += kinds.length;
    if (position >= next) continue;
    if (kinds.length > 1)
      throw new AppError('invalid_request', 'Another placeholder is in the same word.', {
        field: 'position',
      });
    return { token_index, token: wellFormed(literals.join(value)).trim() };
  }
  throw new AppError('invalid_request', `The pattern has ${next} placeholders, counted from 0.`, {
    field: 'position',
  });
}

const undoMerge = (deps: Deps, call: Call, id: number) =>
  edit(deps, call, id, (_client, template, _edits, events) => {
    const merge = effectiveEdits(events).findLast(
      (event) => event.kind === 'merge' && event.template_id === template.canonical_id,
    );
    if (!merge) throw new AppError('conflict', `Template ${id} was not merged into another one.`);
    return { kind: 'undo', undoes_id: merge.id };
  });

/** Gives a template a name, or (null) takes it away. */
export const renameTemplate = (deps: Deps, call: Call, id: number, name: string | null) =>
  edit(deps, call, id, (_client, template, edits) => {
    if ((edits.names.get(template.canonical_id) ?? null) === name) throw nothingToDo(id);
    return { kind: 'rename', name };
  });

/** Keeps the pattern as it is, or lets lines make it more general again. */
export const pinTemplate = (deps: Deps, call: Call, id: number, is_pinned: boolean) =>
  edit(deps, call, id, (_client, template, edits) => {
    if (template.split_of !== null)
      throw new AppError('conflict', 'The pattern of what was split off stays as it is.', { field: 'id' });
    if (edits.pinned.has(template.canonical_id) === is_pinned) throw nothingToDo(id);
    return { kind: is_pinned ? 'pin' : 'unpin' };
  });

/** Lets the lines of a template be no news, or makes them news again. */
export const ignoreTemplate = (deps: Deps, call: Call, id: number, is_ignored: boolean) =>
  edit(deps, call, id, (_client, template, edits) => {
    if (isIgnored(edits, template.canonical_id) === is_ignored) throw nothingToDo(id);
    if (!is_ignored && !edits.ignored.has(template.canonical_id)) {
      throw new AppError('conflict', 'It is ignored because of the template that it was merged into.');
    }
    return { kind: is_ignored ? 'ignore' : 'unignore' };
  });

/** Undoes an event (also an undo). Throws not_found, or conflict when it is undone already. */
export const undoEvent = ({ database, audit }: Deps, call: Call, id: number) =>
  database.withTenant(call.identity.tenant_id, async (client) => {
    const event = await findEvent(client, id);
    if (!event) throw new AppError('not_found', `There is no template event ${id}.`, { field: 'id' });
    await lockEvents(client, event.service_id);
    const events = await findServiceEvents(client, event.service_id);
    if (undoneIds(events).has(id)) throw new AppError('conflict', `Event ${id} is undone already.`);
    const template = await findTemplateOfCanonical(client, event.service_id, event.template_id);
    if (!template) throw new AppError('not_found', 'The template of the event is gone.');
    return append({ audit }, client, call, template, events, { kind: 'undo', undoes_id: id });
  });

/** Ids of events that another one undid. */
export function undoneIds(events: readonly TemplateEventRow[]): Set<number> {
  const undone = new Set<number>();
  for (const event of events.toSorted((a, b) => b.id - a.id)) {
    if (event.kind === 'undo' && !undone.has(event.id)) undone.add(event.undoes_id as number);
  }
  return undone;
}

const edit = (
  { database, audit }: Deps,
  call: Call,
  id: number,
  decide: (
    client: Client,
    template: LogTemplate,
    edits: TemplateEdits,
    events: TemplateEventRow[],
  ) => Draft | Promise<Draft>,
) =>
  database.withTenant(call.identity.tenant_id, async (client) => {
    const { service_id } = await get(client, id, 'id');
    await lockEvents(client, service_id);
    // Once more: the miner may have merged it into another one while this waited.
    const template = await get(client, id, 'id');
    const events = await findServiceEvents(client, service_id);
    const draft = await decide(client, template, foldEdits(events), events);
    return append({ audit }, client, call, template, events, draft);
  });

async function append(
  { audit }: Pick<Deps, 'audit'>,
  client: Client,
  { identity, id: request_id }: Call,
  template: LogTemplate,
  events: TemplateEventRow[],
  draft: Draft,
) {
  if (events.length >= MAX_EVENTS) {
    throw new AppError('conflict', `A service has at most ${events.length} template events.`);
  }
  const { service_id, canonical_id: template_id } = template;
  const none = { into_id: null, name: null, token_index: null, token: null, undoes_id: null };
  const event = await insertEvent(client, {
    ...none,
    ...draft,
    service_id,
    template_id,
    actor: identity.actor,
  });
  const before = templateView(template, foldEdits(events));
  const edits = foldEdits([...events, event]);
  await saveDecidedStatuses(client, service_id, edits);
  const after = templateView(await get(client, template.id, 'id'), edits);
  await audit(client, identity, {
    action: `template.${event.kind}`,
    resource_type: 'template',
    resource_id: String(template.id),
    details: {
      event_id: event.id,
      undoes_id: event.undoes_id,
      before: decided(before),
      after: decided(after),
    },
    request_id,
  });
  return { event: eventView(event, false), template: after };
}

const decided = ({ canonical_id, name, is_pinned, status }: ReturnType<typeof templateView>) => ({
  canonical_id,
  name,
  is_pinned,
  status,
});

async function get(client: Client, id: number, field: string): Promise<LogTemplate> {
  const template = await findTemplate(client, id);
  if (!template) throw new AppError('not_found', `There is no template ${id}.`, { field });
  return template;
}

const nothingToDo = (id: number) =>
  new AppError('conflict', `Template ${id} is so already.`, { field: 'id' });
