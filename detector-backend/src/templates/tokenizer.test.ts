import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { splitPattern } from './pattern.ts';
import { MAX_TOKENS, createTokenizer, maskedLine, scan } from './tokenizer.ts';

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
    ['"GET /v2/ports?device_id=8d314b55&limit=5 HTTP/1.1" 200', '"GET <PATH>" <NUM>'],
    ['mail bob.k@example.org bounced', 'mail <EMAIL> bounced'],
    ['proxy.cse.cuhk.edu.hk:5070 close', '<HOST> close'],
    ['2018-06-26 03:21:04.036 4899 WARNING x', '<TS> <NUM> WARNING x'],
    ['at 2023-01-29T15:38:06Z and 18:01:49,228 ok', 'at <TS> and <TS> ok'],
    ['10.0.20.25 - - [26/Jun/2018 13:14:54] "GET', '<IP> - - [<TS>] "GET'],
    ['Jun 26 03:21:04 host up', '<TS> host up'],
    ['Sun Dec 04 04:51:09 2005', '<TS>'],
    ['phys_ram=16383MB name=db used=0', 'phys_ram=<NUM> name=db used=<NUM>'],
    ['packet blk_-5255262711039499896 and blk_38', 'packet <ID> and <ID>'],
    ['container_1445144423722_0020_01 on worker12', '<ID> on <ID>'],
    ["device '3f-x9' at 'vda'", "device '<STR>' at 'vda'"],
    ['pod cart-7f8d9c6b5-x2x9q ready', 'pod <ID> ready'],
    ['Main.java:12 threw', 'Main.java:<NUM> threw'],
    ['</name> closed', '</name> closed'],
    ['via SOCKS5 on IPV6', 'via SOCKS5 on IPV6'],
    ['id 12345678-1234-1234-8234-123456789012', 'id <UUID>'],
  ])('%s', (line, pattern) => expect(mask(line)).toBe(pattern));

  test.each([
    ['[1, 2, 3] left', '[<NUM>] left'],
    ['REPORT : 7045 5030 150903', 'REPORT : <NUM>'],
    ['delete blk_1 blk_2 blk_3', 'delete <ID>'],
    [`['${UUID}', u'${UUID}']`, "['<UUID>']"],
    ['node-31 0x1f up node-0 0xff up node-7 0x3 up', '<ID> <HEX> up'],
  ])('lists of any length are one: %s', (line, pattern) => expect(mask(line)).toBe(pattern));

  test.each([
    [`x [req-${UUID} 113d3a99c3da401fbd62cc2caa5b96d2 - default default] Total`, 'x [<ID>] Total'],
    [`x [req-${UUID} - - - - -] Total`, 'x [<ID>] Total'],
    ['x [-] Total', 'x [<ID>] Total'],
    ['x [main] Total', 'x [main] Total'],
  ])('request contexts: %s', (line, pattern) => expect(mask(line)).toBe(pattern));

  test.each([
    ['cp-1.vm4.example.org is gone', '<ID> is gone'],
    ['wrote part-00042.log and v6.1.7601-rc1', 'wrote <ID> and <ID>'],
    ['R25-M1-N2 at rack7', '<ID> at <ID>'],
    ['for package KB29281~31bf3856ad364e35~amd64~~6.1.1.2, ok', 'for package <ID>, ok'],
    ['session 30546174_261718623 began', 'session <NUM> began'],
    ['generating core.2275', 'generating core.<NUM>'],
    ['base64_decode failed in jk2_init', 'base<NUM>_decode failed in jk2_init'],
    ['volume-17288ea8-cbf4-4f0e-94fe-853fd2735f29 gone', 'volume-<UUID> gone'],
  ])('a name made of letters and numbers is one value: %s', (line, pattern) =>
    expect(mask(line)).toBe(pattern),
  );

  test.each([
    ['Old: app-41/10.190.173.170:9000 New: app-41:9000', 'Old: <HOST> New: <HOST>'],
    ['10.2.3.4:50010:Got exception', '<IP>:Got exception'],
    ['file path:/var/log/x and file:./y.log', 'file path:<PATH> and file:<PATH>'],
    ['stack @0x7fed806eb5d id:0x3f', 'stack @<HEX> id:<HEX>'],
    ['Guid FF:F2:9F:16:E2:23:00:0D up', 'Guid <MAC> up'],
    ['c.a@8a2a501 kept', 'c.a@<HEX> kept'],
    ['steps = 15140##69##5, #7', 'steps = <NUM>##<NUM>##<NUM>, #<NUM>'],
    ['{"id":12,"n":[1,2]}', '{"id":<NUM>,"n":[<NUM>]}'],
    ['GET / HTTP/1.1', 'GET <PATH>'],
  ])('values inside of longer words: %s', (line, pattern) => expect(mask(line)).toBe(pattern));

  test.each([
    ['2087 bytes (2.03 KB) sent', '<NUM> <UNIT> sent'],
    ['403 bytes sent', '<NUM> bytes sent'],
    ['size 8.8 KB, free 14.0 GB)', 'size <NUM> <UNIT>, free <NUM> <UNIT>)'],
    ['memory limit: 96258.00 MB', 'memory limit: <NUM> MB'],
    ['lifetime <1 sec', 'lifetime <NUM>'],
    ['90 s (1.5 min) left', '<NUM> <UNIT> left'],
    ['done 10 items (3 new)', 'done <NUM> items (<NUM> new)'],
    ['if size <5 then', 'if size <NUM> then'],
    ['process <1234> ended', 'process <<NUM>> ended'],
    ['[    4.123456] and [12345.000001] up', '[<NUM>] and [<NUM>] up'],
  ])('units that change with the number are part of it: %s', (line, pattern) =>
    expect(mask(line)).toBe(pattern),
  );

  test.each([
    ['session opened for user root by (uid=0)', 'session opened for user <USER> by (uid=<NUM>)'],
    ['rhost=h user=root', 'rhost=h user=<USER>'],
    ['invalid user web1 from', 'invalid user <USER> from'],
    ['user unknown, user logged in', 'user unknown, user logged in'],
    ['tag="View Lock" msg="Server started"', 'tag="<STR>" msg="Server started"'],
  ])('values told by what stands before them: %s', (line, pattern) => expect(mask(line)).toBe(pattern));

  test.each([
    ['\tat com.acme.Cart.add(Cart.java:7)', '<CODE>'],
    ['    at Object.<anonymous> (/srv/shop/cart.js:12:7)', '<CODE>'],
    ['    at async loadCart (/srv/shop/cart.js:12:7)', '<CODE>'],
    ['   at Acme.Cart.Add(String item) in C:\\acme\\Cart.cs:line 7', '<CODE>'],
    ['    return f(*args, **kwargs)', '<CODE>'],
    ['    result = self.session.get(url, timeout=3)', '<CODE>'],
    ['    for item in cart.items(user):', '<CODE>'],
    [
      'boom in add\n\tat com.acme.Cart.add(Cart.java:7)\n\tat com.acme.Main.main(Main.java:70)',
      'boom in add <CODE>',
    ],
    ['boom\n\tat a.B.c(B.java:7)\nCaused by: no cart', 'boom <CODE> Caused by: no cart'],
    [
      '  File "/a/b.py", line 7, in add\n    load(cart)\nKeyError: 7',
      'File "<PATH>", line <NUM>, in add <CODE> KeyError: <NUM>',
    ],
  ])('code of a stack trace is a value: %j', (line, pattern) => expect(mask(line)).toBe(pattern));

  test.each([
    ['     an indented sentence', 'an indented sentence'],
    ['    at least 5 (of 7) replicas are down', 'at least <NUM> (of <NUM>) replicas are down'],
    ['    disk usage=90 low (critical)', 'disk usage=<NUM> low (critical)'],
    ['    total = 5', 'total = <NUM>'],
    ['INFO     order id=17 paid', 'INFO order id=<NUM> paid'],
    ['INFO     disk usage=90 low', 'INFO disk usage=<NUM> low'],
    ['ERROR\tcharge failed (card)', 'ERROR charge failed (card)'],
    [
      'INFO 1 --- [           main] o.s.Tomcat : initialized with port(s): 80',
      'INFO <NUM> --- [ main] o.s.Tomcat : initialized with port(s): <NUM>',
    ],
  ])('what a line says after blanks or a tab is no code: %j', (line, pattern) =>
    expect(mask(line)).toBe(pattern),
  );
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
});
