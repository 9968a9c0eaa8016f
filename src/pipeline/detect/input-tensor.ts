import type { InputSpec } from './manifest.ts';

/** Writes one picture (RGB, 8 bit, packed, in the model's input size) into a tensor of floats, from index `at` on. */
export type InputPacker = (picture: Uint8Array, tensor: Float32Array, at: number) => void;

/** Prepares the conversion of pictures into a model's input: normalisation is one look-up a value. */
export function inputPacker(spec: InputSpec): InputPacker {
  // Channel c of the tensor is byte `source[c]` of a pixel.
  const source = spec.color === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  const tables = [0, 1, 2].map((c) => Float32Array.from({ length: 256 }, (_, value) => (value * spec.scale - spec.mean[c]!) / spec.std[c]!));
  const pixels = spec.width * spec.height;
  const [first, second, third] = source as [number, number, number];
  const [a, b, c] = tables as [Float32Array, Float32Array, Float32Array];
  if (spec.layout === 'nhwc') {
    return (picture, tensor, at) => {
      for (let from = 0, to = at; from < pixels * 3; from += 3, to += 3) {
        tensor[to] = a[picture[from + first]!]!;
        tensor[to + 1] = b[picture[from + second]!]!;
        tensor[to + 2] = c[picture[from + third]!]!;
      }
    };
  }
  return (picture, tensor, at) => {
    for (let from = 0, to = at; from < pixels * 3; from += 3, to += 1) {
      tensor[to] = a[picture[from + first]!]!;
      tensor[to + pixels] = b[picture[from + second]!]!;
      tensor[to + 2 * pixels] = c[picture[from + third]!]!;
    }
  };
}
