import { rtpDistance, type FrameId, type MediaTime } from '../frame.ts';
import { KeyframeBudget } from '../encode/keyframe-budget.ts';
import type { VideoCodec } from '../media/video-codec.ts';
import type { AccessUnit } from '../media/access-unit.ts';
import type { PassthroughSource, SourceUnit } from './passthrough-source.ts';
import type { TranscodeReason } from './transcode-reason.ts';

/** A key frame of the source that is due within so many milliseconds is waited for. */
const PATIENCE_MS = 400;
/** By how many milliseconds it may be late. */
const SLACK_MS = 100;
/** Longest time between key frames with which a source is sent as it is: recorders and those who seek need them, too. */
const MAX_GOP_MS = 10_000;

/**
 * Decides for each frame whether the source's own packets are sent, or the frame is encoded. It goes from one to the other only at key
 * frames: to the source's packets with a key frame of the source, to the encoder at any frame, of which the encoder then makes one.
 *
 * The source can't be asked for a key frame. So whoever needs one before its next is served by the encoder, until that comes.
 */
export class PassthroughSwitch {
  readonly #codec: VideoCodec;
  readonly #budget: KeyframeBudget;
  #reason: TranscodeReason | undefined = 'awaiting-keyframe';
  /** Ordinal of the unit that goes on from what was sent last. */
  #next = -1;
  /** What was sent last of the source's. */
  #last: MediaTime = { rtp: 0, capturedAt: 0 };
  /** Of the source's last key frame, whether or not it was sent: milliseconds since the epoch. */
  #keyAt: number | undefined;
  #gopMs: number | undefined;
  #asked = false;

  /**
   * @param codec of what is sent
   * @param budget of key frames that the encoder makes because one was asked for
   */
  constructor(codec: VideoCodec, budget = new KeyframeBudget()) {
    this.#codec = codec;
    this.#budget = budget;
  }

  /** Why the last frame was encoded; undefined where it was not. */
  get reason(): TranscodeReason | undefined {
    return this.#reason;
  }

  /** Somebody can't decode. */
  requestKeyframe(): void {
    this.#asked = true;
  }

  /** Receivers are others, who have seen nothing. */
  restart(): void {
    this.#reason = 'awaiting-keyframe';
  }

  /**
   * To be asked once for each frame, in their order.
   * @returns what to send, in this order, the frame itself last; undefined where it must be encoded: as a key frame, if the frame before was not encoded
   */
  decide(id: FrameId, coded: PassthroughSource): readonly AccessUnit[] | undefined {
    if ('obstacle' in coded || coded.codec !== this.#codec) {
      // Key frames may have come meanwhile.
      this.#keyAt = this.#gopMs = undefined;
      return this.#encode('obstacle' in coded ? coded.obstacle : 'codec');
    }
    const own = coded.units.at(-1)!;
    const key = coded.units.findLast((unit) => unit.key);
    if (key !== undefined) this.#measure((key.id ?? id).capturedAt);
    if (this.#overlong(id.capturedAt)) return this.#encode('long-gop');
    // Nothing before a key frame is needed after it.
    const units = own.key ? [own] : coded.units;
    const timed = own.key || this.#continues(units, id.capturedAt) ? this.#timed(units, id) : undefined;
    if (timed === undefined) {
      const broken = this.#reason === 'damaged' || (this.#reason === undefined && !this.#asked);
      return this.#encode(broken ? 'damaged' : 'awaiting-keyframe');
    }
    this.#reason = undefined;
    this.#next = own.ordinal + 1;
    this.#last = id;
    if (key !== undefined) this.#asked = false;
    return timed;
  }

  #encode(reason: TranscodeReason): undefined {
    this.#reason = reason;
    this.#asked = false;
    return undefined;
  }

  #measure(at: number): void {
    this.#gopMs = this.#keyAt === undefined ? undefined : at - this.#keyAt;
    this.#keyAt = at;
  }

  /** Whether key frames of the source come too seldom, or the next one should have come. */
  #overlong(at: number): boolean {
    return (this.#gopMs ?? 0) > MAX_GOP_MS || (this.#keyAt !== undefined && at - this.#keyAt > MAX_GOP_MS);
  }

  #continues(units: readonly SourceUnit[], at: number): boolean {
    if (this.#reason !== undefined || units[0]!.ordinal !== this.#next) return false;
    if (!this.#asked || !this.#urgent(at) || !this.#budget.allows(at)) return true;
    this.#budget.spend(at);
    return false;
  }

  /** Whether a receiver that needs a key frame can't wait for the source's next one. */
  #urgent(at: number): boolean {
    const passed = at - (this.#keyAt ?? at);
    const left = this.#gopMs === undefined ? Infinity : this.#gopMs - passed;
    return left > PATIENCE_MS || left < -SLACK_MS;
  }

  /** Pictures that were never shown get times between their neighbours'. Undefined where times do not grow. */
  #timed(units: readonly SourceUnit[], id: FrameId): AccessUnit[] | undefined {
    const times: (MediaTime | undefined)[] = [this.#reason === undefined ? this.#last : undefined, ...units.slice(0, -1).map((unit) => unit.id), id];
    const known = times.flatMap((time, index) => (time === undefined ? [] : [{ ...time, index }]));
    const timed: AccessUnit[] = [];
    for (const [i, unit] of units.entries()) {
      const { parts, key } = unit;
      const after = known.find(({ index }) => index >= i + 1)!;
      const before = known.findLast(({ index }) => index <= i);
      const at = before === undefined ? after : between(before, after, i + 1);
      if (before !== undefined && rtpDistance(after.rtp, before.rtp) < after.index - before.index) return undefined;
      timed.push({ codec: this.#codec, parts, key, id: i === units.length - 1 ? id : unit.id, rtp: at.rtp, capturedAt: at.capturedAt });
    }
    return timed;
  }
}

type Placed = MediaTime & { readonly index: number };

function between(before: Placed, after: Placed, index: number): MediaTime {
  const share = (index - before.index) / (after.index - before.index);
  return {
    rtp: (before.rtp + Math.round(rtpDistance(after.rtp, before.rtp) * share)) >>> 0,
    capturedAt: before.capturedAt + (after.capturedAt - before.capturedAt) * share,
  };
}
