import type { AnnotationMessage, Detection } from '../annotation.ts';
import type { DetectorOutcome } from '../detect/link.ts';
import { now, type FrameId } from '../frame.ts';
import { between, DetectorHistory, seqDistance, type Result } from './detector-history.ts';
import type { SyncPolicy } from './options.ts';

/** A detector that took a frame, and what will become of it. */
export interface Taken {
  readonly detector: string;
  /** Never rejects. */
  readonly outcome: Promise<DetectorOutcome>;
}

/** A frame with everything that is known about it. */
export interface Composed<P> {
  readonly id: FrameId;
  readonly payload: P;
  readonly message: AnnotationMessage;
}

/** Time as the composer sees it; injected, so that tests need not wait. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Calls back once after some milliseconds; the returned function prevents it. */
  after(ms: number, callback: () => void): () => void;
}

export interface ComposerOptions<P> {
  readonly stream: string;
  readonly policy: SyncPolicy;
  /** Milliseconds that a frame may wait for its results. */
  readonly deadlineMs: number;
  /** Names of the detectors at work. */
  readonly detectors: readonly string[];
  /** Each frame, in order. */
  readonly emit: (composed: Composed<P>) => void;
  /** A payload that will never be emitted, because the composer was closed. */
  readonly discard: (payload: P) => void;
  /** Milliseconds after which a detector's last boxes are no longer shown; its age goes on. */
  readonly maxCarryMs?: number;
  readonly clock?: Clock;
}

interface Pending<P> {
  readonly id: FrameId;
  readonly width: number;
  readonly height: number;
  readonly payload: P;
  readonly waiting: Set<string>;
  readonly deadline: number;
}

const MAX_CARRY_MS = 2000;

const WALL_CLOCK: Clock = {
  now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Joins frames with what detectors saw on them. Each frame leaves exactly once, in order, at its deadline at the latest; a result is
 * never shown on a frame it was not computed on unless its age says so.
 *
 * - `exact`: a frame waits for the detectors that took it; of others, the last result is carried with its age
 * - `predict`: a frame never waits; last results are moved by their tracks
 * - `interpolate`: a frame waits for each detector's next result too, and boxes between two results are interpolated
 */
export class Composer<P> {
  readonly #options: ComposerOptions<P>;
  readonly #clock: Clock;
  readonly #histories = new Map<string, DetectorHistory>();
  readonly #pending: Pending<P>[] = [];
  #policy: SyncPolicy;
  #deadlineMs: number;
  #cancelTimer: (() => void) | undefined;
  #tracks = 0;
  #closed = false;

  constructor(options: ComposerOptions<P>) {
    this.#options = options;
    this.#clock = options.clock ?? WALL_CLOCK;
    this.#policy = options.policy;
    this.#deadlineMs = options.deadlineMs;
    this.configure({ detectors: options.detectors });
  }

  /** Takes a frame; frames come in the order of their numbers. */
  push(frame: { id: FrameId; width: number; height: number; payload: P; taken: readonly Taken[] }): void {
    const { taken, ...rest } = frame;
    if (this.#closed) return this.#options.discard(frame.payload);
    const pending: Pending<P> = { ...rest, waiting: new Set(taken.map(({ detector }) => detector)), deadline: this.#clock.now() + this.#deadlineMs };
    this.#pending.push(pending);
    for (const { detector, outcome } of taken) {
      void outcome.then((result) => this.#settle(pending, detector, result));
    }
    this.#release();
  }

  /** Changes the rules while frames pass; none is lost. Detectors that are gone are forgotten, with their tracks. */
  configure(changes: { policy?: SyncPolicy; deadlineMs?: number; detectors?: readonly string[] }): void {
    this.#policy = changes.policy ?? this.#policy;
    this.#deadlineMs = changes.deadlineMs ?? this.#deadlineMs;
    if (changes.detectors !== undefined) {
      for (const name of this.#histories.keys()) {
        if (changes.detectors.includes(name)) continue;
        this.#histories.delete(name);
        for (const { waiting } of this.#pending) waiting.delete(name);
      }
      for (const name of changes.detectors) {
        if (!this.#histories.has(name)) this.#histories.set(name, new DetectorHistory(() => ++this.#tracks));
      }
    }
    this.#release();
  }

  /** Gives back what has not left; idempotent. */
  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    for (const { payload } of this.#pending.splice(0)) this.#options.discard(payload);
  }

  #settle(pending: Pending<P>, detector: string, outcome: DetectorOutcome): void {
    pending.waiting.delete(detector);
    if (outcome.status === 'done') this.#histories.get(detector)?.add(pending.id, outcome.detections);
    this.#release();
  }

  /** Lets frames go from the front: those that wait for nothing, and all up to the last one whose time is over. */
  #release(): void {
    const time = this.#clock.now();
    let overdue = this.#pending.findLastIndex(({ deadline }) => deadline <= time);
    while (this.#pending.length > 0 && !this.#closed) {
      const head = this.#pending[0]!;
      if (overdue < 0 && this.#waits(head)) break;
      overdue -= 1;
      this.#pending.shift();
      const message = this.#compose(head);
      for (const history of this.#histories.values()) history.forgetBefore(head.id.seq);
      this.#options.emit({ id: head.id, payload: head.payload, message });
    }
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#pending.length === 0 || this.#closed) return;
    const next = Math.min(...this.#pending.map(({ deadline }) => deadline));
    this.#cancelTimer = this.#clock.after(Math.max(0, next - time), () => this.#release());
  }

  #waits({ id, waiting }: Pending<P>): boolean {
    switch (this.#policy) {
      case 'predict':
        return false;
      case 'exact':
        return waiting.size > 0;
      case 'interpolate':
        // A detector that has said nothing for long is not waited for: it may be gone.
        return (
          waiting.size > 0 ||
          [...this.#histories.values()].some(
            ({ newest }) => newest !== undefined && id.capturedAt - newest.id.capturedAt < MAX_CARRY_MS && seqDistance(newest.id.seq, id.seq) < 0,
          )
        );
    }
  }

  #compose({ id, width, height }: Pending<P>): AnnotationMessage {
    const detections: Detection[] = [];
    const detectors: AnnotationMessage['detectors'] = {};
    for (const [name, history] of this.#histories) {
      const result = history.upTo(id.seq);
      if (result === undefined) continue;
      detectors[name] = { age: seqDistance(id.seq, result.id.seq) };
      detections.push(...this.#shown(history, result, id));
    }
    return { stream: this.#options.stream, ...id, width, height, detections, detectors };
  }

  #shown(history: DetectorHistory, result: Result, id: FrameId): readonly Detection[] {
    if (result.id.seq === id.seq) return result.detections;
    if (id.capturedAt - result.id.capturedAt > (this.#options.maxCarryMs ?? MAX_CARRY_MS)) return [];
    const later = this.#policy === 'interpolate' ? history.from(id.seq) : undefined;
    if (later !== undefined) return between(result, later, id.capturedAt);
    return this.#policy === 'exact' ? result.detections : history.movedTo(result, id.capturedAt);
  }
}
