import {
  bytesField,
  concat,
  floatBytes,
  intField,
  messageField,
  packedFloats,
  packedInts,
  textField,
  type Message,
} from './protobuf.ts';

// Field numbers of onnx.proto3 (IR version 8). Opset 17 and ai.onnx.ml 3 are what every runtime since 2022 reads.
const IR_VERSION = 8;
const OPSETS: [string, number][] = [
  ['', 17],
  ['ai.onnx.ml', 3],
];
const FLOAT = 1;
const INT64 = 7;

export const intAttribute = (name: string, value: number): Message =>
  concat([textField(1, name), intField(3, value), intField(20, 2)]);
export const textAttribute = (name: string, value: string): Message =>
  concat([textField(1, name), textField(4, value), intField(20, 3)]);
export const floatsAttribute = (name: string, values: number[]): Message =>
  concat([textField(1, name), packedFloats(7, values), intField(20, 6)]);
export const intsAttribute = (name: string, values: number[]): Message =>
  concat([textField(1, name), packedInts(8, values), intField(20, 7)]);
export const textsAttribute = (name: string, values: string[]): Message =>
  concat([textField(1, name), ...values.map((value) => textField(9, value)), intField(20, 8)]);

/** One operator; its name is that of its output. */
export const operator = (
  type: string,
  inputs: string[],
  output: string,
  attributes: Message[] = [],
  domain = '',
): Message =>
  concat([
    ...inputs.map((input) => textField(1, input)),
    textField(2, output),
    textField(3, output),
    textField(4, type),
    ...attributes.map((attribute) => bytesField(5, attribute)),
    ...(domain === '' ? [] : [textField(7, domain)]),
  ]);

export const floatTensor = (name: string, dims: number[], values: number[]): Message =>
  concat([
    ...dims.map((dim) => intField(1, dim)),
    intField(2, FLOAT),
    textField(8, name),
    bytesField(9, floatBytes(values)),
  ]);

export const intTensor = (name: string, dims: number[], values: number[]): Message =>
  concat([
    ...dims.map((dim) => intField(1, dim)),
    intField(2, INT64),
    packedInts(7, values),
    textField(8, name),
  ]);

/** A float32 input or output of shape [N, width]. */
export const batchOf = (name: string, width: number): Message => {
  const shape = [messageField(1, [textField(2, 'N')]), messageField(1, [intField(1, width)])];
  return concat([
    textField(1, name),
    messageField(2, [messageField(1, [intField(1, FLOAT), messageField(2, shape)])]),
  ]);
};

/** A whole ModelProto. `metadata` is readable by every ONNX tool. */
export function encodeGraph(graph: {
  nodes: Message[];
  initializers: Message[];
  inputs: Message[];
  outputs: Message[];
  metadata: Record<string, string>;
}): Uint8Array {
  return concat([
    intField(1, IR_VERSION),
    textField(2, 'seismolog'),
    messageField(7, [
      ...graph.nodes.map((node) => bytesField(1, node)),
      textField(2, 'seismolog'),
      ...graph.initializers.map((tensor) => bytesField(5, tensor)),
      ...graph.inputs.map((input) => bytesField(11, input)),
      ...graph.outputs.map((output) => bytesField(12, output)),
    ]),
    ...OPSETS.map(([domain, version]) =>
      messageField(8, [...(domain === '' ? [] : [textField(1, domain)]), intField(2, version)]),
    ),
    ...Object.entries(graph.metadata).map(([key, value]) =>
      messageField(14, [textField(1, key), textField(2, value)]),
    ),
  ]);
}
