import { availableParallelism } from 'node:os';
import { Decoder, Demuxer } from 'node-av/api';
import { avGetCodecName, FFmpegError, type Frame, type Stream } from 'node-av/lib';
import { AVMEDIA_TYPE_VIDEO, AV_CODEC_FLAG_OUTPUT_CORRUPT, AV_PKT_DATA_DISPLAYMATRIX } from 'node-av/constants';
import type { VideoInfo } from '../messages.ts';
import { allowedFile } from './address.ts';
import { orientationOf, PictureNormaliser } from './normaliser.ts';
import { Pacer } from './pacer.ts';
import { packetsOf } from './packets.ts';
import { SourceError, type Source, type SourceContext, type SourceFrame } from './source.ts';

/** Frames a second of a file that does not tell. */
const FALLBACK_FPS = 25;
/** Pictures with more pixels than this are refused: 8192 × 8192. */
const MAX_PIXELS = 2 ** 26;
/** Above this many pixels one core may not decode in real time: full HD. */
const MANY_PIXELS = 1920 * 1088;
/** Formats that are lists of other addresses, which a file must not lead to. */
const PLAYLISTS = /(^|,)(hls|dash|concat|imf|applehttp)(,|$)/;

type TimedPicture = Awaited<ReturnType<PictureNormaliser['normalise']>>[number];

/** A file of any container and codec that libav reads, played at its own speed. */
export class FileSource implements Source {
  readonly #url: URL;
  readonly #context: SourceContext;
  readonly #pacer = new Pacer();
  #path = '';
  #reading: Reading | undefined;
  #ahead: TimedPicture | undefined;
  #stepMs = 1000 / FALLBACK_FPS;
  #closed = false;

  constructor(url: URL, context: SourceContext) {
    this.#url = url;
    this.#context = context;
  }

  async open(): Promise<VideoInfo> {
    this.#path = await allowedFile(this.#url, this.#context.mediaRoots);
    this.#reading = await this.#openReading();
    this.#stepMs = 1000 / this.#reading.fps;
    this.#ahead = await this.#reading.next();
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
    const one = await this.#reading?.next();
    if (one !== undefined || !this.#context.loop || this.#closed) return one;
    await this.#reading?.close();
    this.#reading = await this.#openReading();
    this.#pacer.cut();
    return this.#reading.next();
  }

  async #openReading(): Promise<Reading> {
    const reading = await Reading.open(this.#path);
    if (!this.#closed) return reading;
    await reading.close();
    throw new SourceError('source-read', 'The source was closed while it was being opened.');
  }
}

/** One pass through a file. */
class Reading {
  readonly codec: string;
  readonly fps: number;
  readonly #demuxer: Demuxer;
  readonly #decoder: Decoder;
  readonly #frames: AsyncGenerator<Frame | null>;
  readonly #normaliser: PictureNormaliser;
  #ready: TimedPicture[] = [];

  private constructor(demuxer: Demuxer, decoder: Decoder, stream: Stream) {
    this.#demuxer = demuxer;
    this.#decoder = decoder;
    this.codec = avGetCodecName(stream.codecpar.codecId) ?? 'unknown';
    this.fps = frameRate(stream);
    this.#frames = decoder.frames(packetsOf(demuxer, stream.index));
    this.#normaliser = new PictureNormaliser(orientationOf(stream.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX)));
  }

  static async open(path: string): Promise<Reading> {
    const demuxer = await Demuxer.open(path, { options: { protocol_whitelist: 'file' } }).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
    try {
      if (PLAYLISTS.test(demuxer.formatName)) {
        throw new SourceError('source-unsupported', `${path} is a playlist (${demuxer.formatName}), which a file source does not follow.`);
      }
      const stream = demuxer.findBestStream(AVMEDIA_TYPE_VIDEO);
      if (stream === undefined) throw new SourceError('source-no-video', `${path} holds no video.`);
      const { width, height } = stream.codecpar;
      if (width * height > MAX_PIXELS) {
        throw new SourceError('source-unsupported', `${path} has pictures of ${width}×${height}; up to ${MAX_PIXELS} pixels are taken.`);
      }
      const decoder = await Decoder.create(stream, {
        exitOnError: false,
        context: { threadCount: width * height > MANY_PIXELS ? availableParallelism() : 1 },
        configure: (context) => context.setFlags(AV_CODEC_FLAG_OUTPUT_CORRUPT),
      }).catch((cause: unknown) => {
        const codec = avGetCodecName(stream.codecpar.codecId) ?? 'unknown';
        throw new SourceError('source-unsupported', `The video of ${path} (${codec}) can’t be decoded here.`, { cause });
      });
      return new Reading(demuxer, decoder, stream);
    } catch (error) {
      await demuxer.close();
      throw error;
    }
  }

  async next(): Promise<TimedPicture | undefined> {
    for (;;) {
      const ready = this.#ready.shift();
      if (ready !== undefined) return ready;
      const { value: frame, done } = await this.#frames.next();
      if (done === true) return undefined;
      if (frame !== null) this.#ready = await this.#normaliser.normalise(frame);
    }
  }

  async close(): Promise<void> {
    for (const { picture } of this.#ready.splice(0)) picture.release();
    this.#demuxer.interrupt();
    await this.#frames.return(undefined);
    this.#normaliser.close();
    this.#decoder.close();
    await this.#demuxer.close();
  }
}

function unreadable(path: string, cause: unknown): SourceError {
  const reason = cause instanceof FFmpegError ? cause.message : cause instanceof Error ? cause.message : String(cause);
  return new SourceError('source-invalid', `${path} is not media that can be read: ${reason.replace(/^Failed to open input: /, '')}.`, { cause });
}

function frameRate(stream: Stream): number {
  for (const { num, den } of [stream.avgFrameRate, stream.rFrameRate]) {
    const fps = den > 0 ? num / den : 0;
    if (fps >= 1 && fps <= 240) return Math.round(fps * 1000) / 1000;
  }
  return FALLBACK_FPS;
}

