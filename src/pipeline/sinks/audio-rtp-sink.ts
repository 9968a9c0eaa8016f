import type { Logger } from 'pino';
import type { AudioPacket } from '../media/audio-packet.ts';
import { opusTimestamp } from '../rtp/opus-clock.ts';
import { RtpSender } from '../rtp/sender.ts';
import type { RtpTarget } from '../rtp/target.ts';
import type { Sink, SinkStats } from './sink.ts';

export interface AudioRtpSinkOptions {
  readonly target: RtpTarget;
  /** uint16 */
  readonly firstSequence: number;
  /** Canonical name for reports: the stream and its sound. */
  readonly cname: string;
  readonly logger: Logger;
}

/** Sends the sound to the SFU. A packet of Opus is one of RTP, which is handed to the socket at once: nothing waits here. */
export class AudioRtpSink implements Sink<AudioPacket> {
  readonly #sender: RtpSender;
  #written = 0;

  private constructor(sender: RtpSender) {
    this.#sender = sender;
  }

  /** @throws Error where the socket can't be bound or connected */
  static async create({ target, firstSequence, cname, logger }: AudioRtpSinkOptions): Promise<AudioRtpSink> {
    return new AudioRtpSink(await RtpSender.create({ media: 'opus', target, firstSequence, cname, logger }));
  }

  write({ capturedAt, data }: AudioPacket): void {
    this.#written += 1;
    void this.#sender.send({ rtp: opusTimestamp(capturedAt), capturedAt }, [data]);
  }

  stats(): SinkStats {
    return { written: this.#written, dropped: 0, sequence: this.#sender.sequence };
  }

  close(): void {
    this.#sender.close();
  }
}
