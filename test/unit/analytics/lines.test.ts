import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Line } from '../../../src/pipeline/analytics/options.ts';
import { at, Scene } from './scene.ts';

/** From the middle of the upper half down to that of the lower: somebody who goes to the left goes in. */
const DOWN: Line = { name: 'door', from: [0.5, 0.25], to: [0.5, 0.75] };
const steps = (from: number, to: number, y: number, count = 9): (readonly [number, number])[] =>
  Array.from({ length: count }, (_, i) => [from + ((to - from) * i) / (count - 1), y] as const);

describe('a line', () => {
  it('counts who crosses it, by direction and label', () => {
    const scene = new Scene({ lines: [DOWN] });
    scene.walk(1, steps(0.8, 0.2, 0.5));
    scene.walk(2, steps(0.2, 0.8, 0.5), 'car');
    assert.deepEqual(scene.said, ['in', 'out']);
    assert.deepEqual(scene.frame([]).lines, { door: { in: { person: 1 }, out: { car: 1 } } });
    assert.deepEqual(scene.events[1], { ...scene.events[1], type: 'line.crossed', line: 'door', track: 2, label: 'car', direction: 'out' });
  });

  it('has its directions swapped with its ends', () => {
    const scene = new Scene({ lines: [{ ...DOWN, from: DOWN.to, to: DOWN.from }] });
    scene.walk(1, steps(0.8, 0.2, 0.5));
    assert.deepEqual(scene.said, ['out']);
  });

  it('is not crossed by those who go around its ends, and is by those who touch them', () => {
    for (const [y, said] of [[0.1, []], [0.9, []], [0.2499, []], [0.25, ['in']], [0.75, ['in']]] as const) {
      const scene = new Scene({ lines: [DOWN] });
      scene.walk(1, steps(0.8, 0.2, y));
      assert.deepEqual(scene.said, said, `at ${y}`);
    }
  });

  it('counts one who hesitates upon it once, or not at all where they go back', () => {
    const near = fc.array(fc.double({ min: 0.496, max: 0.504, noNaN: true }), { maxLength: 60 });
    fc.assert(
      fc.property(near, fc.boolean(), (xs, goesBack) => {
        const scene = new Scene({ lines: [DOWN] });
        scene.walk(1, [[0.8, 0.5], [0.6, 0.5], ...xs.map((x) => [x, 0.5] as const), [goesBack ? 0.6 : 0.4, 0.5]]);
        assert.deepEqual(scene.said, goesBack ? [] : ['in']);
      }),
    );
  });

  it('counts as often in as out for one who ends where they began', () => {
    const x = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(x, { minLength: 1, maxLength: 50 }), (xs) => {
        const scene = new Scene({ lines: [{ name: 'whole', from: [0.5, 0], to: [0.5, 1] }] });
        scene.walk(1, [[0.9, 0.5], ...xs.map((each) => [each, 0.5] as const), [0.9, 0.5]]);
        const count = (direction: string): number => scene.said.filter((each) => each === direction).length;
        assert.equal(count('in'), count('out'));
        assert(scene.said.every((each, i) => each === (i % 2 === 0 ? 'in' : 'out')), 'in turns');
      }),
    );
  });

  it('counts one who was hidden while they crossed, and not one who was given up', () => {
    const scene = new Scene({ lines: [DOWN] });
    scene.walk(1, [[0.8, 0.5], [0.6, 0.5]]);
    for (let i = 0; i < 20; i++) scene.frame([]);
    scene.walk(1, [[0.4, 0.5]]);
    assert.deepEqual(scene.said, ['in']);
    for (let i = 0; i < 60; i++) scene.frame([]);
    scene.walk(1, [[0.8, 0.5]]);
    assert.deepEqual(scene.said, ['in']);
  });

  it('does not count one who appears upon it', () => {
    const scene = new Scene({ lines: [DOWN] });
    scene.walk(1, [[0.501, 0.5], [0.499, 0.5], [0.4, 0.5], [0.2, 0.5]]);
    assert.deepEqual(scene.said, []);
  });

  it('looks at a result once, however often and however far moved it is shown again', () => {
    const scene = new Scene({ lines: [DOWN] });
    scene.walk(1, [[0.8, 0.5], [0.6, 0.5]]);
    // Carried on by prediction, across the line and back.
    for (let age = 1; age <= 6; age++) scene.frame([at(age < 4 ? 0.4 : 0.6, 0.5, 1)], { detectors: { d: { age } } });
    scene.walk(1, [[0.6, 0.5], [0.8, 0.5]]);
    assert.deepEqual(scene.said, []);
  });

  it('counts where no frame ever has its own result', () => {
    const scene = new Scene({ lines: [DOWN] });
    for (const [x, y] of steps(0.8, 0.2, 0.5)) scene.frame([at(x, y, 1)], { detectors: { d: { age: 2 } } });
    assert.deepEqual(scene.said, ['in']);
    assert.equal(scene.events[0]?.age, 2);
  });

  it('is not crossed by a slate, whatever its shape', () => {
    const scene = new Scene({ lines: [DOWN] });
    scene.walk(1, [[0.8, 0.5], [0.6, 0.5]]);
    scene.frame([], { slate: true, detectors: {}, width: 1280, height: 720 });
    scene.walk(1, [[0.4, 0.5]]);
    assert.deepEqual(scene.said, ['in']);
  });

  it('goes on from what was counted before, and from zero after a reset', () => {
    const scene = new Scene({ lines: [DOWN] });
    scene.walk(1, steps(0.8, 0.2, 0.5));
    scene.analytics.configure({ zones: [], lines: [{ ...DOWN, to: [0.5, 0.9] }] });
    assert.deepEqual(scene.frame([]).lines?.['door']?.in, { person: 1 }, 'drawn anew under its name');
    scene.analytics.reset();
    assert.deepEqual(scene.frame([]).lines, { door: { in: {}, out: {} } });
  });

  it('stays small with a model that invents labels', () => {
    const scene = new Scene({ lines: [DOWN] });
    for (let i = 0; i < 300; i++) scene.walk(i, [[0.8, 0.5], [0.2, 0.5]], `label ${i}`);
    const counted = scene.frame([]).lines?.['door']?.in ?? {};
    assert(Object.keys(counted).length <= 101);
    assert.equal(counted['other'], 200);
  });
});
