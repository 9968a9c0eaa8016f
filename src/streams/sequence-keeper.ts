import type { StreamStats } from '../pipeline/ipc/stats.ts';

/** Least number of packets that may have been sent after the last report. */
const MARGIN = 500;

/** Largest step: receivers take a step of less than half the range for a step ahead (RFC 3711 §3.3.1); this is well below. */
const MOST = 16_000;

/**
 * Keeps the RTP sequence numbers of each output, so that a new process continues after the old one. Numbers must never go back: SRTP
 * would take the packets for replays.
 */
export class SequenceKeeper {
  readonly #last = new Map<number, { sequence: number; step: number }>();

  /** Notes a report; they come once a second. */
  note({ outputs }: Pick<StreamStats, 'outputs'>): void {
    for (const { id, sequence } of outputs) {
      const before = this.#last.get(id);
      if (sequence !== undefined && before !== undefined) this.#last.set(id, { sequence, step: (sequence - before.sequence) & 0xffff });
    }
  }

  /** The first number of a process that makes an output: after everything that the previous one can have sent. */
  next(id: number): number {
    const last = this.#last.get(id);
    if (last === undefined) {
      this.#last.set(id, { sequence: 0, step: 0 });
      return 0;
    }
    const first = (last.sequence + Math.min(MOST, MARGIN + 2 * last.step)) & 0xffff;
    // Otherwise a process that exits before its first report would be followed by one with the same numbers.
    this.#last.set(id, { ...last, sequence: first });
    return first;
  }

  /** An output was closed for good. */
  forget(id: number): void {
    this.#last.delete(id);
  }
}
