import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LockMeter } from '../../../../client/src/annotate/lock-meter.ts';

describe('how well pictures and boxes keep together', () => {
  test('tells frames that had their message from those that got it late and those that never did', () => {
    const meter = new LockMeter();
    meter.shown(1, 1000, 990);
    meter.shown(2, 1033, undefined);
    meter.arrived(2, 1040, true);
    meter.shown(3, 1066, undefined);
    meter.arrived(3, 1166, false);
    meter.shown(4, 1100, undefined);
    meter.shown(5, 3000, 2990);
    const { frames, inTime, corrected, estimated, lost, lateness } = meter.figures;
    assert.deepEqual({ frames, inTime, corrected, estimated, lost }, { frames: 5, inTime: 2, corrected: 1, estimated: 2, lost: 1 });
    assert.deepEqual(lateness, { p50: 7, p95: 100 });
  });

  test('does not count a message that nobody waited for', () => {
    const meter = new LockMeter();
    meter.arrived(9, 5, false);
    assert.equal(meter.figures.lateness, undefined);
    assert.equal(meter.figures.offset, undefined);
  });

  test('measures the offset without its sign, and one way at a time', () => {
    const meter = new LockMeter();
    for (const offset of [0, -2, 1]) meter.measured(offset, 'timecode');
    assert.deepEqual(meter.figures.offset, { p50: 1, p95: 2 });
    assert.equal(meter.figures.by, 'timecode');
    meter.measured(0, 'rtp');
    assert.deepEqual(meter.figures.offset, { p50: 0, p95: 0 });
  });

  test('forgets how late messages were when pictures come at another time', () => {
    const meter = new LockMeter();
    meter.shown(1, 1000, 1080);
    meter.retimed();
    assert.equal(meter.figures.lateness, undefined);
    assert.equal(meter.figures.frames, 1);
    meter.reset();
    assert.equal(meter.figures.frames, 0);
  });
});
