/** Whose frames wait: one detector of one stream. */
export interface FrameOwner {
  readonly stream: string;
}

interface Waiting<Job> {
  readonly job: Job;
  /** When its owner took this place in the row, ms. */
  readonly placedAt: number;
}

/** Frames that wait for a model: one an owner, the newest. Streams take turns, whatever the number of their detectors. */
export class WaitingFrames<Job> {
  readonly #rows = new Map<FrameOwner, Waiting<Job>>();
  /** Owners that may bring a frame. */
  readonly #owners = new Set<FrameOwner>();
  /** By stream, the turn in which one of its frames was last taken. */
  readonly #turns = new Map<string, number>();
  #turn = 0;

  get size(): number {
    return this.#rows.size;
  }

  /** Since when the first of them waits, ms; Infinity where none does. */
  get since(): number {
    return Math.min(...[...this.#rows.values()].map(({ placedAt }) => placedAt));
  }

  /** Whether everybody who brings frames has one here. */
  get complete(): boolean {
    return this.#rows.size >= this.#owners.size;
  }

  /**
   * The newer frame of an owner keeps the older one's place in the row, so that a fast owner doesn't starve.
   * @returns the older one, which waits no more
   */
  put(owner: FrameOwner, job: Job, now: number): Job | undefined {
    this.#owners.add(owner);
    const older = this.#rows.get(owner);
    this.#rows.set(owner, { job, placedAt: older?.placedAt ?? now });
    return older?.job;
  }

  /** An owner is gone, with its frame. */
  leave(owner: FrameOwner): void {
    this.#owners.delete(owner);
    this.#rows.delete(owner);
    if (![...this.#owners].some(({ stream }) => stream === owner.stream)) this.#turns.delete(owner.stream);
  }

  /** Those whose turn it is: of the stream that was served longest ago the frame that waits longest, and so on. */
  take(most: number): Job[] {
    const taken: Job[] = [];
    while (taken.length < most && this.#rows.size > 0) {
      const [owner, { job }] = [...this.#rows].reduce((next, row) => (this.#lastTurn(row[0]) < this.#lastTurn(next[0]) ? row : next));
      this.#rows.delete(owner);
      this.#turns.set(owner.stream, (this.#turn += 1));
      taken.push(job);
    }
    return taken;
  }

  clear(): Job[] {
    return this.take(Infinity);
  }

  #lastTurn({ stream }: FrameOwner): number {
    return this.#turns.get(stream) ?? 0;
  }
}
