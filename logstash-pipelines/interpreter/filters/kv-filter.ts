import { type FieldMap, type FieldValue, getField, type LogEvent, setField } from '../log-event.ts';
import { type PluginSettings } from '../plugin-settings.ts';
import { type RubyRegexp, rubyGsub, rubyQuote, rubyRegexp, rubyScan } from '../ruby-regexp.ts';
import { sprintf } from '../sprintf.ts';
import { tagAll } from './common-options.ts';
import { fieldValueOf, type FilterMaker } from './filter-context.ts';

const untilClass = (signs: string) => `((?:\\\\.|[^${signs}])+)`;
const untilPattern = (pattern: string) => `((?:(?!${pattern})(?:\\\\.|.))+)`;

function quoted(open: string, close = open): string {
  return `${rubyQuote(open)}${untilClass(rubyQuote(close))}?${rubyQuote(close)}`;
}

/** The expressions of the kv filter, put together as its `register` does. */
function expressions({ strings, booleans }: PluginSettings): { scan: RubyRegexp; split: RubyRegexp } {
  const { field_split = ' ', value_split = '=', field_split_pattern, value_split_pattern } = strings;
  const field = field_split_pattern ?? `[${field_split}]`;
  const bare = value_split_pattern ?? `[${value_split}]`;
  const split = strings.whitespace === 'strict' ? bare : ` *(?:${bare}) *`;
  const byPattern = field_split_pattern !== undefined || value_split_pattern !== undefined;
  const key = byPattern ? untilPattern(`(?:${split}|${field})`) : untilClass(value_split + field_split);
  const values = [quoted('"'), quoted("'")];
  if (booleans.include_brackets ?? true) values.push(quoted('(', ')'), quoted('[', ']'), quoted('<', '>'));
  values.push(field_split_pattern === undefined ? untilClass(field_split) : untilPattern(field));
  return {
    scan: rubyRegexp(`${key}(?:${split})(?:${values.join('|')})?(?:${field}|$)`),
    split: rubyRegexp(split),
  };
}

type Change = (text: string) => string;

/** trim, remove_char and transform of keys or values. */
function changer(settings: PluginSettings, part: 'key' | 'value'): Change {
  const {
    [`trim_${part}`]: trim,
    [`remove_char_${part}`]: remove,
    [`transform_${part}`]: transform,
  } = settings.strings;
  const trimmed = trim === undefined ? null : rubyRegexp(`^[${trim}]+|[${trim}]+$`);
  const removed = remove === undefined ? null : rubyRegexp(`[${remove}]`);
  return (text) => {
    let result = trimmed ? rubyGsub(text, trimmed, '') : text;
    if (removed) result = rubyGsub(result, removed, '');
    if (transform === 'lowercase') return result.toLowerCase();
    if (transform === 'uppercase') return result.toUpperCase();
    return transform === 'capitalize'
      ? result.slice(0, 1).toUpperCase() + result.slice(1).toLowerCase()
      : result;
  };
}

export const kvFilter: FilterMaker = (settings, _context, matched) => {
  const { source = 'message', target } = settings.strings;
  const parse = parser(settings);
  const defaults = Object.entries(settings.hashes.default_keys ?? {}).map(
    ([key, value]) => [key, fieldValueOf(value)] as const,
  );
  const failureTags = settings.lists.tag_on_failure ?? ['_kv_filter_error'];
  return (event) => {
    try {
      const value = getField(event, source);
      const found: FieldMap = {};
      for (const text of Array.isArray(value) ? value : [value])
        if (typeof text === 'string') parse(text, event, found);
      const all = { ...Object.fromEntries(defaults), ...found };
      if (!Object.keys(all).length) return;
      if (target !== undefined) setField(event, target, all);
      else for (const [key, item] of Object.entries(all)) setField(event, key, item);
      matched(event);
    } catch {
      tagAll(event, failureTags);
    }
  };
};

function parser(settings: PluginSettings): (text: string, event: LogEvent, into: FieldMap) => void {
  const { scan, split } = expressions(settings);
  const { booleans, lists, strings } = settings;
  const changeKey = changer(settings, 'key');
  const changeValue = changer(settings, 'value');
  const parse = (text: string, event: LogEvent, into: FieldMap): void => {
    if (!split.exec(text)) return;
    const wanted = (lists.include_keys ?? []).map((key) => sprintf(event, key));
    const unwanted = (lists.exclude_keys ?? []).map((key) => sprintf(event, key));
    for (const match of rubyScan(text, scan)) {
      const [rawKey, ...candidates] = match.groups;
      const rawValue = candidates.find((item) => item !== undefined) ?? '';
      if (!rawValue && !booleans.allow_empty_values) continue;
      const bareKey = changeKey(rawKey!);
      if ((wanted.length && !wanted.includes(bareKey)) || unwanted.includes(bareKey)) continue;
      const key = sprintf(event, strings.prefix ?? '') + bareKey;
      keepValue(into, key, nested(changeValue(rawValue), event), booleans.allow_duplicate_values ?? true);
    }
  };
  const nested = (text: string, event: LogEvent): FieldValue => {
    if (!booleans.recursive) return text;
    const inner: FieldMap = {};
    parse(text, event, inner);
    return Object.keys(inner).length ? inner : text;
  };
  return parse;
}

function keepValue(into: FieldMap, key: string, value: FieldValue, duplicates: boolean): void {
  const known = into[key];
  if (known === undefined) into[key] = value;
  else if (!duplicates && typeof value === 'string' && (known as string | FieldValue[]).includes(value))
    return;
  else if (Array.isArray(known)) known.push(value);
  else into[key] = [known, value];
}
