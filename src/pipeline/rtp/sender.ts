import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { MediaTime } from '../frame.ts';
import { MEDIA, Packetizer, payloadLength, type Media } from './packetize/packetizer.ts';
import { parseFeedback, senderReport } from './rtcp.ts';
import { SHARES_PORTS, type RtpTarget } from './target.ts';
import { now } from '../../util/clock.ts';

/** Packets kept for retransmission: some seconds of a usual stream. */
const HISTORY = 2048;
/**
 * Packets of a frame that are sent in one go, and then every millisecond. Linux's default receive buffer (212 KB, bookkeeping included)
 * holds about 90 packets of this size: a large IDR frame sent at once would lose what a busy receiver has not fetched.
 */
const BURST = 64;
const CHUNK = 24;
/** Milliseconds between sender reports. */
const REPORT_INTERVAL_MS = 1000;
/** Milliseconds between two lines of the log about packets that could not be sent. */
const COMPLAINT_INTERVAL_MS = 1000;

export interface RtpSenderOptions {
  /** Left out, it is H.264. */
  readonly media?: Media;
  readonly target: RtpTarget;
  /** uint16 */
  readonly firstSequence: number;
  /** Canonical name for reports: the stream and its variant. */
  readonly cname: string;
  readonly logger: Logger;
  /** Only of video. */
  readonly onKeyframeRequest?: () => void;
}

/** Sends one variant, or the sound, as RTP over a loopback socket that it shares with RTCP, answers NACKs and hears requests for key frames. */
export class RtpSender {
  readonly #options: RtpSenderOptions;
  readonly #socket: Socket;
  readonly #packetizer: Packetizer;
  readonly #ticksPerMs: number;
  readonly #history: (Buffer | undefined)[] = new Array<Buffer | undefined>(HISTORY);
  #reports: NodeJS.Timeout | undefined;
  /** The newest frame: where its timeline stands on the wall clock. */
  #newest: MediaTime | undefined;
  #packets = 0;
  #octets = 0;
  #payloadOctets = 0;
  #unsent = 0;
  #complainedAt = 0;
  #closed = false;

  private constructor(options: RtpSenderOptions, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    const { media = 'H264', target, firstSequence } = options;
    this.#packetizer = new Packetizer(media, target, firstSequence);
    this.#ticksPerMs = MEDIA[media].ticksPerMs;
    socket.on('message', (packet) => this.#hear(packet));
    // A worker that died refuses packets until its stream gets a new target: nothing to do but to go on.
    socket.on('error', (error) => this.#complain(error));
  }

  /** @throws Error where the socket can't be bound or connected */
  static async create(options: RtpSenderOptions): Promise<RtpSender> {
    // The SFU keeps the port; packets go to the socket that is connected, which is this one.
    const socket = createSocket({ type: 'udp4', reusePort: SHARES_PORTS && options.target.sourcePort !== undefined });
    try {
      socket.bind(options.target.sourcePort ?? 0, options.target.host);
      await once(socket, 'listening');
      socket.connect(options.target.port, options.target.host);
      await once(socket, 'connect');
    } catch (error) {
      socket.close();
      throw error;
    }
    return new RtpSender(options, socket);
  }

  get target(): RtpTarget {
    return this.#options.target;
  }

  /** Sequence number of the last packet sent. */
  get sequence(): number {
    return (this.#packetizer.nextSequence - 1) & 0xffff;
  }

  /** Bytes of RTP sent so far, headers included. */
  get octets(): number {
    return this.#octets;
  }

  /**
   * Resolves when the frame's last packet has been handed to the socket. Frames are sent one after the other by the caller.
   * @param parts of one frame, as its codec has them: NAL units; one VP8 or VP9 frame; OBUs without sizes; of sound the one Opus packet
   * @param key a decoder can begin with it; only of video
   */
  async send(id: MediaTime, parts: readonly Buffer[], key = false): Promise<void> {
    this.#newest = id;
    const packets = this.#packetizer.packetize(id, parts, key);
    for (const [i, packet] of packets.entries()) {
      if (i >= BURST && (i - BURST) % CHUNK === 0) await sleep(1);
      if (this.#closed) return;
      this.#history[packet.readUInt16BE(2) % HISTORY] = packet;
      this.#packets += 1;
      this.#octets += packet.length;
      this.#payloadOctets += payloadLength(packet);
      this.#put(packet);
    }
    if (!this.#closed) this.#reports ??= this.#startReports();
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#reports);
    this.#socket.close();
  }

  #startReports(): NodeJS.Timeout {
    const report = (): void => {
      const { target, cname } = this.#options;
      const at = now();
      const { rtp, capturedAt } = this.#newest!;
      const timestamp = (rtp + Math.round((at - capturedAt) * this.#ticksPerMs)) >>> 0;
      this.#put(senderReport({ ssrc: target.ssrc, packets: this.#packets, octets: this.#payloadOctets, cname }, at, timestamp));
    };
    report();
    return setInterval(report, REPORT_INTERVAL_MS);
  }

  #hear(packet: Buffer): void {
    const { keyframe, lost } = parseFeedback(packet, this.#options.target.ssrc);
    if (keyframe) this.#options.onKeyframeRequest?.();
    for (const sequence of lost) {
      const kept = this.#history[sequence % HISTORY];
      if (kept?.readUInt16BE(2) === sequence) this.#put(kept);
    }
  }

  #put(packet: Buffer): void {
    if (this.#closed) return;
    this.#socket.send(packet, (error) => {
      if (error !== null) this.#complain(error);
    });
  }

  #complain(error: Error): void {
    this.#unsent += 1;
    const at = now();
    if (this.#closed || at - this.#complainedAt < COMPLAINT_INTERVAL_MS) return;
    this.#complainedAt = at;
    this.#options.logger.debug({ err: error, packets: this.#unsent }, 'RTP could not be sent');
    this.#unsent = 0;
  }
}
