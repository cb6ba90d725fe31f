import { measureJson } from './json-size.ts';
import { isObject, readFields, type Json, type RecordFields } from './record-fields.ts';

/** What structured loggers call the text of a line, in the order in which it is looked for. */
const MESSAGE_KEYS = ['message', 'msg', 'log', 'event', 'text'] as const;
/** And its time. */
const TIME_KEYS = ['timestamp', '@timestamp', 'time', 'ts'] as const;

/**
 * Opens a message that is a JSON object (a line of pino, zap, structlog, the JSON layout of log4j, or of Docker), so that it
 * is mined by what it says: its own text becomes the message, its other keys are kept as metadata, and its level, time and
 * service hold where the record around it names none. Any other message stays as it is.
 * @param max_depth levels that the object may nest
 */
export function openJsonMessage(fields: RecordFields, max_depth: number): RecordFields {
  const { message } = fields;
  if (typeof message !== 'string') return fields;
  const inner = objectIn(message, max_depth);
  const key = inner && MESSAGE_KEYS.find((name) => isText(inner[name]));
  if (!inner || !key) return fields;
  const { [key]: text, ...others } = inner;
  const own = readFields(others);
  const time = TIME_KEYS.find((name) => isTime(inner[name]));
  return {
    ...fields,
    message: text,
    timestamp: fields.timestamp ?? (time && inner[time]),
    severity: fields.severity ?? (isLevel(own.severity) ? own.severity : undefined),
    service: fields.service ?? (isText(own.service) ? own.service : undefined),
    environment: fields.environment ?? (isText(own.environment) ? own.environment : undefined),
    source: fields.source ?? (isText(own.source) ? own.source : undefined),
    rest: { ...others, ...fields.rest },
  };
}

function objectIn(message: string, max_depth: number): Json | null {
  const text = message.trim();
  if (!text.startsWith('{') || !text.endsWith('}')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && measureJson(value, max_depth) !== null ? value : null;
  } catch {
    return null;
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const isTime = (value: unknown): boolean => isText(value) || typeof value === 'number';
const isLevel = (value: unknown): boolean => isText(value) || typeof value === 'number';
