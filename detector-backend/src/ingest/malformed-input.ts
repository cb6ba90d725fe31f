import { gzipSync } from 'node:zlib';

/** One request of the malformed-input test. */
export interface MalformedInput {
  kind: string;
  headers: Record<string, string>;
  body: Buffer;
  /** How many lines of it carry the marker of a good record and must be stored. */
  good: number;
}

/** Pseudo-random numbers in [0, 1) by seed (mulberry32, public domain, by Tommy Ettinger). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const FIELDS = [
  'message',
  'timestamp',
  '@timestamp',
  'severity',
  'level',
  'log',
  'log.level',
  'service',
  'service.name',
  'source',
  'host',
  'metadata',
  'event_id',
  'tenant_id',
  'environment',
  '__proto__',
  'constructor',
  'toString',
  '',
  'x\u0000',
];
const ODD_TEXTS = [
  '',
  '\u0000',
  '\ud800',
  '\udfff\ud800',
  '\u202e',
  'é'.repeat(300),
  '$1',
  "'; drop table services; --",
  '\\u0000',
  '\r\n\t',
];

const NDJSON = { 'content-type': 'application/x-ndjson' };
const JSON_TYPE = { 'content-type': 'application/json' };
const GZIP = { ...NDJSON, 'content-encoding': 'gzip' };
/** 40 kB that become 40 MB. */
const BOMB = gzipSync(Buffer.alloc(40_000_000, '{"message":"m"}\n'));

type Input = Omit<MalformedInput, 'kind'>;
type Kinds = Record<string, () => Input>;
type Draw = ReturnType<typeof createDraw>;

/** Makes malformed inputs without end; the same seed makes the same ones. `good_message` marks records that must be stored. */
export function createMalformedInputs(random: () => number, good_message: string): () => MalformedInput {
  const draw = createDraw(random, good_message);
  const kinds: Kinds = { ...jsonKinds(draw), ...gzipKinds(draw), ...mixedKinds(draw, good_message) };
  // The two that cost much come less often.
  const names = Object.keys(kinds).flatMap((name) =>
    name === 'bomb' || name === 'huge_line' ? [name] : Array<string>(8).fill(name),
  );
  return () => {
    const kind = draw.pick(names);
    return { kind, ...(kinds[kind] as () => Input)() };
  };
}

function createDraw(random: () => number, good_message: string) {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const upTo = (max: number) => Math.floor(random() * max);
  const list = <T>(length: number, item: () => T) => Array.from({ length }, item);
  const value = (depth: number): unknown =>
    pick<() => unknown>([
      () => null,
      () => random() < 0.5,
      () => pick([0, -1, 1e308, -1e-300, 5, 1.5, 1e15, 1e19, Number.MAX_SAFE_INTEGER]),
      () => pick(ODD_TEXTS),
      () => 'x'.repeat(upTo(2000)),
      () => (depth > 0 ? list(upTo(4), () => value(depth - 1)) : []),
      () => (depth > 0 ? Object.fromEntries(list(upTo(4), () => [pick(FIELDS), value(depth - 1)])) : {}),
    ])();
  return {
    pick,
    upTo,
    list,
    value,
    bytes: (length: number) => Buffer.from(list(length, () => upTo(256))),
    record: (): unknown => Object.fromEntries(list(upTo(8), () => [pick(FIELDS), value(3)])),
    good: () => JSON.stringify({ message: good_message, service: 'good', x: pick(ODD_TEXTS), n: upTo(1e9) }),
  };
}

function jsonKinds({ pick, upTo, value, record, bytes, good }: Draw): Kinds {
  const nested = (depth: number) => `{"message":"m","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  const cut = (text: string): Buffer => {
    const body = Buffer.from(text).subarray(0, upTo(Buffer.byteLength(text)) + 1);
    if (upTo(2) === 0) body[upTo(body.length)] = upTo(256);
    return body;
  };
  const bad = (headers: Record<string, string>, body: string | Buffer): Input => ({
    headers,
    body: Buffer.from(body as string),
    good: 0,
  });
  return {
    wrong_types: () => bad(JSON_TYPE, JSON.stringify(value(4))),
    wrong_fields: () => bad(NDJSON, JSON.stringify(record())),
    broken_json: () => bad(pick([JSON_TYPE, NDJSON]), cut(JSON.stringify([record(), record()]))),
    binary: () => bad(pick([JSON_TYPE, NDJSON, GZIP]), bytes(upTo(300))),
    deep: () => bad(pick([JSON_TYPE, NDJSON]), nested(11 + upTo(pick([5, 3000])))),
    unclosed: () => bad(JSON_TYPE, pick(['[', '{"a":', '"', '[1,']).repeat(1 + 2 * upTo(2500))),
    huge_line: () => bad(NDJSON, `{"message":"${'x'.repeat(262_144 + upTo(9000))}"}`),
    wrong_headers: () =>
      bad(
        pick([
          { 'content-type': 'text/plain' },
          { 'content-type': 'application/json; charset=utf-16' },
          { 'content-type': ';;;' },
          { ...NDJSON, 'content-encoding': pick(['br', 'deflate', 'gzip, gzip', 'zstd', 'x']) },
          { ...NDJSON, 'idempotency-key': 'k'.repeat(300) },
        ]),
        good(),
      ),
  };
}

function gzipKinds({ upTo, bytes, good }: Draw): Kinds {
  return {
    truncated_gzip: () => {
      const whole = gzipSync(`${good()}\n`.repeat(20));
      return { headers: GZIP, body: whole.subarray(0, 1 + upTo(whole.length - 9)), good: 0 };
    },
    corrupt_gzip: () => {
      const body = gzipSync(bytes(200));
      const place = 12 + upTo(body.length - 20);
      body[place] = (body[place] ?? 0) ^ 0xff;
      return { headers: GZIP, body, good: 0 };
    },
    bomb: () => ({ headers: GZIP, body: BOMB, good: 0 }),
  };
}

function mixedKinds({ pick, upTo, list, value, record, bytes, good }: Draw, good_message: string): Kinds {
  const marked = (texts: string[]) => texts.filter((text) => text.includes(good_message)).length;
  const lines = () =>
    list(2 + upTo(20), () => pick([good, () => JSON.stringify(record()), () => '{"message"'])());
  return {
    mixed: () => {
      const texts = lines();
      return { headers: NDJSON, body: Buffer.from(texts.join('\n')), good: marked(texts) };
    },
    mixed_gzip: () => {
      const texts = lines();
      return { headers: GZIP, body: gzipSync(texts.join('\r\n')), good: marked(texts) };
    },
    mixed_array: () => {
      const items = list(2 + upTo(10), () => pick([good, () => JSON.stringify(value(3))])());
      return { headers: JSON_TYPE, body: Buffer.from(`[${items.join(',')}]`), good: marked(items) };
    },
    mixed_invalid_utf8: () => {
      const body = Buffer.concat([Buffer.from(`${good()}\n`), bytes(40), Buffer.from(`\n${good()}`)]);
      return { headers: NDJSON, body, good: 2 };
    },
  };
}
