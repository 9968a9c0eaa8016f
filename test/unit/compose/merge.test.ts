import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Box, Detection } from '../../../src/pipeline/annotation.ts';
import { attach } from '../../../src/pipeline/compose/attach.ts';
import { Merger, type Shown } from '../../../src/pipeline/compose/merge.ts';
import { ageOf } from '../../../src/pipeline/detections.ts';

const IOU = 0.55;

function box(detector: string, at: Box, score = 0.9, more: Partial<Detection> = {}): Detection {
  return { detector, label: 'car', score, box: at, ...more };
}

function shown(...detections: Detection[]): Shown {
  return { name: detections[0]!.detector, detections };
}

function near(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((value, i) => assert.ok(Math.abs(value - expected[i]!) < 1e-9, `[${actual.join()}] is not [${expected.join()}]`));
}

describe('boxes of several detectors', () => {
  const a = box('a', [0.1, 0.1, 0.2, 0.2], 0.8);
  const b = box('b', [0.12, 0.1, 0.2, 0.2], 0.4);

  test('are all shown without a merge', () => {
    assert.deepEqual(new Merger().merge([shown(a), shown(b)], { mode: 'union', iou: IOU }), [a, b]);
  });

  test('of one class that overlap give way to the most certain one, with its own name', () => {
    assert.deepEqual(new Merger().merge([shown(b), shown(a)], { mode: 'nms', iou: IOU }), [a]);
  });

  test('become their average by their scores, which names all of them', () => {
    const [fused, ...more] = new Merger().merge([shown(a), shown(b)], { mode: 'wbf', iou: IOU });
    near(fused!.box, [(0.8 * 0.1 + 0.4 * 0.12) / 1.2, 0.1, 0.2, 0.2]);
    near([fused!.score], [0.6]);
    assert.deepEqual([fused!.detector, fused!.mergedFrom, more], ['a', ['a', 'b'], []]);
    assert.equal(ageOf(fused!, { detectors: { a: { age: 0 }, b: { age: 4 } } }), 4);
  });

  test('that only one of the detectors of its class saw are less certain in an average, and no other’s count', () => {
    const alone = box('a', [0.7, 0.7, 0.1, 0.1], 0.8);
    const witness = { name: 'b', labels: ['car'], detections: [] };
    const stranger = { name: 'c', labels: ['face'], detections: [] };
    const score = (...others: Shown[]): number => new Merger().merge([{ ...shown(alone), labels: ['car'] }, ...others], { mode: 'wbf', iou: IOU })[0]!.score;
    near([score(stranger), score(witness), score(witness, stranger)], [0.8, 0.4, 0.4]);
  });

  test('stay what they are where they are of other classes, of one detector, too far apart, or not to be merged', () => {
    const bus = { ...b, label: 'bus' };
    const far = box('b', [0.2, 0.1, 0.2, 0.2], 0.4);
    for (const mode of ['nms', 'wbf'] as const) {
      const boxes = (...given: Shown[]): number => new Merger().merge(given, { mode, iou: IOU }).length;
      assert.deepEqual([boxes(shown(a), shown(bus)), boxes(shown(a, { ...a, score: 0.7 }), shown(bus)), boxes(shown(a), shown(far))], [2, 3, 2]);
      assert.deepEqual(new Merger().merge([shown(a), shown(b)], { mode, iou: IOU, except: ['car'] }), [a, b]);
    }
  });

  test('go to the box that they overlap most', () => {
    const [left, right] = [box('a', [0.1, 0.1, 0.2, 0.2], 0.9), box('a', [0.16, 0.1, 0.2, 0.2], 0.8)];
    const merged = new Merger().merge([shown(left, right), shown(box('b', [0.15, 0.1, 0.2, 0.2], 0.5))], { mode: 'wbf', iou: 0.5 });
    assert.deepEqual(merged.map(({ mergedFrom }) => mergedFrom), [undefined, ['a', 'b']]);
  });

  test('keep one identity while the detectors take turns', () => {
    const merger = new Merger();
    const [one, two] = [{ ...a, track: 7 }, { ...b, track: 3 }];
    const tracks = (...given: Shown[]): (number | undefined)[] => merger.merge(given, { mode: 'nms', iou: IOU }).map(({ track }) => track);
    assert.deepEqual(tracks(shown(one), shown(two)), [3]);
    assert.deepEqual(tracks(shown(one), { name: 'b', detections: [] }), [3]);
    assert.deepEqual(tracks({ name: 'a', detections: [] }, shown(two)), [3]);
    // Apart from each other they are two again.
    assert.deepEqual(tracks(shown(one), shown({ ...two, box: [0.6, 0.6, 0.2, 0.2] })).toSorted(), [3, 7]);
    assert.deepEqual(tracks(shown(one), { name: 'b', detections: [] }), [7]);
  });
});

describe('boxes that belong to others', () => {
  const person = (at: Box): Detection => ({ ...box('people', at), label: 'person' });
  const face = (at: Box): Detection => ({ ...box('faces', at), label: 'face' });
  const rules = new Map([['faces', { to: ['person'] }]]);

  test('become attributes of the one that holds them, with their own detector', () => {
    const [one, two, found] = [person([0.1, 0.1, 0.2, 0.6]), person([0.5, 0.1, 0.2, 0.6]), face([0.55, 0.12, 0.05, 0.06])];
    assert.deepEqual(attach([one, two, found], rules), [one, { ...two, attributes: [found] }]);
  });

  test('go to the one that holds most of them, and to the smaller one of two that hold all', () => {
    const [large, small, beside, found] = [person([0, 0, 1, 1]), person([0.5, 0.1, 0.2, 0.6]), person([0.56, 0.1, 0.2, 0.6]), face([0.54, 0.12, 0.04, 0.06])];
    assert.deepEqual(attach([large, small, beside, found], rules).map(({ attributes = [] }) => attributes.length), [0, 1, 0]);
  });

  test('stay on their own where nothing holds enough of them', () => {
    const [one, found] = [person([0.1, 0.1, 0.2, 0.6]), face([0.28, 0.1, 0.06, 0.06])];
    assert.deepEqual(attach([one, found], rules), [one, found]);
    assert.equal(attach([one, found], new Map([['faces', { to: ['person'], minOverlap: 0.3 }]])).length, 1);
    assert.equal(attach([one, face([0.15, 0.1, 0.06, 0.06])], new Map([['faces', { to: ['car'] }]])).length, 2);
  });
});
