import type { StreamStats } from '../pipeline/ipc/stats.ts';

/** Packets that may have left unseen after the last report, at least. */
const MARGIN = 500;

/** RFC 3711 §3.3.1: a receiver takes a step of less than half the range for a step ahead. Well below. */
const MOST = 16_000;

/**
 * Where the RTP sequence numbers of each output stand, so that a new process goes on behind the old one: numbers never run backwards for a
 * receiver, whose SRTP would take them for replays.
 */
export class SequenceKeeper {
  readonly #last = new Map<number, { sequence: number; step: number }>();

  /** Takes note of a report; they come once a second. */
  note({ outputs }: Pick<StreamStats, 'outputs'>): void {
    for (const { id, sequence } of outputs) {
      const before = this.#last.get(id);
      if (sequence !== undefined && before !== undefined) this.#last.set(id, { sequence, step: (sequence - before.sequence) & 0xffff });
    }
  }

  /** The first number for a process that makes an output: behind everything that the one before can have sent. */
  next(id: number): number {
    const last = this.#last.get(id);
    if (last === undefined) {
      this.#last.set(id, { sequence: 0, step: 0 });
      return 0;
    }
    const first = (last.sequence + Math.min(MOST, MARGIN + 2 * last.step)) & 0xffff;
    // A process that ends before its first report must not be followed by one with the same numbers.
    this.#last.set(id, { ...last, sequence: first });
    return first;
  }

  /** An output was closed for good. */
  forget(id: number): void {
    this.#last.delete(id);
  }
}
