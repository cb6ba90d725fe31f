import { ConfigError } from '../config-error.ts';
import {
  addTag,
  arrayOf,
  copied,
  type FieldValue,
  getField,
  hasField,
  isMap,
  type LogEvent,
  removeField,
  setField,
} from '../log-event.ts';
import { LogTimestamp } from '../log-timestamp.ts';
import { type PluginSettings } from '../plugin-settings.ts';
import { rubyGsub, rubyRegexp } from '../ruby-regexp.ts';
import { sprintf } from '../sprintf.ts';
import { type FilterMaker, textsOf } from './filter-context.ts';
import { CONVERTERS, rubyJoin, rubySplit } from './ruby-conversion.ts';

type Step = (event: LogEvent) => void;

/** The steps of a mutate in Logstash's fixed order, whatever the order of the text. */
export const mutateFilter: FilterMaker = (settings, _context, matched) => {
  const steps = [
    ...pairs(settings, 'coerce', coerce),
    ...pairs(settings, 'rename', rename),
    ...pairs(settings, 'update', update),
    ...pairs(settings, 'replace', (event, field, value) => setField(event, field, sprintf(event, value))),
    ...conversions(settings),
    ...substitutions(settings),
    ...each(settings, 'uppercase', (text) => text.toUpperCase()),
    ...each(settings, 'capitalize', (text) => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase()),
    ...each(settings, 'lowercase', (text) => text.toLowerCase()),
    ...each(settings, 'strip', (text) => text.replace(/^[\s\0]+|[\s\0]+$/g, '')),
    ...pairs(settings, 'split', split),
    ...pairs(settings, 'join', join),
    ...merges(settings),
    ...pairs(settings, 'copy', copy),
  ];
  const failureTag = settings.strings.tag_on_failure ?? '_mutate_error';
  return (event) => {
    try {
      for (const step of steps) step(event);
      matched(event);
    } catch {
      // What the steps before the fault did stays, as in Logstash.
      addTag(event, failureTag);
    }
  };
};

function pairs(
  settings: PluginSettings,
  option: string,
  step: (event: LogEvent, key: string, value: string) => void,
): Step[] {
  return Object.entries(settings.hashes[option] ?? {}).map(
    ([key, value]) =>
      (event) =>
        step(event, key, String(value)),
  );
}

function each(settings: PluginSettings, option: string, change: (text: string) => string): Step[] {
  const changed = (value: FieldValue): FieldValue => (typeof value === 'string' ? change(value) : value);
  return (settings.lists[option] ?? []).map((field) => (event) => {
    const value = getField(event, field);
    if (value === undefined || value === null || isMap(value)) return;
    setField(event, field, Array.isArray(value) ? value.map(changed) : changed(value));
  });
}

function coerce(event: LogEvent, field: string, value: string): void {
  if (hasField(event, field) && getField(event, field) === null)
    setField(event, field, sprintf(event, value));
}

function rename(event: LogEvent, from: string, to: string): void {
  const source = sprintf(event, from);
  if (hasField(event, source)) setField(event, sprintf(event, to), removeField(event, source)!);
}

function update(event: LogEvent, field: string, value: string): void {
  if (hasField(event, field)) setField(event, field, sprintf(event, value));
}

function conversions(settings: PluginSettings): Step[] {
  return Object.entries(settings.hashes.convert ?? {}).map(([field, type]) => {
    const convert = CONVERTERS[String(type)];
    if (!convert)
      throw new ConfigError(
        settings.file,
        settings.places.convert!,
        `mutate: invalid conversion type ${String(type)}`,
      );
    return (event) => {
      const value = getField(event, field);
      if (value === undefined || value === null || isMap(value)) return;
      setField(
        event,
        field,
        Array.isArray(value) ? value.map((item) => (item === null ? item : convert(item))) : convert(value),
      );
    };
  });
}

function substitutions(settings: PluginSettings): Step[] {
  const texts = settings.lists.gsub ?? [];
  const wrong = (message: string): never => {
    throw new ConfigError(settings.file, settings.places.gsub!, `mutate gsub: ${message}`);
  };
  if (texts.length % 3) wrong('takes field, expression and replacement in threes');
  return Array.from({ length: texts.length / 3 }, (_, index) => {
    const [field, needle, replacement] = texts.slice(index * 3, index * 3 + 3) as [string, string, string];
    if (!needle.includes('%{')) {
      try {
        rubyRegexp(needle);
      } catch (error) {
        wrong((error as Error).message);
      }
    }
    return (event) => substitute(event, field, needle, replacement);
  });
}

function substitute(event: LogEvent, field: string, needle: string, replacement: string): void {
  const value = getField(event, field);
  const changed = (item: FieldValue): FieldValue =>
    typeof item === 'string'
      ? rubyGsub(
          item,
          rubyRegexp(needle.includes('%{') ? sprintf(event, needle) : needle),
          sprintf(event, replacement),
        )
      : item;
  if (Array.isArray(value)) setField(event, field, value.map(changed));
  else if (typeof value === 'string') setField(event, field, changed(value));
}

function split(event: LogEvent, field: string, separator: string): void {
  const value = getField(event, field);
  if (typeof value === 'string') setField(event, field, rubySplit(value, separator));
}

function join(event: LogEvent, field: string, separator: string): void {
  const value = getField(event, field);
  if (Array.isArray(value)) setField(event, field, rubyJoin(value, separator));
}

function merges(settings: PluginSettings): Step[] {
  return Object.entries(settings.hashes.merge ?? {}).flatMap(([target, added]) =>
    textsOf(added).map((field) => (event: LogEvent) => merge(event, target, field)),
  );
}

function merge(event: LogEvent, target: string, added: string): void {
  const known = getField(event, target);
  const value = getField(event, added);
  if (isMap(known) !== isMap(value)) return;
  if (isMap(known)) setField(event, target, { ...known, ...(value as typeof known) });
  else setField(event, target, [...arrayOf(known), ...arrayOf(value)]);
}

function copy(event: LogEvent, from: string, to: string): void {
  const value = getField(event, from);
  if (value !== undefined && value !== null)
    setField(event, to, value instanceof LogTimestamp ? value : copied(value));
}
