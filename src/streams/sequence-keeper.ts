import type { StreamStats } from '../pipeline/ipc/stats.ts';
import { renditionKey, type Rendition } from '../pipeline/media/info.ts';

/** Packets that may have left unseen after the last report, at least. */
const MARGIN = 500;

/** RFC 3711 §3.3.1: a receiver takes a step of less than half the range for a step ahead. Well below. */
const MOST = 16_000;

/** What is sent on its own. */
export type Track = Rendition | 'audio';

/**
 * Where the RTP sequence numbers of each rendition and of the sound stand, so that a new process goes on behind the old one: numbers never run backwards
 * for a receiver, whose SRTP would take them for replays.
 */
export class SequenceKeeper {
  readonly #last = new Map<string, { sequence: number; step: number }>();

  /** Takes note of a report; they come once a second. */
  note({ renditions, audio }: Pick<StreamStats, 'renditions' | 'audio'>): void {
    for (const rendition of renditions) this.#note(rendition, rendition.sequence);
    if (audio !== undefined) this.#note('audio', audio.sequence);
  }

  /** The first number for a process that goes on: behind everything that the one before can have sent. */
  next(track: Track): number {
    const key = keyOf(track);
    const last = this.#last.get(key);
    if (last === undefined) {
      this.#last.set(key, { sequence: 0, step: 0 });
      return 0;
    }
    const first = (last.sequence + Math.min(MOST, MARGIN + 2 * last.step)) & 0xffff;
    // A process that ends before its first report must not be followed by one with the same numbers.
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
