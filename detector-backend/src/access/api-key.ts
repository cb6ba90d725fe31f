import { createHash, randomBytes } from 'node:crypto';

const FORM = /^smk_[A-Za-z0-9_-]{43}$/;
const SHOWN_CHARACTERS = 10;

export interface NewApiKey {
  /** The key itself; it is shown once and kept nowhere. */
  api_key: string;
  key_hash: Buffer;
  /** First characters, by which people tell their keys apart. */
  key_prefix: string;
}

/** A key of 256 random bits, so a fast hash is enough: there is nothing to guess. */
export function createApiKey(): NewApiKey {
  const api_key = `smk_${randomBytes(32).toString('base64url')}`;
  return { api_key, key_hash: hashApiKey(api_key), key_prefix: api_key.slice(0, SHOWN_CHARACTERS) };
}

export const isApiKey = (text: string): boolean => FORM.test(text);

export const hashApiKey = (api_key: string): Buffer => createHash('sha256').update(api_key).digest();
