import { createDepacketizer } from './depacketize/create-depacketizer.ts';
import type { CodedFrame, Depacketizer } from './depacketize/depacketizer.ts';
import type { RtpPacket } from './packet.ts';
import { PacketOrder } from './packet-order.ts';
import type { VideoCodec } from '../media/video-codec.ts';

/** Bytes of the largest frame; a sender that never ends one would fill the memory. */
const MAX_FRAME = 16 * 1024 * 1024;

/** A whole frame and its RTP timestamp (uint32). */
export interface AssembledFrame extends CodedFrame {
  readonly timestamp: number;
}

interface FrameAssemblerEvents {
  readonly frame: (frame: AssembledFrame) => void;
  /** Frames that can't be decoded are left out until a key frame comes. */
  readonly needsKeyframe: () => void;
}

/** Makes frames of the packets of one RTP stream. It gives frames that can be decoded: the first is a key frame, and so is the first after a loss. */
export class FrameAssembler {
  readonly #events: FrameAssemblerEvents;
  readonly #order = new PacketOrder();
  readonly #depacketizer: Depacketizer;
  #timestamp: number | undefined;
  /** Bytes of the frame so far. */
  #size = 0;
  #waitsForKey = true;
  #broken = false;

  constructor(codec: VideoCodec, events: FrameAssemblerEvents) {
    this.#depacketizer = createDepacketizer(codec);
    this.#events = events;
  }

  /** @param at milliseconds, on any clock that never steps back */
  push(packet: RtpPacket, at: number): void {
    for (const { packet: next, afterLoss } of this.#order.push(packet, at)) {
      if (afterLoss) this.#lose();
      this.#add(next);
    }
  }

  /** Sequence numbers of packets that are waited for, in their order. */
  get missing(): number[] {
    return this.#order.missing();
  }

  /** The decoder has lost its way: the next frame is a key frame. */
  restart(): void {
    this.#waitsForKey = true;
    this.#events.needsKeyframe();
  }

  /** What is missing may be the end of one frame and the beginning of the next. */
  #lose(): void {
    this.#depacketizer.take();
    this.#timestamp = undefined;
    this.#size = 0;
    this.#broken = true;
    this.#waitsForKey = true;
  }

  #add({ timestamp, marker, payload }: RtpPacket): void {
    if (this.#timestamp !== undefined && this.#timestamp !== timestamp) this.#finish();
    if (payload.length > 0) {
      this.#timestamp = timestamp;
      this.#size += payload.length;
      if (this.#size > MAX_FRAME) return this.#lose();
      this.#depacketizer.push(payload);
    }
    if (marker) this.#finish();
  }

  #finish(): void {
    const timestamp = this.#timestamp;
    this.#timestamp = undefined;
    this.#size = 0;
    if (timestamp === undefined) return;
    const frame = this.#depacketizer.take();
    // What is left of a frame may look whole.
    const whole = this.#broken ? undefined : frame;
    this.#broken = false;
    if (whole === undefined) this.#waitsForKey = true;
    if (this.#waitsForKey && whole?.key !== true) {
      this.#events.needsKeyframe();
      return;
    }
    this.#waitsForKey = false;
    this.#events.frame({ ...whole!, timestamp });
  }
}
