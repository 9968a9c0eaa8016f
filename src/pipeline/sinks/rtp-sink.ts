import type { Logger } from 'pino';
import { now } from '../../util/clock.ts';
import type { FrameId } from '../frame.ts';
import type { AccessUnit } from '../media/access-unit.ts';
import type { VideoCodec } from '../media/video-codec.ts';
import { RtpSender } from '../rtp/sender.ts';
import type { RtpTarget } from '../rtp/target.ts';
import { AccessUnitQueue, type QueueLimits } from './access-unit-queue.ts';
import type { Sink, SinkStats } from './sink.ts';

/** A large key frame takes a few milliseconds to send, so that only a process that hardly runs fills this. */
const LIMITS: QueueLimits = { units: 60, bytes: 32 << 20 };

export interface RtpSinkOptions {
  readonly codec: VideoCodec;
  readonly target: RtpTarget;
  /** uint16 */
  readonly firstSequence: number;
  /** Canonical name for reports: the stream and its variant. */
  readonly cname: string;
  readonly logger: Logger;
  /** A receiver, or the sink itself, can only go on with a key frame. */
  readonly onKeyframeRequest: () => void;
  /** The last packet of a frame was handed to the socket; `sentAt` in milliseconds since the epoch. */
  readonly onSent: (id: FrameId, sentAt: number) => void;
}

/** Sends a rendition to the SFU: packetises, paces, answers NACKs and reports (`RtpSender`). */
export class RtpSink implements Sink<AccessUnit> {
  readonly #sender: RtpSender;
  readonly #queue: AccessUnitQueue;

  private constructor(sender: RtpSender, { onKeyframeRequest, onSent }: RtpSinkOptions) {
    this.#sender = sender;
    this.#queue = new AccessUnitQueue(LIMITS, {
      deliver: async (unit) => {
        await sender.send(unit, unit.parts, unit.key);
        if (unit.id !== undefined) onSent(unit.id, now());
      },
      needsKeyframe: onKeyframeRequest,
    });
  }

  /** @throws Error where the socket can't be bound or connected */
  static async create(options: RtpSinkOptions): Promise<RtpSink> {
    const { codec, target, firstSequence, cname, logger, onKeyframeRequest } = options;
    return new RtpSink(await RtpSender.create({ media: codec, target, firstSequence, cname, logger, onKeyframeRequest }), options);
  }

  write(unit: AccessUnit): void {
    this.#queue.push(unit);
  }

  stats(): SinkStats {
    return { ...this.#queue.counts, sequence: this.#sender.sequence };
  }

  close(): void {
    this.#queue.close();
    this.#sender.close();
  }
}
