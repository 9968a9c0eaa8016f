import type { Variant, StreamStats } from '../pipeline/messages.ts';

/** Packets that may have left unseen after the last report, at least. */
const MARGIN = 500;

/** RFC 3711 §3.3.1: a receiver takes a step of less than half the range for a step ahead. Well below. */
const MOST = 16_000;

/** What is sent on its own. */
type Track = Variant | 'audio';

/**
 * Where the RTP sequence numbers of each variant and of the sound stand, so that a new process goes on behind the old one: numbers never run backwards
 * for a receiver, whose SRTP would take them for replays.
 */
export class SequenceKeeper {
  readonly #last = new Map<Track, { sequence: number; step: number }>();

  /** Takes note of a report; they come once a second. */
  note({ variants, audio }: Pick<StreamStats, 'variants' | 'audio'>): void {
    for (const track of ['annotated', 'clean', 'audio'] as const) {
      const sequence = (track === 'audio' ? audio : variants[track])?.sequence;
      if (sequence === undefined) continue;
      const before = this.#last.get(track);
      this.#last.set(track, { sequence, step: before === undefined ? 0 : (sequence - before.sequence) & 0xffff });
    }
  }

  /** The first number for a process that goes on: behind everything that the one before can have sent. */
  next(track: Track): number {
    const last = this.#last.get(track);
    if (last === undefined) {
      this.#last.set(track, { sequence: 0, step: 0 });
      return 0;
    }
    const first = (last.sequence + Math.min(MOST, MARGIN + 2 * last.step)) & 0xffff;
    // A process that ends before its first report must not be followed by one with the same numbers.
    this.#last.set(track, { ...last, sequence: first });
    return first;
  }
}
