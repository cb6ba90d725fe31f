/** Kinds of pieces of a masked line. LITERAL is a slice of the raw line, the others stand for themselves. */
export const LITERAL = 0;
export const SPACE = 1;
export const NUM = 2;
export const HEX = 3;
export const UUID = 4;
export const IP = 5;
export const MAC = 6;
export const PATH = 7;
export const URL = 8;
export const EMAIL = 9;
export const STR = 10;
export const TS = 11;
export const HOST = 12;
export const ID = 13;
export const CODE = 14;
export const UNIT = 15;
export const USER = 16;

const PIECE_TEXT = ',_,NUM,HEX,UUID,IP,MAC,PATH,URL,EMAIL,STR,TS,HOST,ID,CODE,UNIT,USER'
  .split(',')
  .map((name) => `<${name}>`);
PIECE_TEXT[SPACE] = ' ';
export const UNIT_TEXT = PIECE_TEXT[UNIT] as string;

/** The masked line as pieces: no string is made of any of them until `skeletonText` is asked for. */
export interface Skeleton {
  readonly kinds: Uint8Array;
  /** Bounds of each piece in the raw line; SPACE has none. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  count: number;
  message: string;
  /** 64-bit hash of the masked line as two signed 32-bit lanes, once `hashSkeleton` has run. */
  low: number;
  high: number;
}

/** @param max_pieces room for the pieces of the longest line; a character makes at most one piece */
export const createSkeleton = (max_pieces: number): Skeleton => ({
  kinds: new Uint8Array(max_pieces),
  starts: new Int32Array(max_pieces),
  ends: new Int32Array(max_pieces),
  count: 0,
  message: '',
  low: 0,
  high: 0,
});

export function resetSkeleton(skeleton: Skeleton, message: string): void {
  skeleton.message = message;
  skeleton.count = 0;
}

function push(skeleton: Skeleton, kind: number, start: number, end: number): void {
  if (skeleton.count === skeleton.kinds.length) return;
  skeleton.kinds[skeleton.count] = kind;
  skeleton.starts[skeleton.count] = start;
  skeleton.ends[skeleton.count++] = end;
}

export function addLiteral(skeleton: Skeleton, start: number, end: number): void {
  const last = skeleton.count - 1;
  if (last >= 0 && skeleton.kinds[last] === LITERAL && skeleton.ends[last] === start)
    skeleton.ends[last] = end;
  else push(skeleton, LITERAL, start, end);
}

export function addSpace(skeleton: Skeleton): void {
  if (skeleton.count > 0 && skeleton.kinds[skeleton.count - 1] !== SPACE) push(skeleton, SPACE, 0, 0);
}

/** Adds a placeholder, unless it only continues a list of the same kind (`1, 2, 3` is one `<NUM>`). */
export function addPlaceholder(skeleton: Skeleton, kind: number, start: number, end: number): void {
  const at = continued(skeleton, kind);
  if (at < 0) push(skeleton, kind, start, end);
  else {
    skeleton.count = at + 1;
    skeleton.ends[at] = end;
  }
}

/** The value that was added last, if one was, goes on to `end`. */
export function extendPlaceholder({ kinds, ends, count }: Skeleton, end: number): void {
  if (count > 0 && (kinds[count - 1] as number) > SPACE) ends[count - 1] = end;
}

/** Kind of the piece that was added last. */
export const lastKind = ({ kinds, count }: Skeleton): number =>
  count > 0 ? (kinds[count - 1] as number) : SPACE;

/** Takes back a `-` that ends the line so far: the sign of the number that follows. */
export function dropSign(skeleton: Skeleton): void {
  const last = skeleton.count - 1;
  if (last < 0 || skeleton.kinds[last] !== LITERAL) return;
  const end = (skeleton.ends[last] as number) - 1;
  if (skeleton.message.charCodeAt(end) !== 45) return;
  skeleton.ends[last] = end;
  if (end === skeleton.starts[last]) skeleton.count--;
}

const GLUE = new Set([...',;\'"|&u'].map((character) => character.charCodeAt(0)));

// Number of quotes in a piece that may stand between the members of a list, or -1 if it may not.
function quotesOfGlue(skeleton: Skeleton, piece: number): number {
  if (skeleton.kinds[piece] === SPACE) return 0;
  const start = skeleton.starts[piece] as number;
  const end = skeleton.ends[piece] as number;
  if (skeleton.kinds[piece] !== LITERAL || end - start > 4) return -1;
  let quotes = 0;
  for (let i = start; i < end; i++) {
    const code = skeleton.message.charCodeAt(i);
    if (!GLUE.has(code)) return -1;
    if (code === 34 || code === 39) quotes++;
  }
  return quotes;
}

// Index of the placeholder that one of this kind would continue, or -1: at most three pieces of glue lie between, and
// each quote that closes in them opens again.
function continued(skeleton: Skeleton, kind: number): number {
  const last = skeleton.count - 1;
  let quotes = 0;
  let at = last;
  for (; at >= 0 && at > last - 3; at--) {
    const found = quotesOfGlue(skeleton, at);
    if (found < 0) break;
    quotes += found;
  }
  return at >= 0 && skeleton.kinds[at] === kind && quotes % 2 === 0 ? at : -1;
}

/** Sets `low` and `high`: equal masked lines have equal hashes (FNV-1a and a Murmur-like lane, 32 bits each). */
export function hashSkeleton(skeleton: Skeleton): void {
  const { kinds, starts, ends, message, count } = skeleton;
  let low = 0x811c9dc5 | 0;
  let high = 0x2545f491 | 0;
  for (let piece = 0; piece < count; piece++) {
    const kind = kinds[piece] as number;
    const literal = kind === LITERAL;
    const end = literal ? (ends[piece] as number) : 1;
    for (let i = literal ? (starts[piece] as number) : 0; i < end; i++) {
      const code = literal ? message.charCodeAt(i) : 0x10000 + kind;
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code, 0x5bd1e995);
      high ^= high >>> 15;
    }
  }
  skeleton.low = low;
  skeleton.high = high;
}

/** The masked line. */
export function skeletonText({ kinds, starts, ends, message, count }: Skeleton): string {
  let text = '';
  for (let piece = 0; piece < count; piece++) {
    const kind = kinds[piece] as number;
    text += kind === LITERAL ? message.slice(starts[piece], ends[piece]) : (PIECE_TEXT[kind] as string);
  }
  return text;
}
