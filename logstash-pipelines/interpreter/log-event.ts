import { LogTimestamp, timestampFromText } from './log-timestamp.ts';

export type FieldValue = string | number | boolean | null | LogTimestamp | FieldValue[] | FieldMap;
export type FieldMap = { [name: string]: FieldValue };

/**
 * An event; `@metadata` lies among the fields but is not part of what outputs write. `now` is the clock of its case
 * (`%{{TIME_NOW}}`).
 */
export type LogEvent = { fields: FieldMap; cancelled: boolean; now: LogTimestamp };

export const TIMESTAMP = '@timestamp';
export const METADATA = '@metadata';

export function isMap(value: FieldValue | undefined): value is FieldMap {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LogTimestamp)
  );
}

/**
 * A new event at the time `now` from the fields of a document. A text in `@timestamp` that is no time is kept in `_@timestamp`,
 * with the tag `_timestampparsefailure`, as Logstash does.
 */
export function newEvent(fields: FieldMap, now: LogTimestamp): LogEvent {
  const event: LogEvent = { fields: { '@version': '1', ...copied(fields) }, cancelled: false, now };
  const given = fields[TIMESTAMP];
  if (given instanceof LogTimestamp) return event;
  event.fields[TIMESTAMP] = (typeof given === 'string' ? timestampFromText(given) : null) ?? now;
  if (given !== undefined && event.fields[TIMESTAMP] === now) {
    event.fields['_@timestamp'] = given;
    addTag(event, '_timestampparsefailure');
  }
  return event;
}

export function copied<Value extends FieldValue>(value: Value): Value {
  if (Array.isArray(value)) return value.map(copied) as Value;
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copied(item)])) as Value;
}

export function copiedEvent(event: LogEvent): LogEvent {
  return { ...event, fields: copied(event.fields) };
}

const PATHS = new Map<string, string[]>();

/**
 * The path of a field reference: `a`, `[a]`, `[a][b]`.
 * @throws Error where brackets do not match
 */
export function pathOf(reference: string): string[] {
  const known = PATHS.get(reference);
  if (known) return known;
  const path = reference.includes('[') || reference.includes(']') ? bracketPath(reference) : [reference];
  PATHS.set(reference, path);
  return path;
}

function bracketPath(reference: string): string[] {
  if (!/^(?:\[[^[\]]+\])+$/.test(reference))
    throw new Error(`invalid field reference ${JSON.stringify(reference)}`);
  return reference.slice(1, -1).split('][');
}

function child(value: FieldValue | undefined, name: string): FieldValue | undefined {
  if (isMap(value)) return Object.hasOwn(value, name) ? value[name] : undefined;
  if (!Array.isArray(value) || !/^-?\d+$/.test(name)) return undefined;
  return value.at(Number(name));
}

/** The value of a field, undefined where there is none. */
export function getField(event: LogEvent, reference: string): FieldValue | undefined {
  return pathOf(reference).reduce<FieldValue | undefined>(child, event.fields);
}

export function hasField(event: LogEvent, reference: string): boolean {
  return getField(event, reference) !== undefined;
}

/**
 * Sets a field; missing objects on its path are made.
 * @throws Error where the path leads through a value that is no object, or for a text in `@timestamp` (Logstash raises too)
 */
export function setField(event: LogEvent, reference: string, value: FieldValue): void {
  const path = pathOf(reference);
  if (path.length === 1 && path[0] === TIMESTAMP && !(value instanceof LogTimestamp))
    throw new Error('@timestamp takes a time stamp, not a text: use the date filter');
  let target: FieldValue = event.fields;
  for (const name of path.slice(0, -1)) {
    let next = child(target, name);
    if (next === undefined || next === null) {
      next = {};
      put(target, name, next, reference);
    }
    target = next;
  }
  put(target, path.at(-1)!, value, reference);
}

function put(target: FieldValue, name: string, value: FieldValue, reference: string): void {
  if (isMap(target)) target[name] = value;
  else if (Array.isArray(target) && /^\d+$/.test(name)) target[Number(name)] = value;
  else throw new Error(`cannot set ${reference}: ${JSON.stringify(target)} on its path is no object`);
}

/** Removes a field and gives what it held. */
export function removeField(event: LogEvent, reference: string): FieldValue | undefined {
  const path = pathOf(reference);
  const parent = path.slice(0, -1).reduce<FieldValue | undefined>(child, event.fields);
  const name = path.at(-1)!;
  const value = child(parent, name);
  if (value === undefined) return undefined;
  if (isMap(parent)) delete parent[name];
  else if (Array.isArray(parent)) parent.splice(Number(name), 1);
  return value;
}

/** Adds a tag once. */
export function addTag(event: LogEvent, tag: string): void {
  const tags = arrayOf(event.fields.tags);
  if (!tags.includes(tag)) event.fields.tags = [...tags, tag];
}

/** Ruby's `Array(value)`: nothing is empty, an array itself, an object its pairs, all else one element. */
export function arrayOf(value: FieldValue | undefined): FieldValue[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** Ruby's `to_s`, with objects as JSON. */
export function textOf(value: FieldValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'object' && !(value instanceof LogTimestamp)) return JSON.stringify(value);
  return String(value);
}
