import { AV_FRAME_FLAG_CORRUPT, AV_NOPTS_VALUE, AV_PKT_DATA_NEW_EXTRADATA, AV_PKT_FLAG_CORRUPT } from 'node-av/constants';
import type { CodecParameters, Frame, Packet } from 'node-av/lib';
import type { Coded, CodedUnit, TranscodeReason } from './coded.ts';
import type { PacketReader } from './packet-reader.ts';
import { createReader } from './readers.ts';

/** Packets that may be with the decoder, and their bytes; it is far from holding as many. */
const MAX_PACKETS = 300;
const MAX_BYTES = 64 << 20;

/** What is needed of a stream's packets. */
export class PacketTap {
  readonly #wanted: () => boolean;
  #ordinal = 0;

  /** @param wanted whether anybody would send them; asked for each packet */
  constructor(wanted: () => boolean) {
    this.#wanted = wanted;
  }

  /** A source was opened, with this video. */
  open({ codecpar }: { readonly codecpar: Pick<CodecParameters, 'codecId' | 'extradata'> }): CodedQueue {
    // What comes from one opening does not go on with what came from another.
    this.#ordinal += 1;
    return new CodedQueue(createReader(codecpar), () => this.#ordinal++, this.#wanted);
  }
}

interface Entry {
  readonly pts: bigint;
  readonly bytes: number;
  readonly unit: CodedUnit | TranscodeReason;
}

/** Keeps the packets that a decoder is given until it gives the frames that they hold, and brings both together by their times. */
export class CodedQueue {
  readonly #source: ReturnType<typeof createReader>;
  readonly #nextOrdinal: () => number;
  readonly #wanted: () => boolean;
  readonly #entries: Entry[] = [];
  #bytes = 0;

  /** @param source undefined where its codec is never sent as it is */
  constructor(source: ReturnType<typeof createReader>, nextOrdinal: () => number, wanted: () => boolean) {
    this.#source = source;
    this.#nextOrdinal = nextOrdinal;
    this.#wanted = wanted;
  }

  /** Hands packets on, of each of which it takes note. */
  async *follow(packets: AsyncIterable<Packet | null>): AsyncGenerator<Packet | null> {
    for await (const packet of packets) {
      if (packet !== null && this.#source !== undefined) this.#take(packet, this.#source.reader);
      yield packet;
    }
  }

  /** What a frame was decoded from; to be asked once a frame, in the order in which the decoder gives them. */
  of({ pts, flags, decodeErrorFlags }: Pick<Frame, 'pts' | 'flags' | 'decodeErrorFlags'>): Coded {
    if (this.#source === undefined) return { obstacle: 'codec' };
    const index = this.#entries.findIndex((entry) => entry.pts === pts);
    // Its packet came before anybody wanted it, or can't be told from others.
    if (index < 0) return { obstacle: this.#entries.find(isObstacle)?.unit ?? 'awaiting-keyframe' };
    const ambiguous = this.#entries[index + 1]?.pts === pts;
    const taken = this.#entries.splice(0, index + 1);
    this.#bytes -= taken.reduce((sum, { bytes }) => sum + bytes, 0);
    const obstacle = taken.find(isObstacle)?.unit;
    if (obstacle !== undefined) return { obstacle };
    if (ambiguous) return { obstacle: 'timestamps' };
    if ((flags & AV_FRAME_FLAG_CORRUPT) !== 0 || decodeErrorFlags !== 0) return { obstacle: 'damaged' };
    const { codec } = this.#source;
    const units = taken.map(({ unit }) => unit as CodedUnit);
    // Every packet of the others shows a picture: one of which the decoder has made none is damaged.
    if (codec !== 'H264' && units.length > 1 && !units.at(-1)!.key) return { obstacle: 'damaged' };
    return { codec, units };
  }

  #take(packet: Packet, reader: PacketReader): void {
    const { data, pts, flags } = packet;
    const extradata = packet.getSideData(AV_PKT_DATA_NEW_EXTRADATA);
    if (extradata !== null && extradata.length > 0) reader.configure(Buffer.from(extradata));
    if (data === null || data.length === 0) return;
    if (!this.#wanted()) {
      this.#forget();
      return;
    }
    if (this.#entries.length >= MAX_PACKETS || this.#bytes > MAX_BYTES) this.#forget();
    // The packet's memory is libav's.
    const content = reader.read(Buffer.from(data));
    const obstacle = typeof content === 'string' ? content : (flags & AV_PKT_FLAG_CORRUPT) !== 0 ? 'damaged' : pts === AV_NOPTS_VALUE ? 'timestamps' : undefined;
    const unit = obstacle ?? { ordinal: this.#nextOrdinal(), ...(content as Exclude<typeof content, string>) };
    this.#entries.push({ pts, bytes: data.length, unit });
    this.#bytes += data.length;
  }

  #forget(): void {
    this.#entries.length = 0;
    this.#bytes = 0;
    // What comes next follows nothing.
    this.#nextOrdinal();
  }
}

function isObstacle(entry: Entry): entry is Entry & { unit: TranscodeReason } {
  return typeof entry.unit === 'string';
}
