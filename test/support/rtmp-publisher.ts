import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

export interface RtmpPublisherOptions {
  /** Of the picture: `WIDTHxHEIGHT`. */
  readonly size?: string;
  /** Further options of the encoder, in the place of H.264 without B frames, a key frame every half second. */
  readonly video?: readonly string[];
  /** With a tone as AAC. */
  readonly sound?: boolean;
  /** Seconds after which it ends by itself. */
  readonly seconds?: number;
}

const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '12', '-threads', '1'];

/** An RTMP publisher that is not ours: Debian’s ffmpeg, with a moving picture. */
export class RtmpPublisher extends EventEmitter<{ said: [] }> implements AsyncDisposable {
  /** Its exit status, when it has ended; null after a signal. */
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcess;
  #said = '';

  constructor(address: string, { size = '320x240', video = H264, sound = true, seconds }: RtmpPublisherOptions = {}) {
    super();
    const tone = sound ? ['-re', '-f', 'lavfi', '-i', 'sine=frequency=440'] : [];
    const args = [
      ...['-hide_banner', '-loglevel', 'info', '-nostats', '-nostdin'],
      ...['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25`, ...tone],
      ...['-pix_fmt', 'yuv420p', ...video, ...(sound ? ['-c:a', 'aac'] : []), ...(seconds === undefined ? [] : ['-t', String(seconds)])],
      ...['-f', 'flv', address],
    ];
    this.#process = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process.stderr!.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString();
      this.emit('said');
    });
    this.ended = new Promise((resolve) => this.#process.once('close', (code) => resolve(code)));
  }

  /** What it has said so far. */
  get said(): string {
    return this.#said;
  }

  /** Resolves when the server has let it in. @throws Error with what it said where it ends first */
  async publishes(): Promise<this> {
    const refused = this.ended.then(() => {
      throw new Error(`The publisher ended: ${this.#said}`);
    });
    while (!this.#said.includes('Output #0')) await Promise.race([once(this, 'said'), refused]);
    refused.catch(() => undefined);
    return this;
  }

  /** Ends it without a word to the server. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.ended;
  }

  /** Ends it as a person does: it tells the server. */
  async stop(): Promise<void> {
    this.#process.kill('SIGINT');
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
