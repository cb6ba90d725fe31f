import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createTokenizer, maskedLine, scan } from './tokenizer.ts';

const tokenizer = createTokenizer();
const mask = (line: string): string => {
  scan(tokenizer, line);
  return maskedLine(tokenizer);
};

const group = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));
const padded = group.map((digits) => digits.padStart(4, '0'));
const groups = fc.oneof(
  fc.array(group, { minLength: 8, maxLength: 8 }),
  fc.array(padded, { minLength: 8, maxLength: 8 }),
);
/** Zeros from one place to another are left out. */
const compressed = fc
  .tuple(fc.array(group, { maxLength: 6 }), fc.nat({ max: 6 }))
  .map(([all, at]) => `${all.slice(0, at).join(':')}::${all.slice(at).join(':')}`);
const mapped = fc
  .tuple(fc.constantFrom('::ffff:', '::', '64:ff9b::', '0:0:0:0:0:ffff:'), fc.ipV4())
  .map((both) => both.join(''));
/** A name in code looks like some: `dead::beef`, `5::`; and eight pairs are a hardware address. */
const isAddress = (text: string) =>
  /\d/.test(text) && !/^\d+::$/.test(text) && !/^(?:[\da-f]{2}:){7}[\da-f]{2}$/.test(text);
const ipv6 = fc
  .oneof(
    groups.map((all) => all.join(':')),
    compressed,
    mapped,
  )
  .filter(isAddress)
  .chain((text) => fc.constantFrom(text, text.toUpperCase()));

describe('IPv6 addresses', () => {
  it('are one value, however they are written', () => {
    fc.assert(
      fc.property(ipv6, fc.constantFrom('', '%eth0', '%12', '%br-lan.7'), (address, zone) => {
        const text = address + zone;
        expect(mask(`peer ${text} gone`), text).toBe('peer <IP> gone');
        expect(mask(`peer=${text}, gone`), text).toBe('peer=<IP>, gone');
        expect(mask(`[${text}]:8080 gone`), text).toBe('[<IP>]:<NUM> gone');
        expect(mask(`net ${text}/64 gone`), text).toBe('net <IP> gone');
        expect(mask(`from /${text} gone`), text).toBe('from <IP> gone');
        if (!text.startsWith(':')) expect(mask(`peer:${text} gone`), text).toBe('peer:<IP> gone');
        expect(mask(`lost ${text}: gone`), text).toBe('lost <IP>: gone');
      }),
    );
  });

  test.each([
    ['fe80::42:acff:fe11:2%eth0 up', '<IP> up'],
    ['on ::1 and [::1]:8080', 'on <IP> and [<IP>]:<NUM>'],
    ['from ::ffff:10.0.0.1.', 'from <IP>.'],
    ['route ::/0 via 2001:db8::', 'route <IP> via <IP>'],
    ['client /0:0:0:0:0:0:0:1:8080', 'client <IP>'],
    ['localhost/0:0:0:0:0:0:0:1 up', '<HOST> up'],
  ])('%s', (line, pattern) => expect(mask(line)).toBe(pattern));

  test.each([
    ['std::vector and dead::beef', 'std::vector and dead::beef'],
    ['INFO :: up', 'INFO :: up'],
    ['at 12:30:15 up', 'at <TS> up'],
    ['foo::bar::baz up', 'foo::bar::baz up'],
  ])('are not what only looks like one: %s', (line, pattern) => expect(mask(line)).toBe(pattern));
});
