import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Detection } from '../../../src/pipeline/annotation.ts';
import { Composer, type Composed, type Taken } from '../../../src/pipeline/compose/composer.ts';
import type { SyncPolicy } from '../../../src/pipeline/compose/options.ts';
import type { DetectorOutcome } from '../../../src/pipeline/detect/link.ts';
import type { FrameId } from '../../../src/pipeline/frame.ts';
import { SimulatedClock, settled } from '../../support/simulated-clock.ts';

const FRAME_MS = 33;

function idOf(seq: number): FrameId {
  return { seq: seq >>> 0, rtp: (seq * 2970) >>> 0, capturedAt: seq * FRAME_MS };
}

/** A detection that tells which frame it was computed on: its box is there, its score is high. */
function seen(detector: string, seq: number): Detection {
  return { detector, label: 'car', score: 0.9, box: [0.1 + (seq % 100) * 0.002, 0.2, 0.1, 0.1] };
}

function scene(policy: SyncPolicy, detectors: string[], deadlineMs = 100): {
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
    detectors,
    clock,
    emit: (composed) => out.push({ ...composed, at: clock.now() }),
    discard: (payload) => discarded.push(payload),
  });
  return { clock, composer, out, discarded };
}

function ticket(detector: string): Taken & { answer(outcome: DetectorOutcome): void } {
  const { promise, resolve } = Promise.withResolvers<DetectorOutcome>();
  return { detector, outcome: promise, answer: resolve };
}

function done(detections: Detection[]): DetectorOutcome {
  return { status: 'done', detections, inferenceMs: 1 };
}

describe('exact', () => {
  test('a frame waits for its own result and carries it with age 0', async () => {
    const { composer, out } = scene('exact', ['a']);
    const taken = ticket('a');
    composer.push({ id: idOf(5), width: 10, height: 10, payload: 5, taken: [taken] });
    await settled();
    assert.equal(out.length, 0);
    taken.answer(done([seen('a', 5)]));
    await settled();
    assert.deepEqual(out[0]!.message.detectors, { a: { age: 0 } });
    assert.deepEqual(out[0]!.message.detections[0]!.box, seen('a', 5).box);
  });

  test('a frame that a slow detector did not take carries its last result with its age', async () => {
    const { composer, out } = scene('exact', ['fast', 'slow']);
    const first = [ticket('fast'), ticket('slow')];
    composer.push({ id: idOf(0), width: 10, height: 10, payload: 0, taken: first });
    first.forEach((one) => one.answer(done([seen(one.detector, 0)])));
    await settled();
    const second = ticket('fast');
    composer.push({ id: idOf(1), width: 10, height: 10, payload: 1, taken: [second] });
    second.answer(done([seen('fast', 1)]));
    await settled();
    assert.deepEqual(out[1]!.message.detectors, { fast: { age: 0 }, slow: { age: 1 } });
    assert.deepEqual(out[1]!.message.detections.map(({ detector }) => detector), ['fast', 'slow']);
  });

  test('a result that misses the deadline serves the next frame, with its age', async () => {
    const { clock, composer, out } = scene('exact', ['a'], 50);
    const late = ticket('a');
    composer.push({ id: idOf(0), width: 10, height: 10, payload: 0, taken: [late] });
    await clock.advanceTo(50);
    assert.deepEqual([out[0]!.at, out[0]!.message.detectors], [50, {}]);
    late.answer(done([seen('a', 0)]));
    await settled();
    composer.push({ id: idOf(2), width: 10, height: 10, payload: 2, taken: [] });
    await settled();
    assert.deepEqual(out[1]!.message.detectors, { a: { age: 2 } });
    assert.deepEqual(composer.counts, { overdue: 1, late: 1, lost: 0, ignored: 0 });
  });

  test('a lost result is not waited for', async () => {
    const { composer, out } = scene('exact', ['a']);
    const taken = ticket('a');
    composer.push({ id: idOf(0), width: 10, height: 10, payload: 0, taken: [taken] });
    taken.answer({ status: 'lost', reason: 'the detector died' });
    await settled();
    assert.equal(out.length, 1);
    assert.deepEqual(composer.counts, { overdue: 0, late: 0, lost: 1, ignored: 0 });
  });

  test('a result that a newer one has overtaken still serves the frame it was computed on', async () => {
    const { composer, out } = scene('exact', ['a']);
    const [first, second] = [ticket('a'), ticket('a')];
    composer.push({ id: idOf(0), width: 10, height: 10, payload: 0, taken: [first] });
    composer.push({ id: idOf(1), width: 10, height: 10, payload: 1, taken: [second] });
    second.answer(done([seen('a', 1)]));
    await settled();
    first.answer(done([seen('a', 0)]));
    await settled();
    assert.deepEqual(out.map(({ message }) => [message.detectors['a']!.age, message.detections[0]!.box]), [
      [0, seen('a', 0).box],
      [0, seen('a', 1).box],
    ]);
  });

  test('of a detector that answers twice for a frame, the first answer counts', async () => {
    const { composer, out } = scene('exact', ['a']);
    const [first, second] = [ticket('a'), ticket('a')];
    composer.push({ id: idOf(0), width: 10, height: 10, payload: 0, taken: [first, second] });
    first.answer(done([seen('a', 0)]));
    second.answer(done([seen('a', 50)]));
    await settled();
    composer.push({ id: idOf(1), width: 10, height: 10, payload: 1, taken: [] });
    assert.deepEqual(out.map(({ message }) => message.detections[0]!.box), [seen('a', 0).box, seen('a', 0).box]);
    assert.equal(composer.counts.ignored, 1);
  });

  test('a late result does not take the place of a newer one', async () => {
    const { clock, composer, out } = scene('exact', ['a'], 50);
    const [late, next] = [ticket('a'), ticket('a')];
    composer.push({ id: idOf(0), width: 10, height: 10, payload: 0, taken: [late] });
    await clock.advanceTo(50);
    composer.push({ id: idOf(2), width: 10, height: 10, payload: 2, taken: [next] });
    next.answer(done([seen('a', 2)]));
    await settled();
    late.answer(done([seen('a', 0)]));
    await settled();
    composer.push({ id: idOf(3), width: 10, height: 10, payload: 3, taken: [] });
    assert.equal(out[2]!.message.detectors['a']!.age, 1);
    assert.deepEqual(composer.counts, { overdue: 1, late: 0, lost: 0, ignored: 1 });
  });

  test('a detector that is not at work is not waited for', async () => {
    const { composer, out } = scene('exact', ['a']);
    composer.push({ id: idOf(0), width: 10, height: 10, payload: 0, taken: [ticket('stranger')] });
    assert.equal(out.length, 1);
  });

  test('frames that wait for a detector leave when it is taken away', async () => {
    const { composer, out } = scene('exact', ['a', 'b']);
    const [a, b] = [ticket('a'), ticket('b')];
    composer.push({ id: idOf(0), width: 10, height: 10, payload: 0, taken: [a, b] });
    b.answer(done([seen('b', 0)]));
    await settled();
    assert.equal(out.length, 0);
    composer.configure({ detectors: ['b'] });
    assert.deepEqual(out[0]!.message.detectors, { b: { age: 0 } });
  });

  test('the boxes of a detector that died vanish, while its age goes on', async () => {
    const { composer, out } = scene('exact', ['a']);
    const taken = ticket('a');
    composer.push({ id: idOf(0), width: 10, height: 10, payload: 0, taken: [taken] });
    taken.answer(done([seen('a', 0)]));
    await settled();
    composer.push({ id: idOf(100), width: 10, height: 10, payload: 100, taken: [] });
    assert.deepEqual(out[1]!.message.detections, []);
    assert.deepEqual(out[1]!.message.detectors, { a: { age: 100 } });
  });

  test('ages are right across the wrap of the frame numbers', async () => {
    const { composer, out } = scene('exact', ['a']);
    const taken = ticket('a');
    composer.push({ id: { seq: 0xffff_ffff, rtp: 0, capturedAt: 0 }, width: 10, height: 10, payload: 0, taken: [taken] });
    taken.answer(done([seen('a', 0)]));
    await settled();
    composer.push({ id: { seq: 1, rtp: 1, capturedAt: 66 }, width: 10, height: 10, payload: 1, taken: [] });
    assert.equal(out[1]!.message.detectors['a']!.age, 2);
  });
});

describe('predict', () => {
  test('a frame never waits, and boxes move on with their tracks', async () => {
    const { composer, out } = scene('predict', ['a']);
    for (let seq = 0; seq < 10; seq++) {
      const taken = ticket('a');
      composer.push({ id: idOf(seq), width: 10, height: 10, payload: seq, taken: [taken] });
      assert.equal(out.length, seq + 1);
      taken.answer(done([seen('a', seq)]));
      await settled();
    }
    composer.push({ id: idOf(12), width: 10, height: 10, payload: 12, taken: [] });
    const last = out.at(-1)!.message;
    assert.equal(last.detectors['a']!.age, 3);
    assert.ok(Math.abs(last.detections[0]!.box[0] - seen('a', 12).box[0]) < 0.002, `${last.detections[0]!.box[0]}`);
  });

  test('what has moved out of the picture is no longer shown', async () => {
    const { composer, out } = scene('predict', ['a']);
    for (let seq = 0; seq < 10; seq++) {
      const taken = ticket('a');
      composer.push({ id: idOf(seq), width: 10, height: 10, payload: seq, taken: [taken] });
      taken.answer(done([{ ...seen('a', seq), box: [0.8 + seq * 0.02, 0.2, 0.1, 0.1] }]));
      await settled();
    }
    composer.push({ id: idOf(12), width: 10, height: 10, payload: 12, taken: [] });
    assert.deepEqual(out.at(-1)!.message.detections, []);
    assert.equal(out.at(-1)!.message.detectors['a']!.age, 3);
  });
});

describe('interpolate', () => {
  test('boxes between two results lie between them', async () => {
    const { composer, out } = scene('interpolate', ['a'], 500);
    const run = async (seq: number, taken: (Taken & { answer(o: DetectorOutcome): void })[]): Promise<void> => {
      composer.push({ id: idOf(seq), width: 10, height: 10, payload: seq, taken });
      await settled();
    };
    const first = ticket('a');
    await run(0, [first]);
    first.answer(done([seen('a', 0)]));
    await settled();
    await run(1, []);
    await run(2, []);
    const second = ticket('a');
    await run(3, [second]);
    assert.deepEqual(out.map(({ id }) => id.seq), [0]);
    second.answer(done([seen('a', 3)]));
    await settled();
    assert.deepEqual(out.map(({ id }) => id.seq), [0, 1, 2, 3]);
    for (const { id, message } of out) assert.ok(Math.abs(message.detections[0]!.box[0] - seen('a', id.seq).box[0]) < 1e-9);
  });
});

test('an emitted frame may change the rules, and be followed by others at once', () => {
  const { clock, discarded } = scene('exact', []);
  const out: number[] = [];
  const composer: Composer<number> = new Composer<number>({
    stream: 's',
    policy: 'exact',
    deadlineMs: 100,
    detectors: ['a'],
    clock,
    emit: ({ payload }) => {
      out.push(payload);
      if (payload === 3) composer.push({ id: idOf(4), width: 10, height: 10, payload: 4, taken: [ticket('a')] });
      if (payload === 0) composer.configure({ deadlineMs: 1 });
    },
    discard: (payload) => discarded.push(payload),
  });
  for (let seq = 0; seq < 4; seq++) composer.push({ id: idOf(seq), width: 10, height: 10, payload: seq, taken: [ticket('a')] });
  composer.configure({ policy: 'predict' });
  assert.deepEqual([out, discarded], [[0, 1, 2, 3, 4], []]);
});

test('closing gives back what has not left', async () => {
  const { composer, out, discarded } = scene('exact', ['a']);
  composer.push({ id: idOf(0), width: 10, height: 10, payload: 0, taken: [ticket('a')] });
  composer.close();
  composer.push({ id: idOf(1), width: 10, height: 10, payload: 1, taken: [] });
  assert.deepEqual([out.length, discarded], [0, [0, 1]]);
});

/** What happens to one frame: for each detector whether it takes it, after how long it answers, and whether it loses it. */
const frames = fc.array(
  fc.record({
    gap: fc.integer({ min: 0, max: 80 }),
    answers: fc.array(
      fc.option(fc.record({ after: fc.integer({ min: 0, max: 300 }), lost: fc.boolean(), never: fc.boolean(), twice: fc.boolean() }), { freq: 3 }),
      { minLength: 3, maxLength: 3 },
    ),
    change: fc.option(
      fc.oneof(
        fc.record({ policy: fc.constantFrom<SyncPolicy>('exact', 'predict', 'interpolate') }),
        fc.record({ deadlineMs: fc.integer({ min: 1, max: 200 }) }),
        fc.record({ detectors: fc.subarray(['a', 'b', 'c']) }),
      ),
      { freq: 6 },
    ),
  }),
  { minLength: 1, maxLength: 40 },
);

/** When the composer is closed: after so many frames, or never. */
const closing = fc.option(fc.integer({ min: 0, max: 40 }), { freq: 3 });

test('whatever detectors do: each frame leaves once, in order, in time, and no result claims a frame that is not its own', async () => {
  await fc.assert(
    fc.asyncProperty(frames, closing, fc.constantFrom<SyncPolicy>('exact', 'predict', 'interpolate'), async (script, closesAt, policy) => {
      const { clock, composer, out, discarded } = scene(policy, ['a', 'b', 'c']);
      /** Each answer that was given, and when; the first one for a frame. */
      const given = new Map<string, number>();
      const events: { at: number; run: () => void }[] = [];
      const deadlines: number[] = [];
      let deadlineMs = 100;
      let at = 0;
      script.forEach(({ gap, answers, change }, seq) => {
        at += gap;
        const answered = answers.flatMap((answer, i) =>
          answer === null ? [] : Array.from({ length: answer.twice ? 2 : 1 }, () => ({ ...answer, taken: ticket('abc'[i]!) })),
        );
        events.push({
          at,
          run: () => {
            if (seq === closesAt) composer.close();
            if (change !== null) {
              composer.configure(change);
              if ('deadlineMs' in change) deadlineMs = change.deadlineMs;
            }
            deadlines.push(clock.now() + deadlineMs);
            composer.push({ id: idOf(seq), width: 10, height: 10, payload: seq, taken: answered.map(({ taken }) => taken) });
          },
        });
        for (const { taken, after, lost, never } of answered) {
          if (never) continue;
          events.push({
            at: at + after,
            run: () => {
              const key = `${taken.detector} ${seq}`;
              if (!lost && !given.has(key)) given.set(key, clock.now());
              taken.answer(lost ? { status: 'lost', reason: 'test' } : done([seen(taken.detector, seq)]));
            },
          });
        }
      });
      for (const event of events.sort((x, y) => x.at - y.at)) {
        await clock.advanceTo(event.at);
        event.run();
        await settled();
      }
      await clock.advanceTo(at + 1000);

      const all = script.map((_, seq) => seq);
      assert.deepEqual([...out.map(({ payload }) => payload), ...discarded], all);
      if (closesAt === null || closesAt >= script.length) assert.deepEqual(discarded, []);
      for (const { payload: seq, at: left, message } of out) {
        assert.ok(left <= deadlines[seq]!, `frame ${seq} left at ${left}, deadline ${deadlines[seq]}`);
        for (const [detector, { age }] of Object.entries(message.detectors)) {
          const answeredAt = given.get(`${detector} ${seq - age}`);
          assert.ok(answeredAt !== undefined && answeredAt <= left, `${detector} says it saw frame ${seq - age}, of which it had said nothing`);
          const newer = all.slice(seq - age + 1, seq + 1).filter((one) => (given.get(`${detector} ${one}`) ?? Infinity) < left);
          if (script.every(({ change }) => change === null || !('detectors' in change))) assert.deepEqual(newer, [], `${detector} had said something newer`);
          const own = message.detections.filter((one) => one.detector === detector);
          if (age === 0) assert.deepEqual(own.map(({ box }) => box), [seen(detector, seq).box]);
        }
        for (const { detector } of message.detections) assert.ok(detector in message.detectors);
      }
    }),
    { numRuns: 400 },
  );
});
