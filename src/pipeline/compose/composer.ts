import type { AnnotationMessage, Detection } from '../annotation.ts';
import { WALL_CLOCK, type Clock } from '../../util/clock.ts';
import type { DetectorOutcome } from '../detect/link.ts';
import type { FrameId } from '../frame.ts';
import { attach } from './attach.ts';
import { between, DetectorHistory, seqDistance, type Result } from './detector-history.ts';
import { Merger, type MergeOptions, type Shown } from './merge.ts';
import type { Attach, Join, Late, SyncPolicy } from './options.ts';

/** A detector that took a frame, and what will become of it. */
export interface Taken {
  readonly detector: string;
  /** Never rejects. */
  readonly outcome: Promise<DetectorOutcome>;
}

/** A detector at work, and how its results are joined with frames. */
export interface Joined extends Join {
  readonly name: string;
  /** Labels that it can give; undefined where that is not known. */
  readonly labels?: readonly string[] | undefined;
}

/** A frame with everything that is known about it. */
export interface Composed<P> {
  readonly id: FrameId;
  readonly payload: P;
  readonly message: AnnotationMessage;
}

export interface ComposerOptions<P> {
  readonly stream: string;
  readonly policy: SyncPolicy;
  /** Milliseconds that a frame may wait for its results. */
  readonly deadlineMs: number;
  /** The detectors at work; no name twice. */
  readonly detectors: readonly Joined[];
  /** Left out, boxes of detectors are not merged. */
  readonly merge?: MergeOptions;
  /** Each frame, in order. */
  readonly emit: (composed: Composed<P>) => void;
  /** A payload that will never be emitted, because the composer was closed. */
  readonly discard: (payload: P) => void;
  /**
   * Milliseconds after which a detector's last boxes are no longer shown, 2000 where absent; longer for one that is as slow by itself
   * (`DetectorHistory.carryMs`). Its age goes on.
   */
  readonly maxCarryMs?: number;
  readonly clock?: Clock;
}

/** What became of frames and results, since the start. */
export interface ComposerCounts {
  /** Frames that left without what they waited for, because their time, or that of one behind them, was over. */
  readonly overdue: number;
  /** Results that came after their frame had left; they served later frames. */
  readonly late: number;
  /** Results that never came. */
  readonly lost: number;
  /** Results that served no frame: given twice, overtaken by a newer one, or of a detector that is no longer at work. */
  readonly ignored: number;
}

/** What a frame waits for; outlives the frame while detectors still owe it an answer, and so does not hold its payload. */
interface Wait {
  readonly id: FrameId;
  readonly detectors: Set<string>;
  over: boolean;
}

interface Pending<P> {
  readonly id: FrameId;
  readonly width: number;
  readonly height: number;
  readonly payload: P;
  readonly wait: Wait;
  readonly deadline: number;
}

interface Part {
  readonly history: DetectorHistory;
  joined: Joined;
}

const MAX_CARRY_MS = 2000;

/**
 * Joins frames with what detectors saw on them. Each frame leaves exactly once, in order, at its deadline at the latest; a result is
 * never shown on a frame it was not computed on unless its age says so.
 *
 * For each detector, by its `late`, or where it has none by the policy of the stream:
 *
 * - `wait`: a frame that it took waits for it; on others, and past the deadline, its last result is carried. The default of `exact`, and
 *   of `interpolate`, where frames wait for its next result too
 * - `carry`: no frame waits; its last result is moved to the frame's time, by its tracks. The default of `predict`
 * - `skip`: no frame waits, and only what was computed on the frame itself is shown
 *
 * A carried box lies between its detector's two results, where the later one is known already.
 */
export class Composer<P> {
  readonly #options: ComposerOptions<P>;
  readonly #clock: Clock;
  readonly #maxCarryMs: number;
  readonly #parts = new Map<string, Part>();
  readonly #merger = new Merger();
  readonly #pending: Pending<P>[] = [];
  readonly #counts = { overdue: 0, late: 0, lost: 0, ignored: 0 };
  #policy: SyncPolicy;
  #merge: MergeOptions;
  #deadlineMs: number;
  #cancelTimer: (() => void) | undefined;
  #tracks = 0;
  #closed = false;

  constructor(options: ComposerOptions<P>) {
    this.#options = options;
    this.#clock = options.clock ?? WALL_CLOCK;
    this.#maxCarryMs = options.maxCarryMs ?? MAX_CARRY_MS;
    this.#policy = options.policy;
    this.#merge = options.merge ?? { mode: 'union', iou: 1 };
    this.#deadlineMs = options.deadlineMs;
    this.configure({ detectors: options.detectors });
  }

  get counts(): ComposerCounts {
    return { ...this.#counts };
  }

  /** Frames that wait, and results that are kept for them and those to come, of all detectors together. */
  get held(): { readonly frames: number; readonly results: number } {
    return { frames: this.#pending.length, results: [...this.#parts.values()].reduce((sum, { history }) => sum + history.size, 0) };
  }

  /** Takes a frame; frames come in the order of their numbers. */
  push(frame: { id: FrameId; width: number; height: number; payload: P; taken: readonly Taken[] }): void {
    const { taken, ...rest } = frame;
    if (this.#closed) return this.#options.discard(frame.payload);
    const names = taken.map(({ detector }) => detector).filter((name) => this.#parts.has(name));
    const wait: Wait = { id: frame.id, detectors: new Set(names), over: false };
    this.#pending.push({ ...rest, wait, deadline: this.#clock.now() + this.#deadlineMs });
    for (const { detector, outcome } of taken) {
      void outcome.then((result) => this.#settle(wait, detector, result));
    }
    this.#release();
  }

  /** Changes the rules while frames pass; none is lost. Detectors that are gone are forgotten, with their tracks. Once closed, it does nothing. */
  configure(changes: { policy?: SyncPolicy; deadlineMs?: number; detectors?: readonly Joined[]; merge?: MergeOptions }): void {
    if (this.#closed) return;
    this.#policy = changes.policy ?? this.#policy;
    this.#deadlineMs = changes.deadlineMs ?? this.#deadlineMs;
    this.#merge = changes.merge ?? this.#merge;
    if (changes.detectors !== undefined) this.#admit(changes.detectors);
    this.#release();
  }

  /** Gives back what has not left; idempotent. */
  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#parts.clear();
    for (const { payload } of this.#pending.splice(0)) this.#options.discard(payload);
  }

  #admit(detectors: readonly Joined[]): void {
    const wanted = new Map(detectors.map((joined) => [joined.name, joined]));
    for (const name of this.#parts.keys()) {
      if (wanted.has(name)) continue;
      this.#parts.delete(name);
      for (const { wait } of this.#pending) wait.detectors.delete(name);
    }
    for (const [name, joined] of wanted) {
      const part = this.#parts.get(name);
      if (part === undefined) this.#parts.set(name, { history: new DetectorHistory(() => ++this.#tracks), joined });
      else part.joined = joined;
    }
  }

  #settle(wait: Wait, detector: string, outcome: DetectorOutcome): void {
    wait.detectors.delete(detector);
    if (outcome.status === 'lost') this.#counts.lost += 1;
    else if (this.#parts.get(detector)?.history.add(wait.id, outcome.detections, outcome.weak) !== true) this.#counts.ignored += 1;
    else if (wait.over) this.#counts.late += 1;
    this.#release();
  }

  /** Lets frames go from the front: those that wait for nothing, and all up to the last one whose time is over. */
  #release(): void {
    const time = this.#clock.now();
    for (let head = this.#pending[0]; head !== undefined && !this.#closed; head = this.#pending[0]) {
      if (this.#waits(head.wait)) {
        // A deadline may be nearer behind the front, where it was shortened in between.
        if (!this.#pending.some(({ deadline }) => deadline <= time)) break;
        this.#counts.overdue += 1;
      }
      this.#pending.shift();
      head.wait.over = true;
      const message = this.#compose(head);
      for (const { history } of this.#parts.values()) history.forgetBefore(head.id.seq);
      this.#options.emit({ id: head.id, payload: head.payload, message });
    }
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#pending.length === 0 || this.#closed) return;
    const next = Math.min(...this.#pending.map(({ deadline }) => deadline));
    this.#cancelTimer = this.#clock.after(Math.max(0, next - time), () => this.#release());
  }

  #waits({ id, detectors }: Wait): boolean {
    return [...this.#parts].some(([name, part]) => {
      if (this.#late(part) !== 'wait') return false;
      return detectors.has(name) || (this.#policy === 'interpolate' && this.#owesNext(part, id));
    });
  }

  /** Whether a detector's next result is still to come. One that has said nothing for long is not waited for: it may be gone. */
  #owesNext({ history }: Part, id: FrameId): boolean {
    const { newest } = history;
    return newest !== undefined && id.capturedAt - newest.id.capturedAt <= this.#maxCarryMs && seqDistance(newest.id.seq, id.seq) < 0;
  }

  #late({ joined }: Part): Late {
    return joined.late ?? (this.#policy === 'predict' ? 'carry' : 'wait');
  }

  #compose({ id, width, height }: Pending<P>): AnnotationMessage {
    const shown: Shown[] = [];
    const rules = new Map<string, Attach>();
    const detectors: AnnotationMessage['detectors'] = {};
    for (const [name, part] of this.#parts) {
      const result = part.history.upTo(id.seq);
      if (result === undefined) continue;
      detectors[name] = { age: seqDistance(id.seq, result.id.seq) };
      const { labels, attach: rule } = part.joined;
      shown.push({ name, labels, detections: this.#shown(part, result, id) });
      if (rule !== undefined) rules.set(name, rule);
    }
    const detections = attach(this.#merger.merge(shown, this.#merge), rules);
    return { stream: this.#options.stream, ...id, width, height, detections, detectors };
  }

  #shown(part: Part, result: Result, id: FrameId): readonly Detection[] {
    if (result.id.seq === id.seq) return result.detections;
    const { history } = part;
    if (this.#late(part) === 'skip' || id.capturedAt - result.id.capturedAt > history.carryMs(this.#maxCarryMs)) return [];
    const later = history.from(id.seq);
    return later === undefined ? history.movedTo(result, id.capturedAt) : between(result, later, id.capturedAt);
  }
}
