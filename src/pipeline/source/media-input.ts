import { avGetCodecName, Dictionary, FormatContext, InputFormat, type IOContext, type Packet, type Stream } from 'node-av/lib';
import { AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { audioInfoOf, type AudioTrack } from '../audio/audio-track.ts';
import type { FrameId } from '../frame.ts';
import type { AudioInfo } from '../media/info.ts';
import type { PacketTap } from '../passthrough/packet-tap.ts';
import type { Picture } from '../picture.ts';
import { FrameReader } from './frame-reader.ts';
import { MAX_PIXELS } from './limits.ts';
import { isComplete } from './described-media.ts';
import { openFailure } from './open-failure.ts';
import { packetsOf } from './packets.ts';
import { SourceError, type SourceContext, type SourceFrame } from './source.ts';

/** Frames a second of media that do not tell. */
const FALLBACK_FPS = 25;
/** Formats that are lists of other addresses. */
const PLAYLISTS = /(^|,)(hls|dash|concat|imf|applehttp)(,|$)/;

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
  readonly sound?: AudioTrack | undefined;
  /** Takes note of the video's packets; left out, nothing does. */
  readonly tap?: PacketTap | undefined;
  /** As {@link SourceContext.pictures}. */
  readonly pictures?: SourceContext['pictures'];
}

/** Gives a frame its number, as it is about to be shown. @param mediaMs its presentation time on the source's clock, in milliseconds */
export type NumberFrame = (mediaMs: number | undefined) => FrameId;

/** Media that libav has opened: what files, networks and devices share. */
export class MediaInput {
  readonly codec: string;
  readonly fps: number;
  /** Its best sound; undefined where it has none, or none that is read. */
  readonly audio: AudioInfo | undefined;
  readonly #format: FormatContext;
  readonly #stream: Stream;
  readonly #frames: FrameReader;
  readonly #sound: { readonly stream: Stream; readonly track: AudioTrack } | undefined;

  private constructor(format: FormatContext, stream: Stream, frames: FrameReader, sound: AudioTrack | undefined) {
    this.#format = format;
    this.#stream = stream;
    this.#frames = frames;
    this.codec = codecName(stream);
    this.fps = frameRate(stream);
    const heard = sound === undefined ? undefined : soundOf(format);
    this.audio = heard?.info;
    this.#sound = heard === undefined || sound === undefined ? undefined : { stream: heard.stream, track: sound };
    this.#sound?.track.begin(this.#sound.stream);
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
      return new MediaInput(format, stream, await openFrames(stream, input), input.sound);
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
    return packetsOf(this.#format, this.#stream, sound === undefined ? undefined : { stream: sound.stream, take: (packet) => sound.track.push(packet) });
  }

  /**
   * Numbered frames in presentation order. To be called once.
   * @param number gives each its number
   * @param packets where they come from; ends with null
   */
  frames(number: NumberFrame, packets: AsyncIterable<Packet | null> = this.packets()): AsyncGenerator<SourceFrame> {
    const placed = (mediaMs: number | undefined): FrameId => {
      const id = number(mediaMs);
      // The sound follows the picture's place on the wall clock.
      if (mediaMs !== undefined) this.#sound?.track.place(mediaMs, id.capturedAt);
      return id;
    };
    return this.#frames.read(packets, placed);
  }

  /** As {@link Source.latest}. */
  latest(): Promise<Picture | undefined> {
    return this.#frames.latest();
  }

  /** Ends a pending read, which then finds the end. */
  interrupt(): void {
    this.#format.interrupt();
  }

  /** To be called once, after all who read `packets` have been told to end. */
  async close(): Promise<void> {
    this.interrupt();
    await this.#frames.close();
    await this.#sound?.track.end();
    await this.#format.closeInput();
  }
}

/** @throws SourceError where its video can't be decoded here */
function openFrames(stream: Stream, { name, lowDelay = false, tap, pictures }: InputOptions): Promise<FrameReader> {
  const options = { fps: frameRate(stream), lowDelay, coded: tap?.open(stream), pictures };
  return FrameReader.open(stream, options).catch((cause: unknown) => {
    throw new SourceError('source-unsupported', `The video of ${name} (${codecName(stream)}) can’t be decoded here.`, { cause });
  });
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
