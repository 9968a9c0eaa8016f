import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chosen, EVERYTHING, parseChoices } from '../../../../client/src/annotate/box-choices.ts';
import { pictureArea } from '../../../../client/src/annotate/picture-area.ts';
import { messageOf } from './messages.ts';

describe('what a viewer chose', () => {
  const message = messageOf(1, [
    { detector: 'people', label: 'person', score: 0.9 },
    { detector: 'people', label: 'person', score: 0.3 },
    { detector: 'cars', label: 'car', score: 0.8 },
    { detector: 'cars', label: 'bus', score: 0.8 },
  ]);
  const labels = (choices: Partial<typeof EVERYTHING>): string[] => chosen(message, { ...EVERYTHING, ...choices }).map(({ label }) => label);

  test('is everything, but for detectors, classes and scores that are left out', () => {
    assert.equal(labels({}).length, 4);
    assert.deepEqual(labels({ hiddenDetectors: ['people'] }), ['car', 'bus']);
    assert.deepEqual(labels({ hiddenLabels: ['car', 'person'] }), ['bus']);
    assert.deepEqual(labels({ threshold: 0.8 }), ['person', 'car', 'bus']);
  });

  test('is taken from what was stored as far as it can be used', () => {
    const stored = { hiddenDetectors: ['a'], hiddenLabels: ['b'], unlabelled: true, trails: true, withoutZones: true, threshold: 0.5 };
    assert.deepEqual(parseChoices(stored), stored);
    assert.deepEqual(parseChoices({ hiddenDetectors: 'a', hiddenLabels: [1], unlabelled: 1, trails: null, withoutZones: 0, threshold: 2, more: 1 }), {});
    for (const nothing of [null, undefined, 'x', 3, []]) assert.deepEqual(parseChoices(nothing), {});
  });
});

describe('the place of a picture', () => {
  test('is in the middle, between bars beside or above it', () => {
    assert.deepEqual(pictureArea({ width: 1280, height: 720 }, { width: 1000, height: 1000 }), { x: 0, y: 219, width: 1000, height: 563 });
    assert.deepEqual(pictureArea({ width: 720, height: 1280 }, { width: 1280, height: 720 }), { x: 438, y: 0, width: 405, height: 720 });
    assert.deepEqual(pictureArea({ width: 1280, height: 720 }, { width: 2560, height: 1440 }), { x: 0, y: 0, width: 2560, height: 1440 });
  });

  test('is nowhere without a size', () => {
    assert.equal(pictureArea({ width: 0, height: 0 }, { width: 10, height: 10 }), undefined);
    assert.equal(pictureArea({ width: 10, height: 10 }, { width: 0, height: 10 }), undefined);
  });
});
