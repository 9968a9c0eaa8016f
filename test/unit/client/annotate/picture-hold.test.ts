import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { meetingDelay } from '../../../../client/src/annotate/meeting-delay.ts';
import { PictureHold } from '../../../../client/src/annotate/picture-hold.ts';

describe('a picture whose message is not there', () => {
  let shown: number[];
  let closed: number[];
  /** Only what the hold does with it: decoded pictures exist in browsers. */
  let hold: PictureHold<{ close: () => void }>;
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    shown = [];
    closed = [];
    hold = new PictureHold(({ rtp }) => shown.push(rtp));
  });
  afterEach(() => {
    hold.clear();
    mock.timers.reset();
  });

  const add = (rtp: number, waits: boolean, presentedAt = performance.now()): void => {
    hold.add({ rtp, presentedAt, frame: { close: () => closed.push(rtp) } }, waits);
  };

  test('is shown when the message comes', () => {
    add(1, true);
    assert.deepEqual(shown, []);
    hold.ready(1);
    assert.deepEqual(shown, [1]);
  });

  test('is shown without it when its time is over', () => {
    add(1, true, performance.now() - 50);
    mock.timers.tick(50);
    assert.deepEqual(shown, [1]);
  });

  test('is left out, and given back, when a newer one with its message overtakes it', () => {
    add(1, true);
    add(2, false);
    hold.ready(1);
    assert.deepEqual(shown, [2]);
    assert.deepEqual(closed, [1]);
  });

  test('makes way where too many wait', () => {
    for (const rtp of [1, 2, 3, 4]) add(rtp, true);
    assert.deepEqual(shown, [1]);
  });

  test('is given back when nothing is shown any more', () => {
    add(1, true);
    add(2, true);
    hold.clear();
    mock.timers.tick(1000);
    assert.deepEqual(shown, []);
    assert.deepEqual(closed, [1, 2]);
  });
});

describe('the delay at which pictures and messages meet', () => {
  test('is none where messages come first, or hardly late', () => {
    assert.equal(meetingDelay(0, -20), 0);
    assert.equal(meetingDelay(0, 20), 0);
  });

  test('grows by what messages are late, to its bound', () => {
    assert.equal(meetingDelay(0, 80), 90);
    assert.equal(meetingDelay(90, 30), 130);
    assert.equal(meetingDelay(90, 5000), 400);
  });

  test('shrinks slowly once messages are early by far, and stays where they are not', () => {
    assert.equal(meetingDelay(90, -100), 80);
    assert.equal(meetingDelay(5, -100), 0);
    assert.equal(meetingDelay(90, -20), 90);
  });
});
