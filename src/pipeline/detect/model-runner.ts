import { basename } from 'node:path';
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { DetectError } from './detect-error.ts';
import type { OutputTensor } from './families/decoder.ts';
import { inputPacker, type InputPacker } from './input-tensor.ts';
import type { ModelManifest } from './manifest.ts';
import { firstLine, loadSession, type LoadedSession, type SessionOptions } from './onnx-runtime.ts';
import { readOutputs, type Question, type SeenObject } from './read-outputs.ts';
import type { ResolvedModel } from './spec.ts';

/** One picture in the model's input size (planes of red, green and blue, 8 bit) and what is asked of it. */
export interface InputFrame extends Question {
  readonly picture: Uint8Array;
}

/** The input of transformers that asks for the size in which boxes are wanted. */
export const TARGET_SIZES = 'orig_target_sizes';

/** A loaded model: pictures in, detections out. Its calls must not overlap. */
export class ModelRunner {
  readonly provider: string;
  readonly skipped: LoadedSession['skipped'];
  readonly #manifest: ModelManifest;
  readonly #session: InferenceSession;
  readonly #pack: InputPacker;
  readonly #pictureInput: string;
  readonly #wantsSizes: boolean;
  #batches: boolean;
  #tensor = new Float32Array(0);

  private constructor({ session, provider, skipped }: LoadedSession, { file, manifest }: ResolvedModel) {
    const input = pictureInput(session.inputMetadata, manifest, basename(file));
    this.provider = provider;
    this.skipped = skipped;
    this.#manifest = manifest;
    this.#session = session;
    this.#pack = inputPacker(manifest.input);
    this.#pictureInput = input.name;
    this.#batches = typeof input.shape[0] === 'string';
    this.#wantsSizes = session.inputNames.includes(TARGET_SIZES);
  }

  /** @throws DetectError where the file can't be loaded or its input is not what the manifest says */
  static async load(model: ResolvedModel, options: SessionOptions): Promise<ModelRunner> {
    return new ModelRunner(await loadSession(model.file, options), model);
  }

  /** Whether several frames can be run at once. */
  get batches(): boolean {
    return this.#batches;
  }

  /**
   * @param frames more than one only where the model `batches`
   * @throws DetectError where the model fails on the frames or its outputs are not those of its family
   */
  async run(frames: readonly InputFrame[]): Promise<SeenObject[][]> {
    if (frames.length > 1) {
      try {
        return await this.#runTogether(frames);
      } catch (error) {
        if (error instanceof DetectError && error.code === 'model-mismatch') throw error;
        // There are models that declare a dynamic batch and have the number one built in.
        this.#batches = false;
      }
    }
    const results: SeenObject[][] = [];
    for (const frame of frames) results.push(...(await this.#runTogether([frame])));
    return results;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  async #runTogether(frames: readonly InputFrame[]): Promise<SeenObject[][]> {
    const outputs = await this.#infer(frames);
    return frames.map((frame, index) => readOutputs(outputs.map((output) => ofFrame(output, index, frames.length)), this.#manifest, frame));
  }

  async #infer(frames: readonly InputFrame[]): Promise<[string, Tensor][]> {
    const { width, height, layout } = this.#manifest.input;
    const size = width * height * 3;
    if (this.#tensor.length < size * frames.length) this.#tensor = new Float32Array(size * frames.length);
    frames.forEach(({ picture }, index) => this.#pack(picture, this.#tensor, index * size));
    const values = this.#tensor.subarray(0, size * frames.length);
    const dims = layout === 'nchw' ? [frames.length, 3, height, width] : [frames.length, height, width, 3];
    const feeds: Record<string, Tensor> = { [this.#pictureInput]: new Tensor('float32', values, dims) };
    if (this.#wantsSizes) feeds[TARGET_SIZES] = new Tensor('int64', new BigInt64Array(2 * frames.length).fill(1n), [frames.length, 2]);
    try {
      const results = await this.#session.run(feeds);
      return this.#session.outputNames.map((name) => [name, results[name] as Tensor]);
    } catch (cause) {
      throw new DetectError('run-failed', `${this.#manifest.name} failed on a frame: ${firstLine(cause)}`, { cause });
    }
  }
}

/** The part of a batch's output that belongs to one frame. */
function ofFrame([name, tensor]: [string, Tensor], index: number, frames: number): OutputTensor {
  const data = tensor.data as Float32Array | BigInt64Array;
  if (frames > 1 && tensor.dims[0] !== frames) {
    throw new DetectError('run-failed', `The output ${name} of a batch of ${frames} frames has ${tensor.dims[0]} parts`);
  }
  const size = data.length / frames;
  return { name, dims: tensor.dims.slice(1), data: frames === 1 ? data : data.subarray(index * size, (index + 1) * size) };
}

type PictureInput = InferenceSession.TensorValueMetadata;

function pictureInput(inputs: readonly InferenceSession.ValueMetadata[], { input }: ModelManifest, file: string): PictureInput {
  const pictures = inputs.filter((one): one is PictureInput => one.isTensor && one.shape.length === 4);
  const [picture] = pictures;
  const strange = inputs.filter((one) => one !== picture && one.name !== TARGET_SIZES).map(({ name }) => name);
  if (picture === undefined || strange.length > 0) {
    const seen = inputs.map(({ name }) => name).join(', ');
    throw new DetectError('model-unsupported', `${file} has the inputs ${seen}; a detector takes one picture (and at most ${TARGET_SIZES})`);
  }
  if (picture.type !== 'float32') {
    throw new DetectError('model-unsupported', `${file} takes ${picture.type} pictures; export it with float32 inputs`);
  }
  const wanted = input.layout === 'nchw' ? [3, input.height, input.width] : [input.height, input.width, 3];
  const given = picture.shape.slice(1);
  const batch = picture.shape[0];
  if ((typeof batch === 'number' && batch !== 1) || given.some((size, i) => typeof size === 'number' && size !== wanted[i])) {
    throw new DetectError(
      'model-mismatch',
      `${file} takes [${picture.shape.join(', ')}], but its manifest says [1, ${wanted.join(', ')}] (input.width, input.height, input.layout)`,
    );
  }
  return picture;
}
