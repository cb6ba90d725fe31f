import { wellFormed } from '../logstore/stored-text.ts';
import { isObject, type Json } from './record-fields.ts';

/** What a release is cut to, in UTF-16 units. */
export const MAX_RELEASE = 100;

/**
 * Metadata with `release`: what it says itself, else `service.version` (ECS, nested or dotted), else `version`. The same
 * object when there is nothing to add; the given one is never changed.
 */
export function withRelease(metadata: Json | null): Json | null {
  if (metadata === null || (metadata['release'] ?? null) !== null) return metadata;
  const { service } = metadata;
  const release =
    releaseText(isObject(service) ? service['version'] : undefined) ??
    releaseText(metadata['service.version']) ??
    releaseText(metadata['version']);
  if (release === null) return metadata;
  // Without a prototype, a key `__proto__` is a key like any other.
  return Object.assign(Object.create(null) as Json, metadata, { release });
}

function releaseText(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' ? null : wellFormed(text.slice(0, MAX_RELEASE));
}
