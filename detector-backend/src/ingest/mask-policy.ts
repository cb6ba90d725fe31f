import { Type, type Static } from 'typebox';

/** What is taken out of lines before they are stored: `tenants.config.mask_policy`. */
export const MaskPolicySchema = Type.Object({
  email: Type.Boolean({ description: 'E-mail addresses become <email>.' }),
  card: Type.Boolean({
    description: 'Payment card numbers (known issuer, length, and Luhn check digit) become <card>.',
  }),
  secret: Type.Boolean({
    description:
      'Passwords, keys, tokens, cookies and session ids become <secret>: under a key such as password, token or Authorization, ' +
      'as text, number, list or object; behind bearer …; in URLs; private keys, and tokens of a known form.',
  }),
  words: Type.Array(
    Type.String({ minLength: 2, maxLength: 64, pattern: '^[\\p{L}\\p{N}].*[\\p{L}\\p{N}]$' }),
    {
      maxItems: 200,
      description: 'These become <word>, in upper and lower case, where they stand as words of their own.',
    },
  ),
});

export type MaskPolicy = Static<typeof MaskPolicySchema>;

export const DEFAULT_MASK_POLICY: MaskPolicy = Object.freeze({
  email: true,
  card: true,
  secret: true,
  words: [],
});

/** A policy as a tenant's configuration holds it: whatever is missing or of another type has its default. */
export function maskPolicyOf(stored: unknown): MaskPolicy {
  const given = (stored ?? {}) as Partial<Record<keyof MaskPolicy, unknown>>;
  const isOn = (name: 'email' | 'card' | 'secret') =>
    typeof given[name] === 'boolean' ? given[name] : DEFAULT_MASK_POLICY[name];
  return {
    email: isOn('email'),
    card: isOn('card'),
    secret: isOn('secret'),
    words: Array.isArray(given.words)
      ? given.words.filter((word): word is string => typeof word === 'string' && word.length >= 2)
      : [],
  };
}
