import type { VideoInfo } from '../messages.ts';
import { allowedFile } from './address.ts';
import { MediaInput, type TimedPicture } from './media-input.ts';
import { Pacer } from './pacer.ts';
import { SourceError, type Source, type SourceContext, type SourceFrame } from './source.ts';

/** A file of any container and codec that libav reads, played at its own speed. */
export class FileSource implements Source {
  readonly #url: URL;
  readonly #context: SourceContext;
  readonly #pacer = new Pacer();
  #path = '';
  #reading: MediaInput | undefined;
  #ahead: TimedPicture | undefined;
  #stepMs = 40;
  #closed = false;

  constructor(url: URL, context: SourceContext) {
    this.#url = url;
    this.#context = context;
  }

  async open(): Promise<VideoInfo> {
    this.#path = await allowedFile(this.#url, this.#context.mediaRoots);
    this.#reading = await this.#openReading();
    this.#stepMs = 1000 / this.#reading.fps;
    this.#ahead = await nextOf(this.#reading);
    if (this.#ahead === undefined) {
      throw new SourceError('source-invalid', `No frame of ${this.#path} can be decoded: the file is damaged or cut off.`);
    }
    const { width, height } = this.#ahead.picture;
    return { codec: this.#reading.codec, width, height, fps: this.#reading.fps };
  }

  async next(): Promise<SourceFrame | undefined> {
    const one = this.#ahead ?? (await this.#read());
    this.#ahead = undefined;
    if (one === undefined) return undefined;
    try {
      const due = await this.#pacer.wait(one.mediaMs, this.#stepMs);
      return { id: this.#context.numberer.number(due), picture: one.picture };
    } catch (error) {
      one.picture.release();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pacer.close();
    this.#ahead?.picture.release();
    this.#ahead = undefined;
    await this.#reading?.close();
    this.#reading = undefined;
  }

  async #read(): Promise<TimedPicture | undefined> {
    const one = this.#reading === undefined ? undefined : await nextOf(this.#reading);
    if (one !== undefined || !this.#context.loop || this.#closed) return one;
    await this.#reading?.close();
    this.#reading = await this.#openReading();
    this.#pacer.cut();
    return nextOf(this.#reading);
  }

  async #openReading(): Promise<MediaInput> {
    const reading = await MediaInput.open({ address: this.#path, name: this.#path, protocols: ['file'] });
    if (!this.#closed) return reading;
    await reading.close();
    throw new SourceError('source-read', 'The source was closed while it was being opened.');
  }
}

async function nextOf(input: MediaInput): Promise<TimedPicture | undefined> {
  const { value, done } = await input.pictures().next();
  return done === true ? undefined : value;
}
