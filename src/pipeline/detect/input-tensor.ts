import type { InputSpec } from './manifest.ts';

/** Writes one picture (planes of red, green and blue, 8 bit, in the model's input size) into a tensor of floats, from index `at` on. */
export type InputPacker = (picture: Uint8Array, tensor: Float32Array, at: number) => void;

/** Prepares the conversion of pictures into a model's input: normalisation is one look-up a value. */
export function inputPacker(spec: InputSpec): InputPacker {
  const pixels = spec.width * spec.height;
  // The first channel of the tensor is this plane of the picture, and the third the other.
  const [first, third] = spec.color === 'rgb' ? [0, 2 * pixels] : [2 * pixels, 0];
  const tables = [0, 1, 2].map((c) => Float32Array.from({ length: 256 }, (_, value) => (value * spec.scale - spec.mean[c]!) / spec.std[c]!));
  const [a, b, c] = tables as [Float32Array, Float32Array, Float32Array];
  if (spec.layout === 'nhwc') {
    return (picture, tensor, at) => {
      for (let i = 0, to = at; i < pixels; i += 1, to += 3) {
        tensor[to] = a[picture[first + i]!]!;
        tensor[to + 1] = b[picture[pixels + i]!]!;
        tensor[to + 2] = c[picture[third + i]!]!;
      }
    };
  }
  return (picture, tensor, at) => {
    for (let i = 0, to = at; i < pixels; i += 1, to += 1) {
      tensor[to] = a[picture[first + i]!]!;
      tensor[to + pixels] = b[picture[pixels + i]!]!;
      tensor[to + 2 * pixels] = c[picture[third + i]!]!;
    }
  };
}
