import { hash } from 'node:crypto';

const MAX_SLUG = 100;
export const DEFAULT_ENVIRONMENT = 'default';

/**
 * Short name of a service: lower case, `[a-z0-9._/-]`, at most 100 characters. What had to be left out from other alphabets
 * comes back as eight digits of a hash, so names that differ only there stay different.
 */
export function serviceSlug(name: string): string {
  const lower = name.normalize('NFC').toLowerCase();
  const slug = lower.replace(/[^a-z0-9._/-]+/g, '-').replace(/^-+|-+$/g, '');
  const is_whole = !/[^\p{ASCII}]/u.test(lower) && slug.length > 0 && slug.length <= MAX_SLUG;
  if (is_whole) return slug;
  return `${slug.slice(0, MAX_SLUG - 9)}-${hash('sha256', lower, 'hex').slice(0, 8)}`.replace(/^-+/, '');
}

/** Id of a service: any process of any machine computes the same, so nobody waits for a row to learn it. */
export function serviceId(tenant_id: string, slug: string, environment: string): string {
  return uuidOf(hash('sha256', JSON.stringify([tenant_id, slug, environment]), 'hex'));
}

/**
 * Id of a log source. Template ids hang on it, and features on those: the same lines give the same results in another
 * installation as well.
 */
export const logSourceId = (tenant_id: string, name: string): string =>
  uuidOf(hash('sha256', JSON.stringify(['log source', tenant_id, name]), 'hex'));

/** The first 128 bits of a hex digest in the form of a UUID (no version bits: nobody reads them). */
export function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
