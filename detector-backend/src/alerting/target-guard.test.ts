import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTargetGuard, isPublicAddress, TargetRefused } from './target-guard.ts';

const guard = createTargetGuard([], () => Promise.reject(new Error('no name is resolved here')));
const resolvingTo = (allowed: string[], ...addresses: string[]) =>
  createTargetGuard(allowed, () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))),
  );
const byte = fc.integer({ min: 0, max: 255 });
const word = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
const v4 = (...first: fc.Arbitrary<number>[]) =>
  fc.tuple(...first, byte, byte, byte, byte).map((bytes) => bytes.slice(0, 4).join('.'));
const between = (min: number, max: number) => fc.integer({ min, max });
const only = (value: number) => fc.constant(value);

const privateV4 = fc.oneof(
  v4(only(0)),
  v4(only(10)),
  v4(only(127)),
  v4(only(100), between(64, 127)),
  v4(only(169), only(254)),
  v4(only(172), between(16, 31)),
  v4(only(192), only(168)),
  v4(only(198), between(18, 19)),
  v4(between(224, 255)),
);
const v6 = (first: fc.Arbitrary<string>) =>
  fc.tuple(first, word, word, word, word, word, word, word).map((words) => words.join(':'));
const privateV6 = fc.oneof(
  fc.constantFrom('::', '::1', '64:ff9b::a00:1', '2002:a00:1::1', '2001:db8::1', '2001::1'),
  v6(between(0xfc00, 0xfdff).map((value) => value.toString(16))),
  v6(between(0xfe80, 0xffff).map((value) => value.toString(16))),
  privateV4.map((address) => `::ffff:${address}`),
  v6(fc.constant('64')),
);

describe('literal addresses', () => {
  it('refuses every private, loopback, link-local, shared, multicast and reserved IPv4 address', () => {
    fc.assert(
      fc.property(privateV4, (address) => {
        expect(isPublicAddress(address)).toBe(false);
        expect(() => guard.checkUrl(`http://${address}/x`)).toThrow(TargetRefused);
      }),
    );
  });

  it('refuses every IPv6 address outside global unicast, and what embeds an IPv4 address', () => {
    fc.assert(
      fc.property(privateV6, (address) => {
        expect(isPublicAddress(address)).toBe(false);
        expect(() => guard.checkUrl(`https://[${address}]:8443/`)).toThrow(TargetRefused);
      }),
    );
  });

  it('refuses 127.0.0.1 in every spelling that a URL knows', () => {
    const spellings = ['127.1', '0x7f000001', '2130706433', '0177.0.0.1', '127.0.0.1.', '[::ffff:7f00:1]'];
    for (const host of [...spellings, '１２７.0.0.1', '0']) {
      expect(() => guard.checkUrl(`http://${host}/`), host).toThrow(TargetRefused);
    }
  });

  it('lets public addresses pass', async () => {
    for (const host of ['93.184.216.34', '172.32.0.1', '100.128.0.1', '[2606:2800:220:1::1]']) {
      expect((await guard.pin(`https://${host}/hook`)).url.protocol).toBe('https:');
    }
  });
});

describe('URLs', () => {
  it.each([
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://example.com',
    'javascript:alert(1)',
    'hook',
    '',
  ])('refuses %s', (text) => expect(() => guard.checkUrl(text)).toThrow(TargetRefused));

  it('refuses credentials', () => {
    expect(() => guard.checkUrl('https://user:word@example.com/')).toThrow('user name or password');
    expect(() => guard.checkUrl('https://user@example.com/')).toThrow('user name or password');
  });
});

describe('names', () => {
  it('are resolved once and pinned to an address that was judged', async () => {
    let calls = 0;
    const rebinding = createTargetGuard([], () => {
      calls += 1;
      return Promise.resolve([{ address: calls === 1 ? '93.184.216.34' : '127.0.0.1', family: 4 }]);
    });
    expect((await rebinding.pin('http://rebind.example/')).address).toBe('93.184.216.34');
    expect(calls).toBe(1);
    await expect(rebinding.pin('http://rebind.example/')).rejects.toThrow(TargetRefused);
  });

  it('are never pinned to a private address, whatever they resolve to', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(privateV4, privateV6), { maxLength: 4 }), async (addresses) => {
        await expect(resolvingTo([], ...addresses).pin('http://name.example/')).rejects.toThrow(
          TargetRefused,
        );
        const mixed = await resolvingTo([], ...addresses, '93.184.216.34').pin('http://name.example/');
        expect(mixed.address).toBe('93.184.216.34');
      }),
    );
  });

  it('keep the address out of the message', async () => {
    await expect(resolvingTo([], '10.1.2.3').pin('http://name.example/')).rejects.toThrow(
      /^name\.example is not on the public internet/,
    );
  });
});

describe('allow list', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:8080/', true],
    ['127.0.0.0/8', 'http://127.9.9.9/', true],
    ['127.0.0.1:8080', 'http://127.0.0.1:8080/', true],
    ['127.0.0.1:8080', 'http://127.0.0.1:8081/', false],
    ['127.0.0.1:443', 'https://127.0.0.1/', true],
    ['10.0.0.0/8', 'http://127.0.0.1/', false],
    ['127.0.0.0/8', 'http://[::ffff:127.0.0.1]/', false],
    ['[::1]:9000', 'http://[::1]:9000/', true],
    ['fd00::/8', 'http://[fd12::1]/', true],
    ['::1', 'http://[::2]/', false],
  ])('%s and %s: %s', (entry, url, isAllowed) => {
    const check = () => createTargetGuard([entry]).checkUrl(url);
    if (isAllowed) expect(check().href).toBe(url);
    else expect(check).toThrow(TargetRefused);
  });

  it('takes names, with or without a port', async () => {
    expect(
      (await resolvingTo(['hooks.internal:9000'], '10.0.0.7').pin('http://hooks.internal:9000/')).address,
    ).toBe('10.0.0.7');
    await expect(
      resolvingTo(['hooks.internal:9000'], '10.0.0.7').pin('http://hooks.internal/'),
    ).rejects.toThrow();
    await expect(resolvingTo(['hooks.internal'], '10.0.0.7').pin('http://other.internal/')).rejects.toThrow();
  });

  it.each(['10.0.0.0/33', 'not a host', 'fd00::/129', ''])('refuses the entry "%s" at start', (entry) => {
    expect(() => createTargetGuard([entry])).toThrow('SEISMOLOG_ALLOW_PRIVATE_TARGETS');
  });
});
