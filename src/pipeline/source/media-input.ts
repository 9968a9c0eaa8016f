import { availableParallelism } from 'node:os';
import { Decoder } from 'node-av/api';
import { avGetCodecName, Dictionary, FormatContext, InputFormat, type Frame, type IOContext, type Packet, type Stream } from 'node-av/lib';
import { AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO, AV_CODEC_FLAG_OUTPUT_CORRUPT, AV_PKT_DATA_DISPLAYMATRIX, FF_THREAD_SLICE } from 'node-av/constants';
import { audioInfoOf, type SoundOutput } from '../audio/sound-output.ts';
import type { AudioInfo } from '../media/info.ts';
import type { Coded } from '../passthrough/coded.ts';
import type { CodedQueue, PacketTap } from '../passthrough/packet-tap.ts';
import { MAX_PIXELS } from './limits.ts';
import { orientationOf, PictureNormaliser, type Normalised } from './normaliser.ts';
import { isComplete } from './described-media.ts';
import { openFailure } from './open-failure.ts';
import { packetsOf } from './packets.ts';
import { SourceError } from './source.ts';

/** Frames a second of media that do not tell. */
const FALLBACK_FPS = 25;
/** Above this many pixels one core may not decode in real time: full HD. */
const MANY_PIXELS = 1920 * 1088;
/** Formats that are lists of other addresses. */
const PLAYLISTS = /(^|,)(hls|dash|concat|imf|applehttp)(,|$)/;

export interface TimedPicture extends Normalised {
  /** What it was decoded from, where somebody takes note of that. */
  readonly coded: Coded | undefined;
}

export interface InputOptions {
  /** What libav opens: an address or a path. */
  readonly address: string;
  /** What people are told it is; holds no credentials. */
  readonly name: string;
  /** libav's name of the container; left out, it is found by content. */
  readonly format?: string;
  /** Protocols that it and everything it leads to may use. */
  readonly protocols: readonly string[];
  /** Options of libav's container and protocol. */
  readonly options?: Readonly<Record<string, string | number>>;
  /** Read instead of the address, and left open. */
  readonly io?: IOContext;
  /** Lists of other addresses are followed. */
  readonly playlists?: boolean;
  /** It begins with a description of everything that comes, such as a session description. */
  readonly described?: boolean;
  /** Every picture as soon as it can be had: no thread works ahead. */
  readonly lowDelay?: boolean;
  /** Where its sound goes; left out, it is not read. */
  readonly sound?: SoundOutput | undefined;
  /** Takes note of the video's packets; left out, nobody does. */
  readonly tap?: PacketTap | undefined;
}

/** Media that libav has opened, with the decoder of its best video: what files, networks and devices share. */
export class MediaInput {
  readonly codec: string;
  readonly fps: number;
  /** Its best sound; undefined where it has none, or none that is read. */
  readonly audio: AudioInfo | undefined;
  readonly #format: FormatContext;
  readonly #stream: Stream;
  readonly #decoder: Decoder;
  readonly #normaliser: PictureNormaliser;
  readonly #coded: CodedQueue | undefined;
  readonly #sound: { readonly stream: Stream; readonly output: SoundOutput } | undefined;
  #pictures: AsyncGenerator<TimedPicture> | undefined;

  private constructor(format: FormatContext, stream: Stream, decoder: Decoder, { sound, tap }: Pick<InputOptions, 'sound' | 'tap'>) {
    this.#format = format;
    this.#stream = stream;
    this.#decoder = decoder;
    this.codec = codecName(stream);
    const heard = sound === undefined ? undefined : soundOf(format);
    this.audio = heard?.info;
    this.#sound = heard === undefined || sound === undefined ? undefined : { stream: heard.stream, output: sound };
    this.#sound?.output.begin(this.#sound.stream);
    this.#coded = tap?.open(stream);
    this.fps = frameRate(stream);
    this.#normaliser = new PictureNormaliser(orientationOf(stream.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX)));
  }

  /**
   * @param signal ends the wait for a network or a device
   * @throws SourceError
   */
  static async open(input: InputOptions, signal?: AbortSignal): Promise<MediaInput> {
    const format = new FormatContext();
    format.allocContext();
    if (input.io !== undefined) format.pb = input.io;
    const stop = (): void => format.interrupt();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    try {
      await openFormat(format, input);
      const stream = videoOf(format, input.name);
      return new MediaInput(format, stream, await openDecoder(stream, input), input);
    } catch (error) {
      await format.closeInput();
      if (signal?.aborted) throw new SourceError('source-read', 'The source was closed while it was being opened.', { cause: error });
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** The video's packets, each read when it is asked for, then null; those of the sound go where it goes. */
  packets(): AsyncGenerator<Packet | null> {
    const sound = this.#sound;
    return packetsOf(this.#format, this.#stream, sound === undefined ? undefined : { stream: sound.stream, take: (packet) => sound.output.push(packet) });
  }

  /**
   * Upright pictures in the pipeline's layout. To be called once.
   * @param packets where they come from; ends with null
   */
  pictures(packets: AsyncIterable<Packet | null> = this.packets()): AsyncGenerator<TimedPicture> {
    return (this.#pictures ??= this.#decode(this.#decoder.frames(this.#coded?.follow(packets) ?? packets)));
  }

  /** A picture has its place on the wall clock: the sound follows it. */
  placed({ mediaMs }: TimedPicture, capturedAt: number): void {
    if (mediaMs !== undefined) this.#sound?.output.place(mediaMs, capturedAt);
  }

  /** Ends a pending read, which then finds the end. */
  interrupt(): void {
    this.#format.interrupt();
  }

  /** To be called once, after all who read `packets` have been told to end. */
  async close(): Promise<void> {
    this.interrupt();
    await this.#pictures?.return(undefined);
    this.#normaliser.close();
    this.#decoder.close();
    await this.#sound?.output.end();
    await this.#format.closeInput();
  }

  async *#decode(frames: AsyncGenerator<Frame | null>): AsyncGenerator<TimedPicture> {
    const ready: TimedPicture[] = [];
    try {
      for await (const frame of frames) {
        if (frame === null) continue;
        const coded = this.#coded?.of(frame);
        for (const one of await this.#normaliser.normalise(frame)) ready.push({ ...one, coded: one.reshaped ? reshaped(coded) : coded });
        while (ready.length > 0) yield ready.shift()!;
      }
    } finally {
      for (const { picture } of ready) picture.release();
    }
  }
}

/** What a picture that was changed afterwards was decoded from is not what it shows. */
function reshaped(coded: Coded | undefined): Coded | undefined {
  return coded === undefined || 'obstacle' in coded ? coded : { obstacle: 'reshaped' };
}

async function openFormat(format: FormatContext, input: InputOptions): Promise<void> {
  const named = input.format === undefined ? null : InputFormat.findInputFormat(input.format);
  if (input.format !== undefined && named === null) {
    throw new SourceError('source-unsupported', `${input.name} can’t be read: this build of libav has no ${input.format}.`);
  }
  using options = Dictionary.fromObject({ protocol_whitelist: input.protocols.join(','), ...input.options });
  const opened = await format.openInput(input.address, named, options);
  if (opened < 0) throw openFailure(input.name, opened);
  const found = format.iformat?.name ?? '';
  if (input.playlists !== true && PLAYLISTS.test(found)) {
    throw new SourceError('source-unsupported', `${input.name} is a playlist (${found}), which is not followed here.`);
  }
  if (input.described === true && (await isComplete(format))) return;
  const looked = await format.findStreamInfo();
  if (looked < 0) throw openFailure(input.name, looked);
}

function videoOf(format: FormatContext, name: string): Stream {
  const index = format.findBestStream(AVMEDIA_TYPE_VIDEO);
  const stream = index < 0 ? undefined : format.streams?.[index];
  if (stream === undefined) throw new SourceError('source-no-video', `${name} holds no video.`);
  const { width, height } = stream.codecpar;
  if (width * height > MAX_PIXELS) {
    throw new SourceError('source-unsupported', `${name} has pictures of ${width}×${height}; up to ${MAX_PIXELS} pixels are taken.`);
  }
  return stream;
}

function soundOf(format: FormatContext): { stream: Stream; info: AudioInfo } | undefined {
  const index = format.findBestStream(AVMEDIA_TYPE_AUDIO);
  const stream = index < 0 ? undefined : format.streams?.[index];
  const info = stream === undefined ? undefined : audioInfoOf(stream);
  return stream === undefined || info === undefined ? undefined : { stream, info };
}

async function openDecoder(stream: Stream, { name, lowDelay = false }: InputOptions): Promise<Decoder> {
  const { width, height } = stream.codecpar;
  return Decoder.create(stream, {
    exitOnError: false,
    context: { threadCount: width * height > MANY_PIXELS ? availableParallelism() : 1, ...(lowDelay ? { threadType: FF_THREAD_SLICE } : {}) },
    options: { max_pixels: String(MAX_PIXELS) },
    configure: (context) => context.setFlags(AV_CODEC_FLAG_OUTPUT_CORRUPT),
  }).catch((cause: unknown) => {
    throw new SourceError('source-unsupported', `The video of ${name} (${codecName(stream)}) can’t be decoded here.`, { cause });
  });
}

function codecName(stream: Stream): string {
  return avGetCodecName(stream.codecpar.codecId) ?? 'unknown';
}

function frameRate(stream: Stream): number {
  for (const { num, den } of [stream.avgFrameRate, stream.codecpar.frameRate, stream.rFrameRate]) {
    const fps = den > 0 ? num / den : 0;
    if (fps >= 1 && fps <= 240) return Math.round(fps * 1000) / 1000;
  }
  return FALLBACK_FPS;
}
