import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SourceClock } from '../../../src/pipeline/source/source-clock.ts';

const HOUR = 3_600_000;
const START = 1_795_000_000_000;

/** A network that delays each frame by 5 to 45 ms, the same in every run. */
function delays(): () => number {
  let state = 42;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return 5 + (state / 2 ** 31) * 40;
  };
}

interface Seen {
  /** How long before its arrival a frame was placed, in milliseconds. */
  readonly worstLag: number;
  readonly lags: number[];
}

/**
 * Plays simulated time through a clock; holds that nothing is placed after its arrival or before the last frame.
 * @param media the source's timestamp of a frame that was captured `t` ms after the start
 */
function play(hours: number, media: (t: number, frame: number) => number | undefined, stepMs = 40): Seen {
  const clock = new SourceClock();
  const delay = delays();
  const lags: number[] = [];
  let arrival = 0;
  let last = 0;
  for (let t = 0, frame = 0; t < hours * HOUR; t += stepMs, frame++) {
    arrival = Math.max(arrival, START + t + delay());
    const placed = clock.place(media(t, frame), arrival);
    assert.ok(placed >= last, `frame ${frame} is placed before the last one`);
    assert.ok(placed <= arrival + 1e-6, `frame ${frame} is placed ${placed - arrival} ms after its arrival`);
    last = placed;
    lags.push(arrival - placed);
  }
  return { worstLag: lags.reduce((worst, lag) => Math.max(worst, lag), 0), lags };
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('the clock of a live source', () => {
  test('takes the network’s jitter out of the frames’ times', () => {
    const clock = new SourceClock();
    const delay = delays();
    const placed: number[] = [];
    for (let t = 0; t < 20_000; t += 40) placed.push(clock.place(t, START + t + delay()));
    const off = placed.slice(100).map((at, i, all) => (i === 0 ? 0 : Math.abs(at - all[i - 1]! - 40)));
    assert.ok(mean(off) < 4, `steps are off by ${mean(off)} ms`);
  });

  for (const percent of [-2, 2]) {
    test(`absorbs ${percent} % of drift over 3 hours without a growing lag`, () => {
      const { lags, worstLag } = play(3, (t) => t * (1 + percent / 100));
      assert.ok(worstLag < 150, `a frame lagged by ${worstLag} ms`);
      const hour = lags.length / 3;
      const growth = mean(lags.slice(2 * hour)) - mean(lags.slice(0, hour));
      assert.ok(Math.abs(growth) < 3, `the lag grew by ${growth} ms`);
    });
  }

  const ODD: Record<string, (t: number, frame: number) => number | undefined> = {
    'that jump forward by a day every ten minutes': (t) => t + Math.floor(t / 600_000) * 24 * HOUR,
    'that jump back to nothing every ten minutes': (t) => t % 600_000,
    'that wrap at 33 bits of 90 kHz': (t) => (t + 2 ** 33 / 90 - 600_000) % (2 ** 33 / 90),
    'that wrap at 32 bits of 90 kHz': (t) => (t + 2 ** 32 / 90 - 600_000) % (2 ** 32 / 90),
    'that are missing': () => undefined,
    'that are missing now and then': (t, frame) => (frame % 7 === 0 ? undefined : t),
    'that stand still': () => 5000,
    'that run backwards': (t) => 10 * HOUR - t,
    'at twice the true rate': (t) => t * 2,
    'at half the true rate': (t) => t / 2,
    'that are nonsense': (_t, frame) => (frame * 7_919_777) % 100_000_000,
  };
  for (const [name, media] of Object.entries(ODD)) {
    test(`lives with timestamps ${name}`, () => {
      const { worstLag, lags } = play(2, media);
      assert.ok(worstLag <= 550, `a frame lagged by ${worstLag} ms`);
      assert.ok(mean(lags.slice(-1000)) < 120, `the lag stayed at ${mean(lags.slice(-1000))} ms`);
    });
  }

  for (const fps of [1, 120]) {
    test(`follows ${fps} frames a second`, () => {
      const { worstLag } = play(0.5, (t) => t, 1000 / fps);
      assert.ok(worstLag < 150, `a frame lagged by ${worstLag} ms`);
    });
  }

  test('places the frames of a burst that an encoder held back at the time when they came', () => {
    const clock = new SourceClock();
    for (let t = 0; t < 2000; t += 40) assert.equal(clock.place(t, START), START);
    for (let t = 2000; t < 6000; t += 40) assert.ok(START + t - 2000 - clock.place(t, START + t - 2000) < 2);
  });
});
