import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Composer, type Taken } from '../../../src/pipeline/compose/composer.ts';
import type { DetectorOutcome } from '../../../src/pipeline/detect/link.ts';
import { settled } from '../../support/simulated-clock.ts';
import { done, idOf, scene, seen, ticket } from './joining.ts';

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
    for (const { message } of out) assert.ok(Math.abs(message.detections[0]!.box[0] - seen('a', 0).box[0]) < 1e-9);
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
    composer.configure({ detectors: [{ name: 'b' }] });
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

describe('a detector that', () => {
  const push = async (composer: Composer<number>, seq: number, taken: readonly Taken[]): Promise<void> => {
    composer.push({ id: idOf(seq), width: 10, height: 10, payload: seq, taken });
    await settled();
  };

  test('is carried holds up no frame, and its boxes move on to the frames of others', async () => {
    const { composer, out } = scene('exact', ['people', { name: 'vehicles', late: 'carry' }]);
    let slow = ticket('vehicles');
    for (let seq = 0; seq < 60; seq += 1) {
      const fast = ticket('people');
      if (seq % 6 === 0) slow = ticket('vehicles');
      await push(composer, seq, seq % 6 === 0 ? [fast, slow] : [fast]);
      fast.answer(done([seen('people', seq)]));
      // Five a second, each of them after 130 ms.
      if (seq % 6 === 4) slow.answer(done([seen('vehicles', seq - 4)]));
      await settled();
      assert.equal(out.length, seq + 1);
    }
    for (const { id, message } of out.slice(12)) {
      const vehicle = message.detections.find(({ detector }) => detector === 'vehicles');
      assert.deepEqual(message.detectors, { people: { age: 0 }, vehicles: { age: id.seq % 6 >= 5 ? id.seq % 6 : (id.seq % 6) + 6 } });
      assert.deepEqual(message.detections[0]!.box, seen('people', id.seq).box);
      assert.ok(Math.abs(vehicle!.box[0] - seen('vehicles', id.seq).box[0]) < 0.004, `frame ${id.seq}: ${vehicle!.box[0]}`);
    }
  });

  test('is skipped shows on its own frames only, and holds up none', async () => {
    const { composer, out } = scene('exact', ['a', { name: 'b', late: 'skip' }]);
    const [a, b] = [ticket('a'), ticket('b')];
    await push(composer, 0, [a, b]);
    b.answer(done([seen('b', 0)]));
    a.answer(done([seen('a', 0)]));
    await settled();
    await push(composer, 1, [ticket('b')]);
    assert.deepEqual(out.map(({ message }) => [message.detectors, message.detections.map(({ detector }) => detector)]), [
      [{ a: { age: 0 }, b: { age: 0 } }, ['a', 'b']],
      [{ a: { age: 1 }, b: { age: 1 } }, ['a']],
    ]);
  });

  test('is waited for holds up the frames that it took, even where others are predicted', async () => {
    const { composer, out } = scene('predict', ['a', { name: 'b', late: 'wait' }]);
    const b = ticket('b');
    await push(composer, 0, [ticket('a'), b]);
    assert.equal(out.length, 0);
    b.answer(done([seen('b', 0)]));
    await settled();
    await push(composer, 1, [ticket('a')]);
    assert.deepEqual(out.map(({ message }) => message.detectors), [{ b: { age: 0 } }, { b: { age: 1 } }]);
  });

  test('is no longer waited for lets the frames go that wait for it', async () => {
    const { composer, out } = scene('exact', ['a']);
    await push(composer, 0, [ticket('a')]);
    assert.equal(out.length, 0);
    composer.configure({ detectors: [{ name: 'a', late: 'carry' }] });
    assert.equal(out.length, 1);
  });

  test('is slow by itself does not have its boxes come and go, but those of one that went away go', async () => {
    const { composer, out } = scene('exact', [{ name: 'a', late: 'carry' }], 50);
    let seq = 0;
    for (; seq < 500; seq += 1) {
      const taken = seq % 100 === 0 ? [ticket('a')] : [];
      await push(composer, seq, taken);
      for (const one of taken) one.answer(done([{ ...seen('a', 0) }]));
      await settled();
    }
    assert.deepEqual(out.slice(401).map(({ message }) => message.detections.length), new Array<number>(99).fill(1));
    for (; seq < 700; seq += 1) await push(composer, seq, []);
    assert.deepEqual(out.at(-1)!.message.detections, []);
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
    detectors: [{ name: 'a' }],
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
