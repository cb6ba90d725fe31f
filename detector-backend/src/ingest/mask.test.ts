import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMask } from './mask.ts';
import { DEFAULT_MASK_POLICY, maskPolicyOf } from './mask-policy.ts';

const mask = createMask(DEFAULT_MASK_POLICY);
const only = (part: object) => createMask({ email: false, card: false, secret: false, words: [], ...part });
const each = (cases: Record<string, string>) => {
  for (const [given, expected] of Object.entries(cases)) expect(mask.text(given)).toBe(expected);
};
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbU';

describe('e-mail', () => {
  it('is masked', () => {
    each({
      'mail to alice.b+x@mail.example.org.': 'mail to <email>.',
      'from=<a@b.de>,to="c_d@e-f.com"': 'from=<<email>>,to="<email>"',
      'Jürgen@müller.de': '<email>',
    });
  });
  it('is not what has another form', () => {
    each(
      same([
        'root@10.0.0.1',
        'lodash@4.17.21',
        'a@b',
        '@Override',
        'x@.com',
        'java.lang.Object@1f.2',
        'sha@sha256:ab',
      ]),
    );
  });
});

describe('card', () => {
  it('is masked', () => {
    each({
      'paid with 4111111111111111.': 'paid with <card>.',
      'card=4111-1111-1111-1111,': 'card=<card>,',
      'took 5 4111 1111 1111 1111 2025': 'took 5 <card> 2025',
      '"3782 822463 10005" 5555555555554444': '"<card>" <card>',
    });
    expect(mask.json({ n: 4111111111111111, m: 1767571200000 })).toEqual({ n: '<card>', m: 1767571200000 });
  });
  it('is no id, time or other number', () => {
    each(
      same([
        '4111111111111112', '1767571200000', '1767571200000000000', 'blk_-4111111111111111', 'blk_4111111111111111',
        '0.4111111111111111', '4111111111111111.5', 'a4111111111111111', '41111111-1111-1111-1111-111111111111',
        '4111 1111 1111 11112', '+4111111111111111', 'req-4111111111111111-7', '41111111111111111111',
      ]),
    ); // prettier-ignore
  });
});

describe('secret', () => {
  it('is what stands behind a key that says so', () => {
    each({
      'password=hunter2 user=bob': 'password=<secret> user=bob',
      'DB_PASSWORD: "a b\\" c", x': 'DB_PASSWORD: "<secret>", x',
      '{"apiKey":"k1","n":1}': '{"apiKey":"<secret>","n":1}',
      '{\\"client_secret\\":\\"k1\\",\\"n\\":1}': '{\\"client_secret\\":\\"<secret>\\",\\"n\\":1}',
      "passwd => 'x'": "passwd => '<secret>'",
      'Authorization: Bearer abc.def': 'Authorization: Bearer <secret>',
      'GET /?access_token=abc&n=1': 'GET /?access_token=<secret>&n=1',
      'password="open end': 'password="<secret>',
      'postgres://app:p4ss@db:5432/x': 'postgres://app:<secret>@db:5432/x',
      'https://bob:x@mail.example.org/': 'https://bob:<secret>@mail.example.org/',
    });
  });
  it('is a token of a known form', () => {
    each({
      'key AKIAIOSFODNN7EXAMPLE used': 'key <secret> used',
      [`jwt ${JWT}`]: 'jwt <secret>',
      'bearer a1b2c3d4e5': 'bearer <secret>',
      'Basic dXNlcjpwYXNz': 'Basic <secret>',
      'ghp_0123456789abcdefghijABCDEFGHIJ012345 x': '<secret> x',
    });
  });
  it('is no word or number that only stands near', () => {
    each(
      same([
        'Failed password for root from 10.0.0.1', 'Basic authentication failed', 'bearer of news', 'token=null',
        'max_tokens=512', 'secretName: x', 'PWD=/root', 'Unexpected token: }', 'at 12:30:45 key=7', 'token_count: 5',
        'password:', 'AKIA', 'eyJhbGciOiJIUzI1NiJ9',
      ]),
    ); // prettier-ignore
  });
  it('is found by its key in metadata, and keys are texts, too', () => {
    const metadata = { password: 'x', deep: [{ Api_Key: 'y', note: 'mail a@b.de' }], 'a@b.de': 1, ok: 'z' };
    expect(mask.json(metadata)).toEqual({
      password: '<secret>',
      deep: [{ Api_Key: '<secret>', note: 'mail <email>' }],
      '<email>': 1,
      ok: 'z',
    });
    const clean = { a: ['b', { c: null }], d: 7 };
    expect(mask.json(clean)).toBe(clean);
  });
});

describe('custom words', () => {
  it('are masked in any case, as words of their own', () => {
    const { text } = only({ words: ['Acme', 'acme corp', 'Müller-X', 'word'] });
    expect(text('ACME corp, acme-prod acmex Acme_1 müller-x')).toBe(
      '<word>, <word>-prod acmex <word>_1 <word>',
    );
    expect(text(text('a word'))).toBe('a <word>');
  });
});

describe('policy', () => {
  it('switches parts off', () => {
    const line = 'a@b.de 4111111111111111 password=x';
    expect(only({}).text(line)).toBe(line);
    expect(only({ email: true }).text(line)).toBe('<email> 4111111111111111 password=x');
    expect(only({ card: true }).text(line)).toBe('a@b.de <card> password=x');
    expect(only({ secret: true }).text(line)).toBe('a@b.de 4111111111111111 password=<secret>');
  });
  it('has defaults for what is not stored', () => {
    expect(maskPolicyOf(undefined)).toEqual(DEFAULT_MASK_POLICY);
    expect(maskPolicyOf({ card: false, words: [7, 'ab'] })).toEqual({
      ...DEFAULT_MASK_POLICY,
      card: false,
      words: ['ab'],
    });
  });
});

const PIECES = [
  'a@b.de', '@', '.', ' ', '=', ': ', '"', "'", '\\', '\\"', 'password', 'token=', 'bearer ', 'Basic ', 'eyJ', '4111',
  '1111', '4111111111111111', '://', '/', ':', '-', '_', '<', '>', '<secret>', '<email>', 'AKIAIOSFODNN7EXAMPLE', 'word',
  'acme', 'é', '\ud800', '12', 'aB1', '&', ',', '{', '[', '\n', JWT,
]; // prettier-ignore
const texts = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 80 }),
);
const all = createMask({ ...DEFAULT_MASK_POLICY, words: ['acme', 'word', 'email'] });

describe('any text', () => {
  it('masked twice is masked once', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(all.text(all.text(text))).toBe(all.text(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps what stands around a secret, and not the secret', () => {
    const outside = fc.string({ unit: fc.constantFrom(...'abc xyz, 7 ('), maxLength: 20 });
    const hidden = fc.constantFrom('alice@example.org', '4111111111111111', 'password=hunter2', JWT);
    fc.assert(
      fc.property(outside, hidden, outside, (before, secret, after) => {
        const masked = mask.text(`${before} ${secret} ${after}`);
        expect(masked).not.toContain(secret.replace('password=', ''));
        expect(masked.startsWith(`${before} `)).toBe(true);
        expect(masked.endsWith(` ${after}`)).toBe(true);
      }),
    );
  });

  it('takes time that grows with its length only', () => {
    for (const piece of [
      '@',
      'a@',
      'a@a.',
      'eyJ_',
      'bearer a',
      'password=',
      '4111 ',
      '"=',
      '\\"',
      ':a@/',
      'token="a\\',
    ]) {
      const of = (length: number) => {
        const text = piece.repeat(length / piece.length);
        const started = performance.now();
        all.text(text);
        return performance.now() - started;
      };
      of(20_000);
      // Quadratic would be 256 times, and seconds.
      expect(of(1_600_000)).toBeLessThan(64 * Math.max(of(100_000), 2));
    }
  });
});

function same(list: string[]): Record<string, string> {
  return Object.fromEntries(list.map((text) => [text, text]));
}
