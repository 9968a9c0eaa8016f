import type { AudioInfo, VideoInfo } from '../media/info.ts';
import type { Picture } from '../picture.ts';
import { MediaInput, type InputOptions } from './media-input.ts';
import { Pacer } from './pacer.ts';
import { SourceError, type Source, type SourceContext, type SourceFrame } from './source.ts';

/** Whatever has an end, played at its own speed: one file or several in their order, from a disk or the network. */
export class PacedSource implements Source {
  readonly #context: SourceContext;
  readonly #list: (signal: AbortSignal) => Promise<readonly InputOptions[]>;
  readonly #release: (() => Promise<void>) | undefined;
  readonly #pacer = new Pacer();
  readonly #abort = new AbortController();
  #inputs: readonly InputOptions[] = [];
  #index = 0;
  #input: MediaInput | undefined;
  #frames: AsyncGenerator<SourceFrame> | undefined;
  #ahead: SourceFrame | undefined;
  #stepMs = 40;

  /**
   * @param list what is played, in this order; asked once; @throws SourceError
   * @param release gives back what listing took; called once
   */
  constructor(context: SourceContext, list: (signal: AbortSignal) => Promise<readonly InputOptions[]>, release?: () => Promise<void>) {
    this.#context = context;
    this.#list = list;
    this.#release = release;
  }

  async open(signal: AbortSignal): Promise<VideoInfo> {
    this.#inputs = await this.#list(signal);
    this.#ahead = await this.#first(AbortSignal.any([signal, this.#abort.signal]));
    const { width, height } = this.#ahead.picture!;
    const { codec, fps } = this.#input!;
    return { codec, width, height, fps };
  }

  get audio(): AudioInfo | undefined {
    return this.#input?.audio;
  }

  async next(): Promise<SourceFrame | undefined> {
    const frame = this.#ahead ?? (await this.#read());
    this.#ahead = undefined;
    if (frame === undefined) return undefined;
    try {
      await this.#pacer.until(frame.id.capturedAt);
      return frame;
    } catch (error) {
      frame.picture?.release();
      throw error;
    }
  }

  async latest(): Promise<Picture | undefined> {
    return this.#input?.latest();
  }

  async close(): Promise<void> {
    const again = this.#abort.signal.aborted;
    this.#abort.abort();
    this.#pacer.close();
    this.#ahead?.picture?.release();
    this.#ahead = undefined;
    await this.#closeInput();
    if (!again) await this.#release?.();
  }

  async #read(): Promise<SourceFrame | undefined> {
    const one = await this.#nextFrame();
    if (one !== undefined || this.#abort.signal.aborted) return one;
    this.#index += 1;
    if (this.#index >= this.#inputs.length) {
      if (!this.#context.loop) return undefined;
      this.#index = 0;
    }
    await this.#closeInput();
    this.#pacer.cut();
    return this.#first(this.#abort.signal);
  }

  /** The first picture of what is to be played now; of several, those that can't be played are passed over. */
  async #first(signal: AbortSignal): Promise<SourceFrame> {
    for (let tried = 1; ; tried++) {
      try {
        return await this.#start(this.#inputs[this.#index]!, signal);
      } catch (error) {
        await this.#closeInput();
        if (signal.aborted || tried >= this.#inputs.length) throw error;
        this.#index = (this.#index + 1) % this.#inputs.length;
      }
    }
  }

  async #start(options: InputOptions, signal: AbortSignal): Promise<SourceFrame> {
    const { sound, tap, pictures, numberer } = this.#context;
    const input = await MediaInput.open({ ...options, sound, tap, pictures }, signal);
    this.#input = input;
    this.#stepMs = 1000 / input.fps;
    this.#frames = input.frames((mediaMs) => numberer.number(this.#pacer.due(mediaMs, this.#stepMs)));
    const first = signal.aborted ? undefined : await this.#nextFrame();
    if (first !== undefined) return first;
    throw new SourceError('source-invalid', `No frame of ${options.name} can be decoded: the file is damaged or cut off.`);
  }

  async #closeInput(): Promise<void> {
    const input = this.#input;
    this.#input = this.#frames = undefined;
    await input?.close();
  }

  async #nextFrame(): Promise<SourceFrame | undefined> {
    const next = await this.#frames?.next();
    return next === undefined || next.done === true ? undefined : next.value;
  }
}
