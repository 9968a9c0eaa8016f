import { AV_NOPTS_VALUE, AV_PKT_DATA_NEW_EXTRADATA, AV_PKT_FLAG_CORRUPT } from 'node-av/constants';
import type { CodecParameters, Packet } from 'node-av/lib';
import type { PacketReader } from './packet-reader.ts';
import type { PassthroughSource, SourceUnit } from './passthrough-source.ts';
import { createReader } from './readers.ts';
import type { TranscodeReason } from './transcode-reason.ts';

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
  readonly unit: SourceUnit | TranscodeReason;
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

  /** Takes note of a packet, which stays the caller's; packets come in decoding order. */
  take(packet: Packet): void {
    if (this.#source !== undefined) this.#take(packet, this.#source.reader);
  }

  /**
   * What a frame was coded as; to be asked once a frame, in presentation order.
   * @param pts of its packet
   * @param damaged the decoder found it so
   */
  of(pts: bigint, damaged = false): PassthroughSource {
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
    if (damaged) return { obstacle: 'damaged' };
    const { codec } = this.#source;
    const units = taken.map(({ unit }) => unit as SourceUnit);
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
