import { type FieldValue, isMap, textOf } from '../log-event.ts';

/**
 * Conversions of mutate as in Logstash 8.14 and later: a text that is no number is a fault (`_mutate_error`), not 0.
 */
export const CONVERTERS: Record<string, (value: FieldValue) => FieldValue> = {
  string: textOf,
  integer: toInteger,
  float: toFloat,
  boolean: toBoolean,
  integer_eu: (value) => toInteger(european(value)),
  float_eu: (value) => toFloat(european(value)),
};

function european(value: FieldValue): FieldValue {
  return typeof value === 'string' ? value.replace(/[.,]/g, (sign) => (sign === ',' ? '.' : ',')) : value;
}

function toInteger(value: FieldValue): number {
  return Math.trunc(toFloat(value));
}

function toFloat(value: FieldValue): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') throw new Error(`${textOf(value)} is no number`);
  const text = value.trim().replaceAll(',', '').toLowerCase();
  const hex = /^([+-]?)0x([0-9a-f]+)$/.exec(text);
  if (hex) return (hex[1] === '-' ? -1 : 1) * Number.parseInt(hex[2]!, 16);
  if (!/^[+-]?\d+(?:_\d+)*(?:\.\d+)?(?:e[+-]?\d+)?$/.test(text)) throw new Error(`${value} is no number`);
  return Number(text.replaceAll('_', ''));
}

function toBoolean(value: FieldValue): FieldValue {
  const text = textOf(value);
  if (/^(true|t|yes|y|1|1.0)$/im.test(text)) return true;
  return text === '' || /^(false|f|no|n|0|0.0)$/im.test(text) ? false : value;
}

/** Ruby's `split`: a blank splits at runs of white space, empty texts at the end are dropped. */
export function rubySplit(text: string, separator: string): string[] {
  const parts = separator === ' ' ? text.trim().split(/\s+/) : text.split(separator);
  while (parts.length && parts.at(-1) === '') parts.pop();
  return parts;
}

/** Ruby's `join`, which flattens. */
export function rubyJoin(values: FieldValue[], separator: string): string {
  return values
    .map((value) =>
      Array.isArray(value)
        ? rubyJoin(value, separator)
        : isMap(value)
          ? JSON.stringify(value)
          : textOf(value),
    )
    .join(separator);
}
