import protobuf from 'protobufjs';

const { Writer } = protobuf;
type Writer = protobuf.Writer;

/**
 * Small ONNX files with known outputs, for families of which no free model is at hand, and for files that mean harm. Writes the few
 * messages of onnx.proto that it needs; the numbers are their fields'.
 */

const FLOAT = 1;
const INT64 = 7;
const BOOL = 9;

export interface OnnxTensor {
  readonly name: string;
  /** A name leaves the size open. */
  readonly dims: readonly (number | string)[];
  readonly type?: 'float' | 'int64' | 'bool';
}

export interface OnnxConstant {
  readonly name: string;
  readonly dims: readonly number[];
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
}

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly ints?: Readonly<Record<string, number | readonly number[]>>;
  readonly graphs?: Readonly<Record<string, OnnxGraph>>;
}

export interface OnnxGraph {
  readonly inputs: readonly OnnxTensor[];
  readonly outputs: readonly OnnxTensor[];
  readonly constants?: readonly OnnxConstant[];
  readonly nodes: readonly OnnxNode[];
}

export function onnxModel(graph: OnnxGraph, metadata: Readonly<Record<string, string>> = {}): Buffer {
  const model = Writer.create().uint32(field(1, 0)).int64(8);
  message(model, 7, graphProto(graph));
  message(model, 8, Writer.create().uint32(field(2, 0)).int64(11));
  for (const [key, value] of Object.entries(metadata)) {
    message(model, 14, Writer.create().uint32(field(1, 2)).string(key).uint32(field(2, 2)).string(value));
  }
  return Buffer.from(model.finish());
}

/** A detector of 64×64 pictures that says the same whatever it sees. */
export function constantDetector(outputs: readonly (OnnxConstant & { readonly type?: 'float' | 'int64' })[], options: { inputs?: readonly OnnxTensor[]; metadata?: Record<string, string> } = {}): Buffer {
  const constants = outputs.map((output) => ({ ...output, name: `${output.name}_value` }));
  return onnxModel(
    {
      inputs: options.inputs ?? [{ name: 'images', dims: [1, 3, 64, 64] }],
      outputs: outputs.map(({ name, dims, ints }) => ({ name, dims, type: ints === undefined ? 'float' : 'int64' })),
      constants,
      nodes: outputs.map(({ name }) => ({ op: 'Identity', inputs: [`${name}_value`], outputs: [name] })),
    },
    options.metadata,
  );
}

/**
 * A detector of batches of 64×64 pictures in the layout `[N, 6, 1]` of YOLOv8 with two labels. It gives one box in the middle, of half
 * the width and height, and scores by the mean of the input: the mean itself for the first label, nothing for the second.
 */
export function meanDetector(): Buffer {
  return onnxModel(meanGraph('images'));
}

/** @param input what the mean is taken of */
function meanGraph(input: string): OnnxGraph {
  return {
    inputs: [{ name: 'images', dims: ['batch', 3, 64, 64] }],
    outputs: [{ name: 'output0', dims: ['batch', 6, 8] }],
    constants: [
      { name: 'mask', dims: [1, 6, 8], floats: Array.from({ length: 48 }, (_, i) => (i === 32 ? 1 : 0)) },
      { name: 'box', dims: [1, 6, 8], floats: Array.from({ length: 48 }, (_, i) => ([32, 32, 32, 32][i / 8] ?? 0)) },
    ],
    nodes: [
      { op: 'ReduceMean', inputs: [input], outputs: ['mean'], ints: { axes: [1, 2, 3], keepdims: 1 } },
      { op: 'Squeeze', inputs: ['mean'], outputs: ['flat'], ints: { axes: [3] } },
      { op: 'Mul', inputs: ['flat', 'mask'], outputs: ['score'] },
      { op: 'Add', inputs: ['score', 'box'], outputs: ['output0'] },
    ],
  };
}

/** The mean detector with a loop before it that takes time, and changes nothing: so many sines of the whole input. */
export function slowMeanDetector(sines: number): Buffer {
  const picture = (name: string): OnnxTensor => ({ name, dims: ['batch', 3, 64, 64] });
  const scalar = (name: string, type: 'int64' | 'bool'): OnnxTensor => ({ name, dims: [], type });
  const mean = meanGraph('worked');
  return onnxModel({
    ...mean,
    constants: [...(mean.constants ?? []), { name: 'times', dims: [], ints: [sines] }, { name: 'zero', dims: [1], floats: [0] }],
    nodes: [
      {
        op: 'Loop',
        inputs: ['times', '', 'images'],
        outputs: ['spun'],
        graphs: {
          body: {
            inputs: [scalar('i', 'int64'), scalar('go', 'bool'), picture('v')],
            outputs: [scalar('still', 'bool'), picture('w')],
            nodes: [
              { op: 'Identity', inputs: ['go'], outputs: ['still'] },
              { op: 'Sin', inputs: ['v'], outputs: ['w'] },
            ],
          },
        },
      },
      { op: 'Mul', inputs: ['spun', 'zero'], outputs: ['nothing'] },
      { op: 'Add', inputs: ['images', 'nothing'], outputs: ['worked'] },
      ...mean.nodes,
    ],
  });
}

/** A file of a few bytes that wants a tensor of 2^40 floats. */
export function hungryModel(): Buffer {
  return onnxModel({
    inputs: [{ name: 'images', dims: [1, 3, 64, 64] }],
    outputs: [{ name: 'output', dims: ['a', 'b', 'c'] }],
    constants: [{ name: 'shape', dims: [3], ints: [1, 2 ** 20, 2 ** 20] }],
    nodes: [{ op: 'ConstantOfShape', inputs: ['shape'], outputs: ['output'] }],
  });
}

/** A file of a few bytes that never ends. */
export function endlessModel(): Buffer {
  const scalar = (name: string, type: OnnxTensor['type']): OnnxTensor => ({ name, dims: [], type: type ?? 'float' });
  return onnxModel({
    inputs: [{ name: 'images', dims: [1, 3, 64, 64] }],
    outputs: [{ name: 'output', dims: [1, 3, 64, 64] }],
    constants: [{ name: 'times', dims: [], ints: [Number.MAX_SAFE_INTEGER] }],
    nodes: [
      {
        op: 'Loop',
        inputs: ['times', '', 'images'],
        outputs: ['output'],
        graphs: {
          body: {
            inputs: [scalar('i', 'int64'), scalar('go', 'bool'), { name: 'v', dims: [1, 3, 64, 64] }],
            outputs: [scalar('still', 'bool'), { name: 'w', dims: [1, 3, 64, 64] }],
            nodes: [
              { op: 'Identity', inputs: ['go'], outputs: ['still'] },
              { op: 'Sin', inputs: ['v'], outputs: ['w'] },
            ],
          },
        },
      },
    ],
  });
}

function graphProto({ inputs, outputs, constants = [], nodes }: OnnxGraph): Writer {
  const graph = Writer.create();
  for (const node of nodes) message(graph, 1, nodeProto(node));
  graph.uint32(field(2, 2)).string('graph');
  for (const constant of constants) message(graph, 5, tensorProto(constant));
  for (const input of inputs) message(graph, 11, valueInfo(input));
  for (const output of outputs) message(graph, 12, valueInfo(output));
  return graph;
}

function nodeProto({ op, inputs, outputs, ints = {}, graphs = {} }: OnnxNode): Writer {
  const node = Writer.create();
  for (const input of inputs) node.uint32(field(1, 2)).string(input);
  for (const output of outputs) node.uint32(field(2, 2)).string(output);
  node.uint32(field(4, 2)).string(op);
  for (const [name, value] of Object.entries(ints)) {
    const attribute = Writer.create().uint32(field(1, 2)).string(name);
    if (typeof value === 'number') attribute.uint32(field(3, 0)).int64(value).uint32(field(20, 0)).uint32(2);
    else {
      for (const one of value) attribute.uint32(field(8, 0)).int64(one);
      attribute.uint32(field(20, 0)).uint32(7);
    }
    message(node, 5, attribute);
  }
  for (const [name, graph] of Object.entries(graphs)) {
    const attribute = Writer.create().uint32(field(1, 2)).string(name);
    message(attribute, 6, graphProto(graph));
    message(node, 5, attribute.uint32(field(20, 0)).uint32(5));
  }
  return node;
}

function tensorProto({ name, dims, floats, ints }: OnnxConstant): Writer {
  const tensor = Writer.create();
  for (const dim of dims) tensor.uint32(field(1, 0)).int64(dim);
  tensor.uint32(field(2, 0)).int32(ints === undefined ? FLOAT : INT64);
  for (const value of floats ?? []) tensor.uint32(field(4, 5)).float(value);
  for (const value of ints ?? []) tensor.uint32(field(7, 0)).int64(value);
  return tensor.uint32(field(8, 2)).string(name);
}

function valueInfo({ name, dims, type = 'float' }: OnnxTensor): Writer {
  const shape = Writer.create();
  for (const dim of dims) {
    const one = Writer.create();
    message(shape, 1, typeof dim === 'number' ? one.uint32(field(1, 0)).int64(dim) : one.uint32(field(2, 2)).string(dim));
  }
  const tensor = Writer.create().uint32(field(1, 0)).int32({ float: FLOAT, int64: INT64, bool: BOOL }[type]);
  message(tensor, 2, shape);
  const info = Writer.create().uint32(field(1, 2)).string(name);
  const typeProto = Writer.create();
  message(typeProto, 1, tensor);
  message(info, 2, typeProto);
  return info;
}

function message(into: Writer, number: number, content: Writer): void {
  into.uint32(field(number, 2)).bytes(content.finish());
}

function field(number: number, wire: number): number {
  return (number << 3) | wire;
}
