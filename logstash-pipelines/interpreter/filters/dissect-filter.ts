import { ConfigError } from '../config-error.ts';
import {
  addTag,
  type FieldValue,
  getField,
  hasField,
  type LogEvent,
  setField,
  textOf,
} from '../log-event.ts';
import { type PluginSettings } from '../plugin-settings.ts';
import { tagAll } from './common-options.ts';
import { type FilterMaker } from './filter-context.ts';

type Delimiter = { text: string; greedy: boolean };

type DissectField = {
  kind: 'normal' | 'append' | 'skip' | 'indirect';
  name: string;
  order: number;
  previous: Delimiter;
  next: Delimiter | null;
};

const SUFFIX = /(\/\d{1,2}|->|\/\d{1,2}->|->\/\d{1,2})$/;
const ORDER = { skip: 0, normal: 1, append: 100, indirect: 1000 };

/** Fields and delimiters of a mapping (`Dissector.java`); @throws Error for a mapping that Logstash refuses. */
export function dissectFields(mapping: string): DissectField[] {
  const fields: DissectField[] = [];
  if (!mapping) throw new Error('the mapping is empty');
  for (const match of mapping.matchAll(/(.*?)%\{([^}]*?)\}/gs)) {
    const previous = { text: match[1]!, greedy: false };
    const last = fields.at(-1);
    if (last) last.next = previous;
    fields.push({ ...dissectField(match[2]!), previous, next: null });
  }
  const ending = /[^}]+$/.exec(mapping)?.[0];
  if (ending !== undefined && fields.length) {
    const previous = { text: ending, greedy: false };
    fields.at(-1)!.next = previous;
    fields.push({ kind: 'skip', name: 'auto_added_skip', order: 0, previous, next: null });
  }
  // `->` on a field lets the delimiter behind it repeat.
  const padded = [...mapping.matchAll(/%\{([^}]*?)\}/gs)].map(
    (match) => SUFFIX.exec(match[1]!)?.[0].includes('->') ?? false,
  );
  fields.forEach((field, index) => {
    if (field.next && padded[index]) field.next.greedy = true;
  });
  return fields;
}

function dissectField(written: string): Pick<DissectField, 'kind' | 'name' | 'order'> {
  if (/^(\+&|&\+)/.test(written)) throw new Error(`%{${written}} has both prefixes + and &`);
  const kind =
    written === '' || written[0] === '?'
      ? 'skip'
      : written[0] === '+'
        ? 'append'
        : written[0] === '&'
          ? 'indirect'
          : 'normal';
  const rest = kind === 'normal' ? written : written.slice(1);
  const suffix = SUFFIX.exec(rest)?.[0] ?? '';
  const name = rest.slice(0, rest.length - suffix.length);
  if (!name && (kind === 'append' || kind === 'indirect')) throw new Error(`%{${written}} has no name`);
  return { kind, name, order: ORDER[kind] + (kind === 'append' ? Number(/\d+/.exec(suffix)?.[0] ?? 0) : 0) };
}

/** The texts of the fields in the order of the mapping, or null where the text does not fit. */
export function dissectText(fields: DissectField[], text: string): string[] | null {
  const values: string[] = [];
  const opening = fields[0]?.previous.text.length ?? 0;
  let left = 0;
  if (!fields.length || !text) return null;
  for (const [index, field] of fields.entries()) {
    const { previous, next } = field;
    if (previous.greedy)
      while (previous.text && text.startsWith(previous.text, left)) left += previous.text.length;
    else if (left === 0 && opening > 0) {
      if (!text.startsWith(previous.text)) return null;
      left = previous.text.length;
    }
    const start = left;
    if (index === fields.length - 1) {
      values.push(text.slice(start));
      break;
    }
    // Two fields without a delimiter between them never match; one found at the very beginning leaves the place (both as in Logstash).
    const end = next!.text ? text.indexOf(next!.text, left) : -1;
    if (end === -1) return null;
    values.push(end > 0 ? text.slice(start, end) : '');
    if (end > 0) left = end + next!.text.length;
  }
  return values;
}

function keepAll(event: LogEvent, fields: DissectField[], values: string[]): void {
  const order = fields.map((field, index) => ({ field, index })).filter(({ field }) => field.kind !== 'skip');
  order.sort((left, right) => left.field.order - right.field.order);
  for (const { field, index } of order) keepField(event, field, values[index]!, fields, values, index);
}

function keepField(
  event: LogEvent,
  field: DissectField,
  value: string,
  fields: DissectField[],
  values: string[],
  index: number,
): void {
  if (field.kind === 'normal') setField(event, field.name, value);
  else if (field.kind === 'append') {
    const joint = field.previous.text || ' ';
    setField(
      event,
      field.name,
      hasField(event, field.name) ? `${textOf(getField(event, field.name))}${joint}${value}` : value,
    );
  } else {
    const other = fields.findIndex((candidate, place) => place !== index && candidate.name === field.name);
    const name = hasField(event, field.name) ? textOf(getField(event, field.name)) : (values[other] ?? '');
    if (name) setField(event, name, value);
  }
}

export const dissectFilter: FilterMaker = (settings, _context, matched) => {
  const mappings = Object.entries(settings.hashes.mapping ?? {}).map(([field, mapping]) => {
    try {
      return { field, fields: dissectFields(String(mapping)) };
    } catch (error) {
      throw new ConfigError(settings.file, settings.places.mapping!, `dissect: ${(error as Error).message}`);
    }
  });
  const conversions = conversionsOf(settings);
  const failureTags = settings.lists.tag_on_failure ?? ['_dissectfailure'];
  return (event) => {
    for (const { field, fields } of mappings) {
      const source = getField(event, field);
      // A field that is missing is neither success nor failure, as in Logstash.
      if (source === undefined) continue;
      const values = dissectText(fields, textOf(source));
      if (!values) tagAll(event, failureTags);
      else {
        keepAll(event, fields, values);
        matched(event);
      }
    }
    for (const [field, type] of conversions) convert(event, field, type);
  };
};

function conversionsOf(settings: PluginSettings): [string, string][] {
  return Object.entries(settings.hashes.convert_datatype ?? {}).map(([field, type]) => {
    if (!/^(int|float)$/i.test(String(type)))
      throw new ConfigError(
        settings.file,
        settings.places.convert_datatype!,
        `dissect: datatype ${String(type)} is not int or float`,
      );
    return [field, String(type)];
  });
}

function convert(event: LogEvent, field: string, type: string): void {
  const value: FieldValue | undefined = getField(event, field);
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(textOf(value)) ? Number(textOf(value)) : null;
  if (number === null)
    addTag(
      event,
      `_dataconversion${value === undefined || value === null ? 'nullvalue' : 'uncoercible'}_${field}_${type}`,
    );
  else setField(event, field, type.toLowerCase() === 'int' ? Math.trunc(number) : number);
}
