import type { StreamStats } from '../pipeline/ipc/stats.ts';
import { renditionKey, type Rendition } from '../pipeline/media/info.ts';

/** Least number of packets that may have been sent after the last report. */
const MARGIN = 500;

/** Largest step: receivers take a step of less than half the range for a step ahead (RFC 3711 §3.3.1); this is well below. */
const MOST = 16_000;

/** What has its own RTP sequence numbers. */
export type Track = Rendition | 'audio';

/**
 * Keeps the RTP sequence numbers of each rendition and of the audio, so that a new process continues after the old one. Numbers must never go back: SRTP
 * would take the packets for replays.
 */
export class SequenceKeeper {
  readonly #last = new Map<string, { sequence: number; step: number }>();

  /** Notes a report; they come once a second. */
  note({ renditions, audio }: Pick<StreamStats, 'renditions' | 'audio'>): void {
    for (const rendition of renditions) this.#note(rendition, rendition.sequence);
    if (audio !== undefined) this.#note('audio', audio.sequence);
  }

  /** The first number of a new process: after everything that the previous one can have sent. */
  next(track: Track): number {
    const key = keyOf(track);
    const last = this.#last.get(key);
    if (last === undefined) {
      this.#last.set(key, { sequence: 0, step: 0 });
      return 0;
    }
    const first = (last.sequence + Math.min(MOST, MARGIN + 2 * last.step)) & 0xffff;
    // Otherwise a process that exits before its first report would be followed by one with the same numbers.
    this.#last.set(key, { ...last, sequence: first });
    return first;
  }

  #note(track: Track, sequence: number): void {
    const key = keyOf(track);
    const before = this.#last.get(key);
    this.#last.set(key, { sequence, step: before === undefined ? 0 : (sequence - before.sequence) & 0xffff });
  }
}

function keyOf(track: Track): string {
  return track === 'audio' ? track : renditionKey(track);
}
