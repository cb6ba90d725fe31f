import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { splitPattern } from './pattern.ts';
import { MAX_CHARACTERS, MAX_TOKENS, createTokenizer, maskedLine, scan } from './tokenizer.ts';

const tokenizer = createTokenizer();
const mask = (line: string): string => {
  scan(tokenizer, line);
  return maskedLine(tokenizer);
};
const durationOf = (line: string): number => {
  scan(tokenizer, line);
  return tokenizer.duration;
};
const UUID = '17288ea8-cbf4-4f0e-94fe-853fd2735f29';

describe('masks', () => {
  test.each([
    ['took 12ms', 'took <NUM>'],
    ['ratio 1.5 of -27, 95% at 10MB/s in 3s', 'ratio <NUM> of <NUM> at <NUM> in <NUM>'],
    ['step 1e-05 done', 'step <NUM> done'],
    ['iar 0010682c dear 0245ccfc', 'iar <HEX> dear <HEX>'],
    ["error for '0x007c0018': bad", "error for '<HEX>': bad"],
    [`[instance: ${UUID}] Claim successful`, '[instance: <UUID>] Claim successful'],
    ['from /10.251.71.240:50010 to 10.0.0.1', 'from <IP> to <IP>'],
    ['peer fe80::1ff:fe23:4567:890a gone', 'peer <IP> gone'],
    ['mac fa:16:3e:aa:0b:0c up', 'mac <MAC> up'],
    ['GET http://10.0.20.24:35357/v3/auth/tokens', 'GET <URL>'],
    ['open /etc/httpd/conf/workers2.properties failed', 'open <PATH> failed'],
    ['"GET /v2/ports?device_id=8d314b55&limit=5 HTTP/1.1" 200', '"GET <PATH> HTTP/<NUM>" <NUM>'],
    ['mail bob.k@example.org bounced', 'mail <EMAIL> bounced'],
    ['proxy.cse.cuhk.edu.hk:5070 close', '<HOST> close'],
    ['2018-06-26 03:21:04.036 4899 WARNING x', '<TS> <NUM> WARNING x'],
    ['at 2023-01-29T15:38:06Z and 18:01:49,228 ok', 'at <TS> and <TS> ok'],
    ['10.0.20.25 - - [26/Jun/2018 13:14:54] "GET', '<IP> - - [<TS>] "GET'],
    ['Jun 26 03:21:04 host up', '<TS> host up'],
    ['Sun Dec 04 04:51:09 2005', '<TS> <NUM>'],
    ['phys_ram=16383MB name=db used=0', 'phys_ram=<NUM> name=db used=<NUM>'],
    ['packet blk_-5255262711039499896 and blk_38', 'packet blk_<NUM> and blk_<NUM>'],
    ['container_1445144423722_0020_01 on worker12', 'container_<NUM>_<NUM>_<NUM> on worker<NUM>'],
    ["device '3f-x9' at 'vda'", "device '<STR>' at 'vda'"],
    ['pod cart-7f8d9c6b5-x2x9q ready', 'pod cart-<HEX>-<ID> ready'],
    ['Main.java:12 threw', 'Main.java:<NUM> threw'],
    ['</name> closed', '</name> closed'],
    ['via SOCKS5 on IPV6', 'via SOCKS5 on IPV6'],
    ['id 12345678-1234-1234-8234-123456789012', 'id <UUID>'],
  ])('%s', (line, pattern) => expect(mask(line)).toBe(pattern));

  test.each([
    ['[1, 2, 3] left', '[<NUM>] left'],
    ['REPORT : 7045 5030 150903', 'REPORT : <NUM>'],
    ['delete blk_1 blk_2 blk_3', 'delete blk_<NUM>'],
    [`['${UUID}', u'${UUID}']`, "['<UUID>']"],
    ['2087 bytes (2.03 KB) sent', '<NUM> sent'],
    ['0 bytes sent', '<NUM> sent'],
  ])('lists of any length and restated numbers are one: %s', (line, pattern) =>
    expect(mask(line)).toBe(pattern),
  );

  test.each([
    [`x [req-${UUID} 113d3a99c3da401fbd62cc2caa5b96d2 - default default] Total`, 'x [<ID>] Total'],
    [`x [req-${UUID} - - - - -] Total`, 'x [<ID>] Total'],
    ['x [-] Total', 'x [<ID>] Total'],
    ['x [main] Total', 'x [main] Total'],
  ])('request contexts: %s', (line, pattern) => expect(mask(line)).toBe(pattern));

  it('takes the code of a stack frame for a value, but not indented text', () => {
    expect(mask('ERROR nova.compute     return f(*args, **kwargs)')).toBe('ERROR nova.compute <CODE>');
    expect(mask('\tat com.acme.Cart.add(Cart.java:7)')).toBe('<CODE>');
    expect(mask('     an indented sentence')).toBe('an indented sentence');
  });
});

describe('durations', () => {
  test.each([
    ['GET / 12ms', 12],
    ['done in 1.5 s', 1500],
    ['took 80 ms', 80],
    ['duration=12 ok', 12],
    ['status: 200 len: 211 time: 0.0123', 12.3],
    ['elapsed_ms=7.25', 7.25],
    ['waited 250us then 9ms', 0.25],
    ['size 12 of 40', NaN],
    ['uptime: 5000', NaN],
  ])('%s -> %d ms', (line, ms) => {
    if (Number.isNaN(ms)) expect(durationOf(line)).toBeNaN();
    else expect(durationOf(line)).toBeCloseTo(ms, 9);
  });
});

describe('any input', () => {
  const anyLine = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: fc.constantFrom(...'ab9f -:./=[]()"\'<>,_@\\%x0\ud800\u0000\t'), maxLength: 400 }),
  );

  it('gives tokens that join to the pattern, bounded, storable, and the same each time', () => {
    fc.assert(
      fc.property(anyLine, (line) => {
        const pattern = mask(line);
        const { low, high } = tokenizer.skeleton;
        expect(splitPattern(pattern).join('')).toBe(pattern);
        expect(splitPattern(pattern).length).toBeLessThanOrEqual(MAX_TOKENS + 1);
        expect(pattern).not.toContain('\0');
        expect(Buffer.from(pattern, 'utf8').toString('utf8')).toBe(pattern);
        expect(mask(line)).toBe(pattern);
        expect(tokenizer.skeleton).toMatchObject({ low, high });
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on numbers', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.uuid(), fc.uuid(), (a, b, c, d) => {
        expect(mask(`job ${a} of ${c}: value=${a}`)).toBe(mask(`job ${b} of ${d}: value=${b}`));
      }),
    );
  });

  it('looks only at the start of a long line', () => {
    const start = `${'word '.repeat(100)}end `;
    expect(mask(start + 'x'.repeat(10_000_000)).length).toBeLessThanOrEqual(MAX_CHARACTERS);
    expect(splitPattern(mask('a b '.repeat(5000))).length).toBeLessThanOrEqual(MAX_TOKENS + 1);
    for (const nasty of ['[', '"', "'", '[-', '(', '"a', "['", '=', '1:', '::', '/', 'a-', '-1', '\ud800'])
      expect(mask(nasty.repeat(100_000)).length).toBeLessThanOrEqual(MAX_CHARACTERS * 2);
  });
});
