import { createHash, createHmac } from 'node:crypto';
import {
  type FieldMap,
  type FieldValue,
  getField,
  hasField,
  isMap,
  type LogEvent,
  METADATA,
  setField,
  textOf,
} from '../log-event.ts';
import { type PluginSettings } from '../plugin-settings.ts';
import { rubyGsub, rubyRegexp } from '../ruby-regexp.ts';
import { type FilterMaker } from './filter-context.ts';

/** `to_canonical_value` of the filter: objects by sorted key, all joined by `|`. */
function canonical(value: FieldValue | undefined): string {
  if (Array.isArray(value)) return value.map(canonical).join('|');
  if (!isMap(value)) return textOf(value);
  return sorted(value)
    .map(([key, item]) => `${key}|${canonical(item)}`)
    .join('|');
}

function sorted(value: FieldMap): [string, FieldValue][] {
  return Object.entries(value).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}

function digester(settings: PluginSettings): (text: string) => string {
  const algorithm = (settings.strings.method ?? 'SHA1').toLowerCase();
  const encoding = settings.booleans.base64encode ? 'base64' : 'hex';
  const key = settings.strings.key;
  return (text) =>
    (key === undefined ? createHash(algorithm) : createHmac(algorithm, key)).update(text).digest(encoding);
}

export const fingerprintFilter: FilterMaker = (settings, context, matched) => {
  const target =
    settings.strings.target ??
    (settings.strings.ecs_compatibility === 'disabled' ? 'fingerprint' : '[event][hash]');
  const source = settings.lists.source ?? ['message'];
  const { method = 'SHA1' } = settings.strings;
  const digest = method === 'UUID' || method === 'PUNCTUATION' ? null : digester(settings);
  const { concatenate_all_fields, concatenate_sources } = settings.booleans;
  return (event) => {
    if (method === 'UUID') setField(event, target, context.nextUuid());
    else if (method === 'PUNCTUATION') punctuation(event, source, target);
    else if (concatenate_all_fields) setField(event, target, digest!(joinedFields(event)));
    else if (concatenate_sources) setField(event, target, digest!(joinedSources(event, source)));
    else eachSource(event, source, target, digest!);
    matched(event);
  };
};

function joinedSources(event: LogEvent, source: string[]): string {
  return `${[...source]
    .sort()
    .map((field) => `|${field}|${canonical(getField(event, field))}`)
    .join('')}|`;
}

function joinedFields(event: LogEvent): string {
  const fields = sorted(event.fields).filter(([name]) => name !== METADATA);
  return `${fields.map(([name, value]) => `|${name}|${canonical(value)}`).join('')}|`;
}

/** Without concatenation each source overwrites the one before: the last that is there wins. */
function eachSource(
  event: LogEvent,
  source: string[],
  target: string,
  digest: (text: string) => string,
): void {
  for (const field of source) {
    if (!hasField(event, field)) continue;
    const value = getField(event, field);
    setField(
      event,
      target,
      Array.isArray(value) ? value.map((item) => digest(canonical(item))) : digest(canonical(value)),
    );
  }
}

function punctuation(event: LogEvent, source: string[], target: string): void {
  const other = rubyRegexp('[^[\\p{P}\\p{S}]]');
  for (const field of [...source].sort())
    if (hasField(event, field)) setField(event, target, rubyGsub(textOf(getField(event, field)), other, ''));
}
