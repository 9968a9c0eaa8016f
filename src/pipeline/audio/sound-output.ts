import { setTimeout as sleep } from 'node:timers/promises';
import { avGetCodecName, type Packet, type Stream } from 'node-av/lib';
import type { Logger } from 'pino';
import type { AudioStats } from '../ipc/stats.ts';
import type { AudioInfo } from '../media/info.ts';
import { opusTimestamp } from '../rtp/opus-clock.ts';
import { RtpSender } from '../rtp/sender.ts';
import type { RtpTarget } from '../rtp/target.ts';
import { SoundChain, type TimedOpus } from './sound-chain.ts';
import { now } from '../../util/clock.ts';

/** Packets that may wait for their time: some ten seconds of what files hold. Beyond, the oldest goes. */
const MAX_WAITING = 500;
/** Milliseconds by which sound may be ahead of its time without a wait. */
const EARLY_MS = 5;

/** What is known about the sound of an opened source. */
export function audioInfoOf({ codecpar }: Stream): AudioInfo | undefined {
  const { codecId, sampleRate, channels } = codecpar;
  if (sampleRate <= 0 || channels <= 0) return undefined;
  return { codec: avGetCodecName(codecId) ?? 'unknown', sampleRate, channels };
}

/** A source's sound while the source is open. */
interface Track {
  readonly stream: Stream;
  readonly waiting: Packet[];
  readonly abort: AbortController;
  /** From the source's clock to the wall clock, as its video is placed; undefined before the first frame. */
  offsetMs: number | undefined;
  working: Promise<void> | undefined;
  /** It can't be decoded or encoded. */
  broken: boolean;
  /** Tells the worker that something has changed. */
  wake: (() => void) | undefined;
}

/**
 * The sound of a stream on its way out: Opus over RTP, made only while somebody listens. It never holds up video: packets wait here, in
 * a bounded number, until their time has come by the clock on which the video is placed.
 */
export class SoundOutput {
  readonly #stream: string;
  readonly #logger: Logger;
  #track: Track | undefined;
  #sender: RtpSender | undefined;
  /** Commands are carried out one after the other. */
  #switching: Promise<void> = Promise.resolve();
  #counters = { packets: 0, dropped: 0 };
  /** Time of the newest packet that was sent. */
  #newest = 0;
  #before = { octets: 0, at: now() };
  #closed = false;

  constructor(stream: string, logger: Logger) {
    this.#stream = stream;
    this.#logger = logger;
  }

  /** Sends to this target from now on. @throws Error where the socket can't be bound */
  start(target: RtpTarget, firstSequence: number): Promise<void> {
    return this.#switch(async () => {
      // The new sender may be bound to the port of the old one.
      this.#sender?.close();
      this.#sender = undefined;
      if (this.#closed) return;
      this.#sender = await RtpSender.create({ media: 'opus', target, firstSequence, cname: `${this.#stream}/audio`, logger: this.#logger });
      this.#before = { octets: 0, at: now() };
    });
  }

  /** Nobody listens any more. */
  stop(): Promise<void> {
    return this.#switch(async () => {
      this.#sender?.close();
      this.#sender = undefined;
      if (this.#track !== undefined) clear(this.#track);
    });
  }

  /** A source with this sound is open. Its container must not be closed before {@link end} has resolved. */
  begin(stream: Stream): void {
    this.#track = { stream, waiting: [], abort: new AbortController(), offsetMs: undefined, working: undefined, broken: false, wake: undefined };
  }

  /** The source has placed a frame of its video. */
  place(mediaMs: number, capturedAt: number): void {
    if (this.#track === undefined) return;
    const first = this.#track.offsetMs === undefined;
    this.#track.offsetMs = capturedAt - mediaMs;
    if (first) this.#work(this.#track);
  }

  /** Takes over a packet of the sound. */
  push(packet: Packet): void {
    const track = this.#track;
    if (track === undefined || this.#sender === undefined) return packet.free();
    track.waiting.push(packet);
    if (track.waiting.length > MAX_WAITING) {
      track.waiting.shift()?.free();
      this.#counters.dropped += 1;
    }
    this.#work(track);
  }

  /** The source closes. Resolves when nothing of it is in use. */
  async end(): Promise<void> {
    const track = this.#track;
    this.#track = undefined;
    if (track === undefined) return;
    track.abort.abort();
    track.wake?.();
    await track.working;
    clear(track);
  }

  /** Undefined while nobody listens; its `bitrate` is that since the last call. */
  stats(): AudioStats | undefined {
    const sender = this.#sender;
    if (sender === undefined) return undefined;
    const { octets, at } = this.#before;
    this.#before = { octets: sender.octets, at: now() };
    const seconds = Math.max(0.001, (this.#before.at - at) / 1000);
    return { ...this.#counters, bitrate: Math.max(0, Math.round(((sender.octets - octets) * 8) / seconds)), sequence: sender.sequence };
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.end();
    await this.stop();
  }

  #switch(work: () => Promise<void>): Promise<void> {
    this.#switching = this.#switching.then(work, work);
    return this.#switching;
  }

  /** Begins with the first packet that somebody listens to and ends with the last; what can't be decoded is left alone. */
  #work(track: Track): void {
    track.wake?.();
    if (track.working !== undefined || track.broken || track.offsetMs === undefined || track.waiting.length === 0) return;
    track.working = this.#sendAll(track)
      .catch((error: unknown) => {
        if (track.abort.signal.aborted) return;
        track.broken = true;
        this.#logger.warn({ err: error }, 'the sound of the source can’t be sent');
      })
      .finally(() => (track.working = undefined));
  }

  async #sendAll(track: Track): Promise<void> {
    const { waiting, abort } = track;
    const chain = await SoundChain.open(track.stream);
    try {
      while (!abort.signal.aborted && this.#sender !== undefined) {
        const packet = waiting.shift();
        if (packet === undefined) {
          await new Promise<void>((resolve) => (track.wake = resolve));
          continue;
        }
        try {
          for (const opus of await chain.process(packet, track.offsetMs!)) await this.#send(opus, abort.signal);
        } finally {
          packet.free();
        }
      }
    } finally {
      chain.close();
    }
  }

  /** @throws AbortError when the source closes */
  async #send({ capturedAt, data }: TimedOpus, signal: AbortSignal): Promise<void> {
    // A receiver takes what steps back for late.
    if (capturedAt <= this.#newest) return;
    this.#newest = capturedAt;
    const early = capturedAt - now();
    if (early > EARLY_MS) await sleep(early, undefined, { signal });
    await this.#sender?.send({ rtp: opusTimestamp(capturedAt), capturedAt }, [data]);
    this.#counters.packets += 1;
  }
}

function clear(track: Track): void {
  for (const packet of track.waiting.splice(0)) packet.free();
  track.wake?.();
}
