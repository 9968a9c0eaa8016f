import { setTimeout as sleep } from 'node:timers/promises';
import { avGetCodecName, type Packet, type Stream } from 'node-av/lib';
import type { Logger } from 'pino';
import type { AudioStats } from '../ipc/stats.ts';
import type { AudioInfo } from '../media/info.ts';
import type { AudioPacket } from '../media/audio-packet.ts';
import type { Sink } from '../sinks/sink.ts';
import { OpusTranscoder } from './opus-transcoder.ts';
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

/** The sound of a source while the source is open. */
interface OpenedSound {
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
 * The sound of a stream, as Opus for any number of sinks, and made only while there is one. It never holds up video: packets wait here,
 * in a bounded number, until their time has come by the clock on which the video is placed.
 */
export class AudioTrack {
  readonly #logger: Logger;
  readonly #sinks = new Set<Sink<AudioPacket>>();
  #track: OpenedSound | undefined;
  #counters = { packets: 0, dropped: 0 };
  /** Time of the newest packet that was given. */
  #newest = 0;
  #bytes = 0;
  #before = { bytes: 0, at: now() };

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** A sink takes part from the next packet on. */
  add(sink: Sink<AudioPacket>): void {
    this.#sinks.add(sink);
  }

  /** The sink takes no more packets; it is closed by its owner. */
  remove(sink: Sink<AudioPacket>): void {
    this.#sinks.delete(sink);
    if (this.#sinks.size === 0 && this.#track !== undefined) clear(this.#track);
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
    if (track === undefined || this.#sinks.size === 0) return packet.free();
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

  /** Undefined while it has no sink; its `bitrate` is that since the last call. */
  stats(): AudioStats | undefined {
    if (this.#sinks.size === 0) return undefined;
    const { bytes, at } = this.#before;
    this.#before = { bytes: this.#bytes, at: now() };
    const seconds = Math.max(0.001, (this.#before.at - at) / 1000);
    return { ...this.#counters, bitrate: Math.round(((this.#bytes - bytes) * 8) / seconds) };
  }

  /** Begins with the first packet for a sink and ends with the last; what can't be decoded is left alone. */
  #work(track: OpenedSound): void {
    track.wake?.();
    if (track.working !== undefined || track.broken || track.offsetMs === undefined || track.waiting.length === 0) return;
    track.working = this.#transcode(track)
      .catch((error: unknown) => {
        if (track.abort.signal.aborted) return;
        track.broken = true;
        this.#logger.warn({ err: error }, 'the sound of the source can’t be sent');
      })
      .finally(() => (track.working = undefined));
  }

  async #transcode(track: OpenedSound): Promise<void> {
    const { waiting, abort } = track;
    const chain = await OpusTranscoder.open(track.stream);
    try {
      while (!abort.signal.aborted && this.#sinks.size > 0) {
        const packet = waiting.shift();
        if (packet === undefined) {
          await new Promise<void>((resolve) => (track.wake = resolve));
          continue;
        }
        try {
          for (const opus of await chain.process(packet, track.offsetMs!)) await this.#give(opus, abort.signal);
        } finally {
          packet.free();
        }
      }
    } finally {
      chain.close();
    }
  }

  /** @throws AbortError when the source closes */
  async #give(packet: AudioPacket, signal: AbortSignal): Promise<void> {
    const { capturedAt, data } = packet;
    // A receiver takes what steps back for late.
    if (capturedAt <= this.#newest) return;
    this.#newest = capturedAt;
    const early = capturedAt - now();
    if (early > EARLY_MS) await sleep(early, undefined, { signal });
    for (const sink of this.#sinks) sink.write(packet);
    this.#counters.packets += 1;
    this.#bytes += data.length;
  }
}

function clear(track: OpenedSound): void {
  for (const packet of track.waiting.splice(0)) packet.free();
  track.wake?.();
}
