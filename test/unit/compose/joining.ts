import type { Detection } from '../../../src/pipeline/annotation.ts';
import { Composer, type Composed, type Joined, type Taken } from '../../../src/pipeline/compose/composer.ts';
import type { SyncPolicy } from '../../../src/pipeline/compose/options.ts';
import type { DetectorOutcome } from '../../../src/pipeline/detect/link.ts';
import type { FrameId } from '../../../src/pipeline/frame.ts';
import { SimulatedClock } from '../../support/simulated-clock.ts';

export const FRAME_MS = 33;

export function idOf(seq: number): FrameId {
  return { seq: seq >>> 0, rtp: (seq * 2970) >>> 0, capturedAt: seq * FRAME_MS };
}

/** A detection that tells which frame it was computed on: its box is there, its score is high. */
export function seen(detector: string, seq: number): Detection {
  return { detector, label: 'car', score: 0.9, box: [0.1 + (seq % 100) * 0.002, 0.2, 0.1, 0.1] };
}

export function scene(policy: SyncPolicy, detectors: readonly (string | Joined)[], deadlineMs = 100): {
  clock: SimulatedClock;
  composer: Composer<number>;
  out: (Composed<number> & { at: number })[];
  discarded: number[];
} {
  const clock = new SimulatedClock();
  const out: (Composed<number> & { at: number })[] = [];
  const discarded: number[] = [];
  const composer = new Composer<number>({
    stream: 's',
    policy,
    deadlineMs,
    detectors: joined(detectors),
    clock,
    emit: (composed) => out.push({ ...composed, at: clock.now() }),
    discard: (payload) => discarded.push(payload),
  });
  return { clock, composer, out, discarded };
}

export function joined(detectors: readonly (string | Joined)[]): Joined[] {
  return detectors.map((one) => (typeof one === 'string' ? { name: one } : one));
}

export function ticket(detector: string): Taken & { answer(outcome: DetectorOutcome): void } {
  const { promise, resolve } = Promise.withResolvers<DetectorOutcome>();
  return { detector, outcome: promise, answer: resolve };
}

export function done(detections: Detection[]): DetectorOutcome {
  return { status: 'done', detections, weak: [], inferenceMs: 1 };
}
