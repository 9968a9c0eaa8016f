import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnnotationMessage, Box } from '../../../src/pipeline/annotation.ts';
import { PrivacyMask } from '../../../src/pipeline/compose/privacy.ts';
import { PrivacyOptions } from '../../../src/pipeline/compose/privacy-options.ts';
import type { Picture } from '../../../src/pipeline/picture.ts';
import { makePicture } from '../../support/pictures.ts';

const [WIDTH, HEIGHT] = [320, 240];
const WATCHERS = ['people'];

/** Stripes of one pixel: an area that is hidden has lost them. */
const striped = (): Picture => makePicture(WIDTH, HEIGHT, (x) => (x % 2 === 0 ? 40 : 200));

function message(seq: number, detections: { box: Box; label?: string; track?: number }[], age: number | null = 0): AnnotationMessage {
  return {
    stream: 's',
    seq,
    rtp: seq * 3000,
    capturedAt: 1e12 + (seq * 1000) / 30,
    width: WIDTH,
    height: HEIGHT,
    detections: detections.map((one) => ({ detector: 'people', label: 'person', score: 0.9, ...one })),
    detectors: age === null ? {} : { people: { age } },
  };
}

/** Whether pixels of an area differ from their neighbours: `all` of them, `none`, or `some`. */
function detail({ planes: [luma], strides: [stride] }: Picture, [x, y, w, h]: Box): string {
  let differing = 0;
  let pairs = 0;
  for (let row = Math.round(y * HEIGHT); row < Math.round((y + h) * HEIGHT); row++) {
    for (let column = Math.round(x * WIDTH); column < Math.round((x + w) * WIDTH) - 1; column++) {
      pairs += 1;
      if (Math.abs(luma[row * stride + column]! - luma[row * stride + column + 1]!) > 20) differing += 1;
    }
  }
  return differing === 0 ? 'none' : differing === pairs ? 'all' : 'some';
}

const WHOLE: Box = [0, 0, 1, 1];
const BOX: Box = [0.3, 0.3, 0.2, 0.4];
const ELSEWHERE: Box = [0.7, 0.2, 0.2, 0.5];

function maskOf(options: Partial<PrivacyOptions> = {}): PrivacyMask {
  return new PrivacyMask(PrivacyOptions.parse({ classes: ['person'], ...options }));
}

describe('what is to be hidden', () => {
  for (const style of ['pixelate', 'blur'] as const) {
    test(`is gone, with its margin, and nothing else is: ${style}`, () => {
      const picture = striped();
      maskOf({ style, margin: 0.1 }).apply(picture, message(1, [{ box: BOX, track: 1 }]), WATCHERS);
      assert.equal(detail(picture, [0.285, 0.27, 0.23, 0.46]), 'none');
      assert.equal(detail(picture, ELSEWHERE), 'all');
      assert.equal(detail(picture, [0, 0, 0.25, 1]), 'all');
      picture.release();
    });
  }

  test('is of the classes that are named only', () => {
    const picture = striped();
    maskOf().apply(picture, message(1, [{ box: BOX, label: 'car' }]), WATCHERS);
    assert.equal(detail(picture, WHOLE), 'all');
    picture.release();
  });

  test('leaves no more than seven squares on its shorter side, in luma and chroma', () => {
    const picture = makePicture(WIDTH, HEIGHT, (x, y) => (x * 7 + y * 13) % 200);
    for (const plane of [1, 2] as const) picture.planes[plane].forEach((_, at, all) => (all[at] = (at * 31) % 200));
    maskOf({ margin: 0 }).apply(picture, message(1, [{ box: [0, 0, 0.5, 1] }]), WATCHERS);
    for (const [plane, scale] of [[0, 1], [1, 2], [2, 2]] as const) {
      const row = picture.planes[plane].subarray(0, 160 / scale);
      const changes = row.filter((value, at) => at > 0 && value !== row[at - 1]).length;
      assert.ok(changes <= 6, `${changes} changes along a row of plane ${plane}`);
    }
    picture.release();
  });

  test('stays hidden for a while when it is not found, and then no longer', () => {
    const mask = maskOf({ holdMs: 300 });
    mask.apply(makePicture(WIDTH, HEIGHT), message(1, [{ box: BOX, track: 1 }]), WATCHERS);
    const [soon, late] = [striped(), striped()];
    mask.apply(soon, message(9, []), WATCHERS);
    assert.equal(detail(soon, BOX), 'none');
    mask.apply(late, message(12, []), WATCHERS);
    assert.equal(detail(late, WHOLE), 'all');
  });

  test('goes with what moves: where it was before is not hidden', () => {
    const mask = maskOf();
    mask.apply(makePicture(WIDTH, HEIGHT), message(1, [{ box: BOX, track: 1 }]), WATCHERS);
    const picture = striped();
    mask.apply(picture, message(2, [{ box: ELSEWHERE, track: 1 }]), WATCHERS);
    assert.equal(detail(picture, ELSEWHERE), 'none');
    assert.equal(detail(picture, BOX), 'all');
  });

  test('is the whole picture where nobody looks for it', () => {
    const picture = striped();
    maskOf().apply(picture, message(1, []), []);
    assert.equal(detail(picture, WHOLE), 'none');
  });

  test('is the whole picture while a detector has said nothing yet, or nothing for long', () => {
    const mask = maskOf({ holdMs: 300 });
    for (const [seq, age, expected] of [[1, null, 'none'], [2, 0, 'all'], [3, 1, 'all'], [10, 8, 'all'], [12, 10, 'none'], [13, 11, 'none'], [14, 0, 'all']] as const) {
      const picture = striped();
      mask.apply(picture, message(seq, [], age), WATCHERS);
      assert.equal(detail(picture, WHOLE), expected, `frame ${seq}, age ${age}`);
      picture.release();
    }
  });

  test('is whole as long as one of several that look for it has not', () => {
    const picture = striped();
    maskOf().apply(picture, message(1, []), ['people', 'more people']);
    assert.equal(detail(picture, WHOLE), 'none');
  });

  test('is nothing where no class is named', () => {
    const picture = striped();
    new PrivacyMask(PrivacyOptions.parse({})).apply(picture, message(1, [{ box: BOX }]), []);
    assert.equal(detail(picture, WHOLE), 'all');
  });

  test('may reach beyond the picture, and be of no size', () => {
    const picture = striped();
    maskOf().apply(picture, message(1, [{ box: [-0.2, -0.2, 0.4, 0.4], track: 1 }, { box: [0.9, 0.9, 0.3, 0.3], track: 2 }, { box: [0.5, 0.5, 0, 0], track: 3 }, { box: [NaN, 0, 1, 1], track: 4 }]), WATCHERS);
    assert.equal(detail(picture, [0, 0, 0.2, 0.2]), 'none');
    assert.equal(detail(picture, [0.9, 0.9, 0.1, 0.1]), 'none');
    assert.equal(detail(picture, [0.4, 0.4, 0.4, 0.4]), 'all');
    picture.release();
  });
});
