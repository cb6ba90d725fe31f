/** Encodes protocol buffer messages: https://protobuf.dev/programming-guides/encoding/ */
export type Message = Uint8Array;

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** Base-128 varint; negative integers take ten bytes, as int64 fields want. */
function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

export const concat = (parts: Uint8Array[]): Message => {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
};

const key = (field: number, wire: number): Uint8Array => varint((field << 3) | wire);

export const intField = (field: number, value: number): Message =>
  concat([key(field, VARINT), varint(value)]);
export const bytesField = (field: number, value: Uint8Array): Message =>
  concat([key(field, LENGTH_DELIMITED), varint(value.length), value]);
export const textField = (field: number, value: string): Message =>
  bytesField(field, new TextEncoder().encode(value));
export const messageField = (field: number, parts: Message[]): Message => bytesField(field, concat(parts));
export const packedInts = (field: number, values: readonly number[]): Message =>
  bytesField(field, concat(values.map(varint)));

/** Little-endian bytes of float32 values, whatever the machine's order. */
export function floatBytes(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, index) => view.setFloat32(index * 4, value, true));
  return new Uint8Array(view.buffer);
}
export const packedFloats = (field: number, values: readonly number[]): Message =>
  bytesField(field, floatBytes(values));
export const floatField = (field: number, value: number): Message =>
  concat([key(field, FIXED32), floatBytes([value])]);
