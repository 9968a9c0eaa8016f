import { EventEmitter, once } from 'node:events';
import { FrameAssembler } from '../../src/pipeline/rtp/frame-assembler.ts';
import { readRtpPacket } from '../../src/pipeline/rtp/packet.ts';
import { LowDelayDecoder } from '../../src/pipeline/source/publish/low-delay-decoder.ts';
import { OpusDecoder } from './opus-decoder.ts';
import type { RtpViewer } from './rtp-viewer.ts';

/** Samples without a tone before one counts as a beep: 0.2 s. */
const SILENCE = 9600;
const LOUD = 0.1;
const DARK = 60;
const BRIGHT = 150;

/** Which wall-clock time belongs to which RTP timestamp, as a sender report says. */
interface Report {
  readonly atMs: number;
  readonly rtp: number;
}

/** Looks at and listens to a clip of flashes and beeps, and places both in time as a receiver does: by RTP timestamps and sender reports. */
export class BeatMeter extends EventEmitter<{ beat: [] }> implements Disposable {
  readonly #flashes: number[] = [];
  readonly #beeps: number[] = [];
  readonly #reports = new Map<number, Report>();
  readonly #ssrcs: { video?: number; audio?: number } = {};
  readonly #video: LowDelayDecoder;
  readonly #audio: OpusDecoder;
  #decoding: Promise<void> = Promise.resolve();
  #dark = false;
  #silence = 0;

  private constructor(viewer: RtpViewer, video: LowDelayDecoder, audio: OpusDecoder) {
    super();
    this.#video = video;
    this.#audio = audio;
    const assembler = new FrameAssembler('H264', {
      frame: ({ data, timestamp }) => void (this.#decoding = this.#decoding.then(() => this.#look(data, timestamp))),
      needsKeyframe: () => undefined,
    });
    let [seen, heard] = [0, 0];
    const see = (): void => {
      for (const packet of viewer.packets.slice(seen)) {
        seen += 1;
        const parsed = readRtpPacket(packet)!;
        this.#ssrcs.video = parsed.ssrc;
        assembler.push(parsed, performance.now());
      }
    };
    const hear = (): void => {
      for (const packet of viewer.sound.slice(heard)) {
        heard += 1;
        const { ssrc, timestamp, payload } = readRtpPacket(packet)!;
        this.#ssrcs.audio = ssrc;
        this.#listen(payload, timestamp);
      }
    };
    viewer.on('packet', see).on('sound', hear).on('report', (packet) => this.#note(packet));
    see();
    hear();
  }

  static async open(viewer: RtpViewer): Promise<BeatMeter> {
    return new BeatMeter(viewer, await LowDelayDecoder.open('H264'), await OpusDecoder.open());
  }

  /**
   * Waits for so many beats.
   * @returns by how much each beep is later than its flash, in milliseconds, by the reports of then
   */
  async offsets(count: number): Promise<number[]> {
    for (;;) {
      const offsets = this.#pairs();
      if (offsets.length >= count) return offsets;
      await once(this, 'beat');
    }
  }

  [Symbol.dispose](): void {
    void this.#decoding.then(() => this.#video.close());
    this.#audio.close();
  }

  #pairs(): number[] {
    return this.#beeps.flatMap((beep) => {
      const flash = this.#flashes.toSorted((a, b) => Math.abs(a - beep) - Math.abs(b - beep))[0];
      return flash === undefined || Math.abs(flash - beep) > 500 ? [] : [beep - flash];
    });
  }

  async #look(data: Buffer, rtp: number): Promise<void> {
    for (const frame of await this.#video.decode(data, rtp)) {
      const luma = frame.data?.[0]?.[Math.floor(frame.height / 2) * (frame.linesize[0] ?? 0) + Math.floor(frame.width / 2)] ?? 0;
      frame.free();
      if (this.#dark && luma > BRIGHT) this.#beat(this.#flashes, this.#ssrcs.video, rtp, 90);
      if (luma < DARK) this.#dark = true;
      if (luma > BRIGHT) this.#dark = false;
    }
  }

  #listen(data: Buffer, rtp: number): void {
    for (const [i, sample] of this.#audio.decode(data).entries()) {
      if (Math.abs(sample) < LOUD) {
        this.#silence += 1;
        continue;
      }
      if (this.#silence > SILENCE) this.#beat(this.#beeps, this.#ssrcs.audio, (rtp + i) >>> 0, 48);
      this.#silence = 0;
    }
  }

  #beat(beats: number[], ssrc: number | undefined, rtp: number, ticksPerMs: number): void {
    const report = this.#reports.get(ssrc ?? 0);
    // Before the first report, nobody can tell when it was.
    if (report === undefined) return;
    beats.push(report.atMs + ((rtp - report.rtp) | 0) / ticksPerMs);
    this.emit('beat');
  }

  /** Sender reports of a compound packet (RFC 3550 §6.4.1). */
  #note(packet: Buffer): void {
    for (let at = 0; at + 8 <= packet.length; at += (packet.readUInt16BE(at + 2) + 1) * 4) {
      if (packet[at + 1] !== 200 || at + 20 > packet.length) continue;
      const atMs = packet.readUInt32BE(at + 8) * 1000 + (packet.readUInt32BE(at + 12) / 2 ** 32) * 1000;
      this.#reports.set(packet.readUInt32BE(at + 4), { atMs, rtp: packet.readUInt32BE(at + 16) });
    }
  }
}
