/**
 * Takes what a rendition, or the sound, gives. A sink is offered each unit once and never holds up its giver: what it can't take at once
 * waits in a bounded queue of its own, and what it drops it counts.
 */
export interface Sink<Unit> {
  /** Returns at once; ignored after `close`. */
  write(unit: Unit): void;
  stats(): SinkStats;
  /** Drops what waits; idempotent. */
  close(): void;
}

/** What a sink did since it was opened. */
export interface SinkStats {
  readonly written: number;
  /** Units that found the queue full, or came after one that did and before the next key frame. */
  readonly dropped: number;
  /** RTP sequence number of the last packet; only of RTP sinks. */
  readonly sequence?: number;
}
