import type { Variant, StreamStats } from '../pipeline/messages.ts';

/** Packets that may have left unseen after the last report, at least. */
const MARGIN = 500;

/** RFC 3711 §3.3.1: a receiver takes a step of less than half the range for a step ahead. Well below. */
const MOST = 16_000;

/**
 * Where the RTP sequence numbers of each variant stand, so that a new process goes on behind the old one: numbers never run backwards
 * for a receiver, whose SRTP would take them for replays.
 */
export class SequenceKeeper {
  readonly #last = new Map<Variant, { sequence: number; step: number }>();

  /** Takes note of a report; they come once a second. */
  note(variants: StreamStats['variants']): void {
    for (const variant of ['annotated', 'clean'] as const) {
      const sequence = variants[variant]?.sequence;
      if (sequence === undefined) continue;
      const before = this.#last.get(variant);
      this.#last.set(variant, { sequence, step: before === undefined ? 0 : (sequence - before.sequence) & 0xffff });
    }
  }

  /** The first number for a process that goes on: behind everything that the one before can have sent. */
  next(variant: Variant): number {
    const last = this.#last.get(variant);
    if (last === undefined) {
      this.#last.set(variant, { sequence: 0, step: 0 });
      return 0;
    }
    const first = (last.sequence + Math.min(MOST, MARGIN + 2 * last.step)) & 0xffff;
    // A process that ends before its first report must not be followed by one with the same numbers.
    this.#last.set(variant, { ...last, sequence: first });
    return first;
  }
}
