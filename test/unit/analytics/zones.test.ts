import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { at, FRAME_MS, Scene } from './scene.ts';
import type { Zone } from '../../../src/pipeline/analytics/options.ts';

/** The right half of the picture. */
const RIGHT: Zone = { name: 'right', points: [[0.5, 0], [1, 0], [1, 1], [0.5, 1]] };

describe('a zone', () => {
  it('tells who comes and who goes, and how long they stayed', () => {
    const scene = new Scene({ zones: [RIGHT] });
    scene.walk(7, [[0.3, 0.5], [0.4, 0.5], [0.6, 0.5], [0.7, 0.5], [0.8, 0.5], [0.4, 0.5], [0.3, 0.5]], 'car');
    const [entered, left, ...more] = scene.events;
    assert.deepEqual(more, []);
    assert.deepEqual(entered, { type: 'zone.entered', stream: 's', seq: 3, rtp: 3 * 3600, capturedAt: 1_000_000 + 3 * FRAME_MS, age: 0, detector: 'd', track: 7, label: 'car', zone: 'right' });
    assert(left?.type === 'zone.left');
    assert.deepEqual([left.seq, left.dwellMs, left.reason], [6, 3 * FRAME_MS, 'moved']);
  });

  it('says on each frame who is in it, by label, and since when', () => {
    const scene = new Scene({ zones: [RIGHT] });
    scene.frame([at(0.7, 0.5, 1), at(0.8, 0.5, 2), at(0.9, 0.5, 3, 'car'), at(0.2, 0.5, 4)]);
    const { zones, lines } = scene.frame([at(0.7, 0.5, 1), at(0.8, 0.5, 2), at(0.9, 0.5, 3, 'car'), at(0.2, 0.5, 4)]);
    assert.deepEqual(zones, { right: { counts: { person: 2, car: 1 }, dwell: { 1: FRAME_MS, 2: FRAME_MS, 3: FRAME_MS } } });
    assert.equal(lines, undefined, 'there are none');
  });

  it('looks at the feet, or where it is told so at the middle', () => {
    const low: Zone = { name: 'low', points: [[0, 0.5], [1, 0.5], [1, 1], [0, 1]] };
    const scene = new Scene({ zones: [low, { ...low, name: 'middle', anchor: 'center' }] });
    // A box of 0.1: its feet are inside, its middle is not.
    assert.deepEqual(scene.frame([at(0.5, 0.53, 1)]).zones?.['low']?.counts, { person: 1 });
    assert.deepEqual(scene.frame([at(0.5, 0.53, 1)]).zones?.['middle']?.counts, {});
  });

  it('is entered once by somebody who jitters on its border', () => {
    const jitter = fc.array(fc.double({ min: -0.004, max: 0.004, noNaN: true }), { minLength: 20, maxLength: 60 });
    fc.assert(
      fc.property(jitter, (offsets) => {
        const scene = new Scene({ zones: [RIGHT] });
        scene.walk(1, [[0.3, 0.5], [0.45, 0.5]]);
        // Never for half a second on one side.
        scene.walk(1, offsets.map((offset, i) => [0.5 + (i % 5 === 0 ? 0.004 : i % 5 === 3 ? -0.004 : offset), 0.5] as const));
        scene.walk(1, [[0.6, 0.5], [0.7, 0.5]]);
        assert.deepEqual(scene.said, ['zone.entered']);
      }),
    );
  });

  it('is entered by somebody who stays just behind its border', () => {
    const scene = new Scene({ zones: [RIGHT] });
    scene.walk(1, Array.from({ length: 12 }, () => [0.501, 0.5] as const));
    assert.deepEqual(scene.said, []);
    scene.walk(1, Array.from({ length: 5 }, () => [0.501, 0.5] as const));
    assert.deepEqual(scene.said, ['zone.entered']);
  });

  it('forgets those who pass through faster than they must stay', () => {
    const scene = new Scene({ zones: [{ ...RIGHT, minDwellMs: 200 }] });
    scene.walk(1, [[0.4, 0.5], [0.6, 0.5], [0.6, 0.5], [0.4, 0.5]]);
    assert.deepEqual(scene.said, []);
    scene.walk(2, [[0.4, 0.5], ...Array.from({ length: 6 }, () => [0.6, 0.5] as const)]);
    assert.deepEqual(scene.said, ['zone.entered']);
    scene.walk(2, [[0.4, 0.5]]);
    const left = scene.events.at(-1);
    assert(left?.type === 'zone.left');
    assert.equal(left.dwellMs, 6 * FRAME_MS, 'counted from the first step inside');
  });

  it('keeps somebody who is hidden for a second, and lets go of somebody who is not seen again', () => {
    const scene = new Scene({ zones: [RIGHT] });
    scene.walk(1, [[0.6, 0.5], [0.7, 0.5]]);
    for (let i = 0; i < 25; i++) scene.frame([]);
    scene.frame([at(0.8, 0.5, 1)]);
    assert.deepEqual(scene.said, ['zone.entered']);
    for (let i = 0; i < 40; i++) scene.frame([]);
    const left = scene.events.at(-1);
    assert(left?.type === 'zone.left');
    assert.deepEqual([left.reason, left.dwellMs], ['lost', 27 * FRAME_MS]);
    assert.equal(scene.events.length, 2);
  });

  it('keeps what a slow detector saw until it says otherwise', () => {
    const scene = new Scene({ zones: [RIGHT] });
    scene.frame([at(0.7, 0.5, 1)]);
    for (let age = 1; age < 60; age++) scene.frame([at(0.7, 0.5, 1)], { detectors: { d: { age } } });
    assert.deepEqual(scene.said, ['zone.entered'], 'one result in 2.4 s is all there was');
  });

  it('counts only the classes it is for', () => {
    const scene = new Scene({ zones: [{ ...RIGHT, classes: ['car'] }] });
    const { zones } = scene.frame([at(0.7, 0.5, 1), at(0.8, 0.5, 2, 'car'), { detector: 'd', label: 'car', score: 1, box: [0.7, 0.4, 0.1, 0.1] }]);
    assert.deepEqual(zones?.['right']?.counts, { car: 1 }, 'nor what has no identity');
  });

  it('knows who is in it when others are drawn, and begins anew when it is drawn itself', () => {
    const scene = new Scene({ zones: [RIGHT] });
    scene.walk(1, [[0.7, 0.5], [0.7, 0.5]]);
    scene.analytics.configure({ zones: [{ name: 'other', points: [[0, 0], [0.1, 0], [0, 0.1]] }, structuredClone(RIGHT)], lines: [] });
    scene.frame([at(0.7, 0.5, 1)]);
    assert.deepEqual(scene.said, ['zone.entered']);
    scene.analytics.configure({ zones: [{ ...RIGHT, points: [[0.6, 0], [1, 0], [1, 1], [0.6, 1]] }], lines: [] });
    scene.frame([at(0.7, 0.5, 1)]);
    assert.deepEqual(scene.said, ['zone.entered', 'zone.entered']);
  });
});

describe('a picture that is wider than high', () => {
  it('has zones where they are drawn', () => {
    const scene = new Scene({ zones: [RIGHT] });
    assert.deepEqual(scene.frame([at(0.6, 0.5, 1)], { width: 1920, height: 1080 }).zones?.['right']?.counts, { person: 1 });
    assert.deepEqual(scene.frame([at(0.4, 0.5, 2)], { width: 1920, height: 1080 }).zones?.['right']?.counts, { person: 1 });
  });
});
