import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** Where a checked request may connect to; the connection must be made to `address`, not to the name again. */
export interface PinnedTarget {
  url: URL;
  address: string;
  family: 4 | 6;
}

/** The target is not allowed, now and later. The message is for the person who configured it. */
export class TargetRefused extends Error {
  override readonly name = 'TargetRefused';
}

export interface TargetGuard {
  /** Parses and judges what the URL alone shows (scheme, credentials, literal address). Throws {@link TargetRefused}. */
  checkUrl(text: string): URL;
  /** Resolves the name once and picks an allowed address. Throws {@link TargetRefused}, or the resolver's error. */
  pin(text: string): Promise<PinnedTarget>;
}

export type Resolve = (hostname: string) => Promise<{ address: string; family: number }[]>;

const refusedNetworks = new BlockList();
// Special-purpose registries of IANA (RFC 6890 and successors). Of IPv6 only global unicast 2000::/3 is ever allowed,
// which leaves out loopback, link-local, unique local, multicast, v4-mapped (::ffff:0:0/96) and NAT64 (64:ff9b::/96).
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  refusedNetworks.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  refusedNetworks.addSubnet(network, prefix, 'ipv6');
}
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

/** True for an address of the public internet. `address` is an IPv4 or IPv6 literal without brackets. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !refusedNetworks.check(address, 'ipv4');
  if (family !== 6 || address.includes('%')) return false;
  return globalUnicast.check(address, 'ipv6') && !refusedNetworks.check(address, 'ipv6');
}

/**
 * Guards outbound requests against reaching the network that the server lives in.
 * @param allowed entries that may be private all the same: `address`, `CIDR`, `address:port`, `[v6]:port`, `host`, `host:port`
 * @param resolve name service, replaced in tests
 */
export function createTargetGuard(
  allowed: readonly string[],
  resolve: Resolve = (hostname) => lookup(hostname, { all: true, verbatim: true }),
): TargetGuard {
  const rules = allowed.map(parseRule);
  const isAllowed = (url: URL, address: string) =>
    isPublicAddress(address) || rules.some((rule) => rule(hostOf(url), portOf(url), address));

  const checkUrl = (text: string): URL => {
    if (!URL.canParse(text)) throw new TargetRefused('the URL can not be read');
    const url = new URL(text);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new TargetRefused('only http and https URLs are sent to');
    }
    if (url.username !== '' || url.password !== '') {
      throw new TargetRefused('the URL must not carry a user name or password');
    }
    const host = hostOf(url);
    if (isIP(host) !== 0 && !isAllowed(url, host)) throw refusedAddress(url);
    return url;
  };

  return {
    checkUrl,
    async pin(text) {
      const url = checkUrl(text);
      const host = hostOf(url);
      const literal = isIP(host);
      if (literal !== 0) return { url, address: host, family: literal as 4 | 6 };
      const found = (await resolve(host)).find(({ address }) => isAllowed(url, address));
      if (!found) throw refusedAddress(url);
      return { url, address: found.address, family: isIP(found.address) as 4 | 6 };
    },
  };
}

// The address stays out of the message: it would tell a tenant how names resolve inside our network.
const refusedAddress = (url: URL) =>
  new TargetRefused(
    `${url.hostname} is not on the public internet; the operator can allow it in SEISMOLOG_ALLOW_PRIVATE_TARGETS`,
  );

const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80));

type Rule = (host: string, port: number, address: string) => boolean;

function parseRule(entry: string): Rule {
  const text = entry.trim().toLowerCase();
  const cidr = /^([0-9a-f:.]+)\/(\d{1,3})$/.exec(text);
  if (cidr) return networkRule(entry, cidr[1] ?? '', Number(cidr[2]));
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  const withPort = /^([^:]+):(\d{1,5})$/.exec(text);
  const name = bracketed?.[1] ?? withPort?.[1] ?? text;
  const portText = bracketed?.[2] ?? withPort?.[2];
  const isNamed = isIP(name) === 0;
  if (isNamed && !/^[a-z0-9]([a-z0-9_.-]*[a-z0-9])?$/.test(name)) throw badRule(entry);
  const matches: Rule = isNamed
    ? (host) => host === name
    : networkRule(entry, name, isIP(name) === 4 ? 32 : 128);
  return portText === undefined
    ? matches
    : (host, port, address) => port === Number(portText) && matches(host, port, address);
}

function networkRule(entry: string, network: string, prefix: number): Rule {
  const family = isIP(network);
  if (family === 0 || prefix > (family === 4 ? 32 : 128)) throw badRule(entry);
  const list = new BlockList();
  list.addSubnet(network, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return (_host, _port, address) =>
    // BlockList sees the IPv4 address inside a v4-mapped one; only the plain form is meant by an IPv4 entry.
    isIP(address) === family && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

const badRule = (entry: string) =>
  new Error(`SEISMOLOG_ALLOW_PRIVATE_TARGETS: "${entry}" is neither an address, a CIDR nor host:port`);
