import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ArrivalClock } from '../../../src/pipeline/source/publish/arrival-clock.ts';
import { RateEstimate } from '../../../src/pipeline/source/publish/rate-estimate.ts';

const START = 1_763_650_000_000;

describe('the clock of a publisher’s frames', () => {
  it('takes the network’s jitter out of capture times', () => {
    const clock = new ArrivalClock();
    const jitter = [0, 12, 3, 40, 7, 25, 0, 18];
    const times = Array.from({ length: 300 }, (_, i) => clock.capturedAt((i * 3000) >>> 0, START + (i * 100) / 3 + jitter[i % jitter.length]!));
    for (const [i, time] of times.entries()) assert.ok(Math.abs(time - START - (i * 100) / 3) < 2, `frame ${i} is ${time - START - (i * 100) / 3} ms off`);
  });

  it('follows a publisher whose clock runs fast or slow, and the wrap of its timestamps', () => {
    for (const drift of [0.9995, 1.0005]) {
      const clock = new ArrivalClock();
      const first = 2 ** 32 - 90_000;
      let last = 0;
      for (let i = 0; i < 30 * 600; i++) {
        const at = START + i * 33;
        last = clock.capturedAt((first + Math.round(i * 33 * 90 * drift)) % 2 ** 32, at) - at;
      }
      assert.ok(Math.abs(last) < 5, `${last} ms off after ten minutes`);
    }
  });

  it('begins anew where a timeline does', () => {
    const clock = new ArrivalClock();
    clock.capturedAt(0, START);
    assert.equal(clock.capturedAt(3_000_000_000, START + 40), START + 40);
    assert.equal(clock.capturedAt(3_000_003_600, START + 80), START + 80);
  });

  it('never lets a frame be captured after it came', () => {
    const clock = new ArrivalClock();
    for (let i = 0; i < 200; i++) {
      const at = START + i * 30 + ((i * 7919) % 23);
      assert.ok(clock.capturedAt(i * 2700, at) <= at + 0.001);
    }
  });
});

describe('the rate of a source that does not tell', () => {
  it('is known after some frames, holds while the camera wavers, and is not disturbed by a pause', () => {
    const estimate = new RateEstimate();
    let time = 0;
    const rateAfter = (frames: number, fps: number): number | undefined => {
      for (let i = 0; i < frames; i++) estimate.mark((time += 1000 / fps));
      return estimate.fps;
    };
    assert.equal(rateAfter(10, 15), undefined);
    assert.equal(rateAfter(40, 15), 15);
    assert.equal(rateAfter(60, 16), 15);
    time += 10_000;
    assert.equal(rateAfter(60, 15), 15);
    assert.equal(rateAfter(90, 30), 30);
  });
});
