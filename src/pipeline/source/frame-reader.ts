import { AV_NOPTS_VALUE, AV_PKT_DATA_DISPLAYMATRIX, AV_PKT_FLAG_KEY } from 'node-av/constants';
import type { Packet, Stream } from 'node-av/lib';
import type { FrameId } from '../frame.ts';
import type { CodedQueue } from '../passthrough/packet-tap.ts';
import type { PassthroughSource } from '../passthrough/passthrough-source.ts';
import { ShapeWatch } from '../passthrough/shape-watch.ts';
import { ALWAYS, type PictureDemand } from '../picture-demand.ts';
import type { Picture } from '../picture.ts';
import { GopCache } from './gop-cache.ts';
import { orientationOf, PictureNormaliser } from './normaliser.ts';
import { isDamaged, PictureDecoder } from './picture-decoder.ts';
import { PresentationOrder } from './presentation-order.ts';
import type { SourceFrame } from './source.ts';

/** Milliseconds that decoding a kept group of pictures may take; past them, the next key frame is sooner there. */
const CATCH_UP_MS = 700;

export interface FrameReaderOptions {
  /** Nominal frames a second. */
  readonly fps: number;
  /** Every picture as soon as it can be had: no thread works ahead. */
  readonly lowDelay: boolean;
  /** Takes note of the packets; left out, nothing does. */
  readonly coded?: CodedQueue | undefined;
  /** Whether pictures are needed; left out, they always are. */
  readonly pictures?: Pick<PictureDemand, 'wanted'> | undefined;
}

/** Gives a frame its number, as it is about to be shown. */
type NumberFrame = (mediaMs: number | undefined) => FrameId;

/**
 * Makes frames of the packets of one video. They are decoded only while pictures are needed. The packets since the last key frame are
 * kept, so that decoding can begin at any time, with the very next frame.
 */
export class FrameReader {
  readonly #stream: Stream;
  readonly #options: FrameReaderOptions;
  readonly #pictures: Pick<PictureDemand, 'wanted'>;
  readonly #normaliser: PictureNormaliser;
  readonly #order = new PresentationOrder();
  readonly #gop = new GopCache();
  readonly #shape: ShapeWatch;
  #decoder: PictureDecoder | undefined;
  /** A picture of the present shape was made, so that what is not decoded is known well enough. */
  #seen = false;
  /** The decoder has given a picture since it was opened. */
  #synced = false;
  /** Decoding the kept group of pictures took too long: it begins with the next key frame. */
  #awaitsKey = false;
  #reading: AsyncGenerator<SourceFrame> | undefined;

  private constructor(stream: Stream, decoder: PictureDecoder, options: FrameReaderOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#pictures = options.pictures ?? ALWAYS;
    this.#decoder = decoder;
    this.#shape = new ShapeWatch(stream.codecpar.codecId);
    this.#normaliser = new PictureNormaliser(orientationOf(stream.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX)));
  }

  /** @throws Error where it can't be decoded here */
  static async open(stream: Stream, options: FrameReaderOptions): Promise<FrameReader> {
    return new FrameReader(stream, await PictureDecoder.open(stream, options.fps, options.lowDelay), options);
  }

  /**
   * Frames in presentation order; the first one has a picture. To be called once.
   * @param packets taken over; ends with null
   */
  read(packets: AsyncIterable<Packet | null>, number: NumberFrame): AsyncGenerator<SourceFrame> {
    return (this.#reading = this.#read(packets, number));
  }

  /**
   * The picture of the newest packet, where that was not decoded; not while a frame is being read.
   * @returns undefined where there is none, or the newest frame had its picture
   */
  async latest(): Promise<Picture | undefined> {
    if (this.#decoder !== undefined || this.#gop.packets.length === 0) return undefined;
    // They stay, whatever is read meanwhile.
    const packets = this.#gop.packets.flatMap((packet) => packet.clone() ?? []);
    const decoder = await PictureDecoder.open(this.#stream, this.#options.fps, true);
    const normaliser = new PictureNormaliser(orientationOf(this.#stream.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX)));
    let latest: Picture | undefined;
    try {
      for (const packet of [...packets, null]) {
        for (const frame of await decoder.decode(packet)) {
          if (isDamaged(frame)) {
            frame.free();
            continue;
          }
          for (const { picture } of await normaliser.normalise(frame)) {
            latest?.release();
            latest = picture;
          }
        }
      }
      return latest;
    } finally {
      for (const packet of packets) packet.free();
      normaliser.close();
      decoder.close();
    }
  }

  /** To be called once, after the packets have ended. */
  async close(): Promise<void> {
    await this.#reading?.return(undefined);
    this.#normaliser.close();
    this.#decoder?.close();
    this.#decoder = undefined;
    this.#gop.clear();
  }

  async *#read(packets: AsyncIterable<Packet | null>, number: NumberFrame): AsyncGenerator<SourceFrame> {
    for await (const packet of packets) {
      try {
        if (packet !== null) this.#note(packet);
        yield* this.#pictures.wanted || !this.#seen ? this.#decode(packet, number) : this.#passOver(packet, number);
      } finally {
        packet?.free();
      }
      if (packet === null) return;
    }
  }

  #note(packet: Packet): void {
    const { flags } = packet;
    if ((flags & AV_PKT_FLAG_KEY) !== 0 && this.#decoder === undefined && this.#shape.changed(packet)) this.#seen = false;
    this.#options.coded?.take(packet);
    const mediaMs = this.#mediaMs(packet.pts);
    this.#order.push({ mediaMs, pts: packet.pts }, this.#mediaMs(packet.dts));
    // What has no time can't be told from what was shown already.
    if (mediaMs === undefined) this.#gop.clear();
    else this.#gop.push(packet);
  }

  /** Frames without pictures. */
  *#passOver(packet: Packet | null, number: NumberFrame): Generator<SourceFrame> {
    this.#decoder?.close();
    this.#decoder = undefined;
    yield* this.#undecoded(packet, number);
  }

  *#undecoded(packet: Packet | null, number: NumberFrame): Generator<SourceFrame> {
    for (const { mediaMs, pts } of this.#order.take(packet === null)) {
      yield { id: number(mediaMs), picture: undefined, coded: this.#options.coded?.of(pts) };
    }
  }

  /** Frames with pictures. Until the decoder gives some, those of a source that was not decoded before have none. */
  async *#decode(packet: Packet | null, number: NumberFrame): AsyncGenerator<SourceFrame> {
    if (packet !== null && (packet.flags & AV_PKT_FLAG_KEY) !== 0) this.#awaitsKey = false;
    if (this.#awaitsKey) return yield* this.#undecoded(packet, number);
    const begins = this.#decoder === undefined;
    if (begins) {
      this.#decoder = await PictureDecoder.open(this.#stream, this.#options.fps, this.#options.lowDelay);
      this.#synced = false;
    }
    const kept = begins ? [...this.#gop.packets] : [];
    const until = performance.now() + CATCH_UP_MS;
    for (const one of kept.length > 0 && packet !== null ? kept : [...kept, packet]) {
      yield* this.#picturesOf(one, number);
      if (!begins || this.#synced || performance.now() < until) continue;
      this.#awaitsKey = true;
      this.#decoder?.close();
      this.#decoder = undefined;
      break;
    }
    if (!this.#synced && this.#seen) yield* this.#undecoded(packet, number);
  }

  async *#picturesOf(packet: Packet | null, number: NumberFrame): AsyncGenerator<SourceFrame> {
    const ready: { picture: Picture; mediaMs: number | undefined; coded: PassthroughSource | undefined }[] = [];
    try {
      for (const frame of await this.#decoder!.decode(packet)) {
        const { pts } = frame;
        if (isDamaged(frame)) {
          frame.free();
          // It is not sent either.
          this.#options.coded?.of(pts, true);
          continue;
        }
        for (const { picture, mediaMs, reshaped } of await this.#normaliser.normalise(frame)) {
          // It was shown without its picture, before decoding began.
          if (this.#order.wasShown(mediaMs) && !this.#synced) {
            picture.release();
            continue;
          }
          const coded = this.#options.coded?.of(pts);
          ready.push({ picture, mediaMs, coded: reshaped ? reshapedSource(coded) : coded });
        }
      }
      for (let one = ready.shift(); one !== undefined; one = ready.shift()) {
        const { picture, mediaMs, coded } = one;
        this.#seen = this.#synced = true;
        this.#order.shown(mediaMs);
        yield { id: number(mediaMs), picture, coded };
      }
    } finally {
      for (const { picture } of ready) picture.release();
    }
  }

  #mediaMs(ticks: bigint): number | undefined {
    const { num, den } = this.#stream.timeBase;
    return ticks === AV_NOPTS_VALUE || num <= 0 || den <= 0 ? undefined : (Number(ticks) * num * 1000) / den;
  }
}

/** A picture that was changed afterwards does not show what it was coded as. */
function reshapedSource(coded: PassthroughSource | undefined): PassthroughSource | undefined {
  return coded === undefined || 'obstacle' in coded ? coded : { obstacle: 'reshaped' };
}
