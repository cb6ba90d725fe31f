import { ConfigError } from '../config-error.ts';
import {
  addTag,
  copiedEvent,
  type FieldValue,
  getField,
  hasField,
  isMap,
  type LogEvent,
  METADATA,
  removeField,
  setField,
} from '../log-event.ts';
import { type RubyRegexp, rubyRegexp } from '../ruby-regexp.ts';
import { sprintf } from '../sprintf.ts';
import { type FilterMaker } from './filter-context.ts';

export const dropFilter: FilterMaker = (settings) => {
  if ((settings.numbers.percentage ?? 100) !== 100)
    throw new ConfigError(
      settings.file,
      settings.places.percentage!,
      'drop: the interpreter cannot drop a share of the events',
    );
  return (event) => {
    event.cancelled = true;
  };
};

export const uuidFilter: FilterMaker = (settings, context, matched) => {
  const { target } = settings.strings;
  if (target === undefined) throw new ConfigError(settings.file, settings.at, 'uuid needs the option target');
  return (event) => {
    const known = getField(event, target);
    if (settings.booleans.overwrite || known === undefined || known === null)
      setField(event, target, context.nextUuid());
    matched(event);
  };
};

/** Clones carry their name as a tag (ECS mode); the common options are applied to the clones, not to the original. */
export const cloneFilter: FilterMaker = (settings, _context, matched) => (event, emit) => {
  for (const name of settings.lists.clones!) {
    const clone = copiedEvent(event);
    if (settings.strings.ecs_compatibility === 'disabled') clone.fields.type = name;
    else addTag(clone, name);
    matched(clone);
    emit(clone);
  }
};

/** The longest beginning of a text that takes at most so many bytes of UTF-8. */
export function truncatedText(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  if (buffer.length <= bytes) return text;
  let end = bytes;
  while (end > 0 && (buffer[end]! & 0xc0) === 0x80) end--;
  return buffer.toString('utf8', 0, end);
}

export const truncateFilter: FilterMaker = (settings, _context, matched) => {
  const bytes = settings.numbers.length_bytes!;
  const cut = (value: FieldValue): FieldValue => {
    if (typeof value === 'string') return truncatedText(value, bytes);
    if (Array.isArray(value))
      return value.map((item) => (typeof item === 'string' ? truncatedText(item, bytes) : item));
    return isMap(value)
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cut(item)]))
      : value;
  };
  return (event) => {
    const fields = settings.lists.fields ?? Object.keys(event.fields).filter((name) => name !== METADATA);
    let changed = false;
    for (const field of fields) {
      const value = getField(event, field);
      if (value === undefined || value === null) continue;
      const result = cut(value);
      if (JSON.stringify(result) === JSON.stringify(value)) continue;
      setField(event, field, result);
      changed = true;
    }
    if (changed) matched(event);
  };
};

/** Removes top-level fields by name or value; the expressions are not anchored by themselves. `@metadata` is never pruned. */
export const pruneFilter: FilterMaker = (settings, _context, matched) => {
  const interpolate = settings.booleans.interpolate ?? false;
  const compiled = (event: LogEvent, expressions: string[]): RubyRegexp[] =>
    expressions.map((expression) => rubyRegexp(interpolate ? sprintf(event, expression) : expression));
  const { whitelist_names = [], blacklist_names = ['%\\{[^}]+\\}'] } = settings.lists;
  return (event) => {
    const names = Object.keys(event.fields).filter((name) => name !== METADATA);
    const white = compiled(event, whitelist_names);
    const black = compiled(event, blacklist_names);
    const unwanted = names.filter(
      (name) =>
        (white.length > 0 && !white.some((regexp) => regexp.exec(name))) ||
        black.some((regexp) => regexp.exec(name)),
    );
    for (const [keep, hash] of [
      [true, settings.hashes.whitelist_values],
      [false, settings.hashes.blacklist_values],
    ] as const)
      for (const [key, expression] of Object.entries(hash ?? {})) {
        const field = interpolate ? sprintf(event, key) : key;
        const [regexp] = compiled(event, [String(expression)]);
        if (hasField(event, field))
          pruneValue(event, field, (text) => (regexp!.exec(text) !== null) === keep);
      }
    for (const name of unwanted) removeField(event, `[${name}]`);
    matched(event);
  };
};

function pruneValue(event: LogEvent, field: string, stays: (text: string) => boolean): void {
  const value = getField(event, field)!;
  if (!Array.isArray(value)) {
    if (!stays(String(value))) removeField(event, field);
    return;
  }
  const kept = value.filter((item) => stays(String(item)));
  if (kept.length) setField(event, field, kept);
  else removeField(event, field);
}
