import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layersToSkip } from '../../../client/src/live/shown-size.ts';

const PICTURE = { width: 1280, height: 720 };

test('layers are skipped as long as the next has the pixels that are shown', () => {
  const shown = [[1280, 720], [2560, 1440], [700, 394], [640, 360], [330, 186], [320, 180], [160, 90]] as const;
  assert.deepEqual(shown.map(([width, height]) => layersToSkip(PICTURE, { width, height })), [0, 0, 1, 1, 2, 2, 3]);
  assert.equal(layersToSkip(PICTURE, { width: 760, height: 428 }), 0, 'a fifth larger would be seen');
});

test('bars beside or above a picture are not shown of it', () => {
  assert.equal(layersToSkip(PICTURE, { width: 1280, height: 360 }), 1);
  assert.equal(layersToSkip(PICTURE, { width: 640, height: 720 }), 1);
});

test('of what is not laid out nothing is known', () => {
  assert.equal(layersToSkip(PICTURE, { width: 0, height: 0 }), 0);
});
