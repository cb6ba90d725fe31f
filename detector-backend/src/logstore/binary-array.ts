/*
 * One-dimensional PostgreSQL arrays in their binary wire form, for columns handed to `unnest`. A Buffer parameter is sent as
 * binary, so nothing is quoted here and nothing parsed there. Form (array_recv in PostgreSQL's arrayfuncs.c): dimensions,
 * has-null flag, element type, then length and lower bound of the dimension, then each element after its length in bytes
 * (-1 for null); all big-endian 32-bit integers.
 */
const UUID = 2950;
const TEXT = 25;
const TIMESTAMPTZ = 1184;
const HEADER_BYTES = 20;
/** 2000-01-01 UTC, from which PostgreSQL counts microseconds. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
const TWO_POW_32 = 4_294_967_296;

/** `uuid[]` of texts in the form `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`. */
export function uuidArray(values: string[]): Buffer {
  const bytes = arrayOf(UUID, values.length, values.length * 20);
  let at = HEADER_BYTES;
  for (const value of values) {
    bytes.writeInt32BE(16, at);
    bytes.write(value.replaceAll('-', ''), at + 4, 16, 'hex');
    at += 20;
  }
  return bytes;
}

/** `timestamptz[]` of whole epoch milliseconds. */
export function timestampArray(values: number[]): Buffer {
  const bytes = arrayOf(TIMESTAMPTZ, values.length, values.length * 12);
  let at = HEADER_BYTES;
  for (const value of values) {
    // Two halves of a 64-bit integer, exact below 2^53 µs (year 2255).
    const micros = (value - POSTGRES_EPOCH_MS) * 1000;
    bytes.writeInt32BE(8, at);
    bytes.writeInt32BE(Math.floor(micros / TWO_POW_32), at + 4);
    bytes.writeUInt32BE(((micros % TWO_POW_32) + TWO_POW_32) % TWO_POW_32, at + 8);
    at += 12;
  }
  return bytes;
}

/** `text[]`; null elements stay null. The texts must not hold NUL. */
export function textArray(values: (string | null)[]): Buffer {
  let room = 0;
  // A UTF-16 unit is at most three bytes in UTF-8.
  for (const value of values) room += 4 + (value === null ? 0 : value.length * 3);
  const bytes = arrayOf(TEXT, values.length, room);
  let at = HEADER_BYTES;
  for (const value of values) {
    const length = value === null ? -1 : bytes.write(value, at + 4, 'utf8');
    bytes.writeInt32BE(length, at);
    at += 4 + Math.max(0, length);
  }
  return bytes.subarray(0, at);
}

function arrayOf(element_type: number, length: number, element_bytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + element_bytes);
  [1, 1, element_type, length, 1].forEach((value, index) => bytes.writeInt32BE(value, index * 4));
  return bytes;
}
