import { setTimeout as sleep } from 'node:timers/promises';
import type { VideoInfo } from '../media/info.ts';
import type { Picture } from '../picture.ts';
import { publicAddress } from './address.ts';
import { httpGet, type HttpAnswer, type HttpWays } from './http-request.ts';
import { JpegCutter } from './jpeg-cutter.ts';
import { JpegDecoder } from './jpeg-decoder.ts';
import { SourceError, type Source, type SourceContext, type SourceFrame } from './source.ts';
import { now } from '../../util/clock.ts';

/** Longest picture that is fetched, in bytes. */
const MAX_BYTES = 64 << 20;
/** Pictures in a row that can't be decoded until the source is taken for broken. */
const MAX_BAD = 30;

/** How many pictures another one came before. */
interface Overtaken {
  count: number;
}

/** A JPEG as it came, with the time of its last byte. */
interface Arrived {
  readonly jpeg: Buffer;
  readonly arrival: number;
}

/** Pictures that come as JPEG over HTTP: pushed as `multipart/x-mixed-replace`, or polled. The newest wins. */
export class JpegSource implements Source {
  readonly #name: string;
  readonly #context: SourceContext;
  readonly #pictures: AsyncGenerator<Arrived>;
  readonly #abort: AbortController;
  readonly #fps: number;
  readonly #overtaken: Overtaken;
  #decoder: JpegDecoder | undefined;
  #ahead: SourceFrame | undefined;
  #reading: Promise<SourceFrame> | undefined;
  /** A picture was made, so that what is not decoded is known well enough. */
  #seen = false;
  /** The newest JPEG, where it was not decoded. */
  #newest: Buffer | undefined;

  private constructor(name: string, context: SourceContext, abort: AbortController, pictures: AsyncGenerator<Arrived>, fps: number, overtaken: Overtaken = { count: 0 }) {
    this.#name = name;
    this.#context = context;
    this.#abort = abort;
    this.#pictures = pictures;
    this.#fps = fps;
    this.#overtaken = overtaken;
  }

  /** @param answer to the first request, whose body is read on */
  static pushed(answer: HttpAnswer, context: SourceContext): JpegSource {
    const abort = new AbortController();
    const overtaken = { count: 0 };
    return new JpegSource(publicAddress(answer.url), context, abort, pushed(answer, abort.signal, overtaken), 25, overtaken);
  }

  /** @param fps how often the address is asked */
  static polled(url: URL, fps: number, ways: HttpWays, context: SourceContext): JpegSource {
    const abort = new AbortController();
    return new JpegSource(publicAddress(url), context, abort, polled(url, fps, ways, abort.signal), fps);
  }

  get dropped(): number {
    return this.#overtaken.count;
  }

  async open(signal: AbortSignal): Promise<VideoInfo> {
    const stop = (): void => this.#abort.abort();
    signal.addEventListener('abort', stop, { once: true });
    try {
      this.#decoder = await JpegDecoder.create();
      this.#ahead = await (this.#reading = this.#read());
    } finally {
      signal.removeEventListener('abort', stop);
    }
    const { width, height } = this.#ahead.picture!;
    return { codec: 'mjpeg', width, height, fps: this.#fps };
  }

  async next(): Promise<SourceFrame | undefined> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    return ahead ?? (await (this.#reading = this.#read()));
  }

  async latest(): Promise<Picture | undefined> {
    return this.#newest === undefined ? undefined : this.#decoder?.decode(this.#newest);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#reading?.catch(() => undefined);
    await this.#pictures.return(undefined);
    this.#ahead?.picture?.release();
    this.#ahead = undefined;
    this.#decoder?.close();
    this.#decoder = undefined;
  }

  async #read(): Promise<SourceFrame> {
    for (let bad = 0; bad < MAX_BAD; bad++) {
      const { value, done } = await this.#pictures.next();
      if (done === true || this.#decoder === undefined) throw new SourceError('source-read', `${this.#name} has ended or broken off.`);
      this.#newest = value.jpeg;
      if (this.#seen && this.#context.pictures?.wanted === false) return { id: this.#context.numberer.number(value.arrival), picture: undefined };
      const picture = await this.#decoder.decode(value.jpeg);
      this.#newest = undefined;
      this.#seen ||= picture !== undefined;
      if (picture !== undefined) return { id: this.#context.numberer.number(value.arrival), picture };
    }
    throw new SourceError('source-unsupported', `${this.#name} sends pictures that can’t be decoded.`);
  }
}

/** The pictures of a body that does not end. What came while one was decoded is dropped up to the newest. */
async function* pushed({ body, url }: HttpAnswer, signal: AbortSignal, overtaken: Overtaken): AsyncGenerator<Arrived> {
  const cutter = new JpegCutter();
  let newest: Arrived | undefined;
  let ended = false;
  let wake = (): void => undefined;
  body.on('data', (chunk: Buffer) => {
    const jpegs = cutter.push(chunk);
    const jpeg = jpegs.at(-1);
    if (jpeg === undefined) return;
    overtaken.count += jpegs.length - (newest === undefined ? 1 : 0);
    newest = { jpeg, arrival: now() };
    wake();
  });
  const end = (): void => {
    ended = true;
    wake();
  };
  body.once('close', end).once('error', end);
  const stop = (): void => void body.destroy();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    for (;;) {
      const taken: Arrived | undefined = newest;
      newest = undefined;
      if (taken !== undefined) yield taken;
      else if (ended) throw new SourceError('source-read', `${publicAddress(url)} has broken off.`);
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal.removeEventListener('abort', stop);
    body.destroy();
  }
}

/** Asks again and again, never twice at a time. */
async function* polled(url: URL, fps: number, ways: HttpWays, signal: AbortSignal): AsyncGenerator<Arrived> {
  for (let due = now(); ; due = Math.max(due + 1000 / fps, now())) {
    const wait = due - now();
    if (wait > 0) await sleep(wait, undefined, { signal });
    const { body } = await httpGet(url, ways, signal);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw new SourceError('source-unsupported', `${publicAddress(url)} sends a picture of more than ${MAX_BYTES} bytes.`);
    }
    yield { jpeg: Buffer.concat(chunks), arrival: now() };
  }
}
