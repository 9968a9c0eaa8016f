import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PlayOut } from '../../../src/pipeline/source/play-out.ts';

const START = 1_795_000_000_000;
const STEP = 40;

/**
 * Plays segments that become readable when they are complete.
 * @param rate the source's clock against the wall clock
 * @returns per frame, how long after its segment could first be had it was shown, and the pauses between frames, in milliseconds
 */
function play(minutes: number, segmentMs: number, rate = 1): { delays: number[]; pauses: number[] } {
  const playOut = new PlayOut();
  const waiting: { media: number; arrival: number }[] = [];
  const delays: number[] = [];
  const pauses: number[] = [];
  let media = 0;
  let shown = START;
  for (let wall = segmentMs; wall < minutes * 60_000; wall += segmentMs) {
    for (const end = wall * rate; media < end; media += STEP) {
      playOut.arrived(media, START + wall);
      waiting.push({ media, arrival: START + wall });
    }
    // Until the next segment comes, what is due is shown.
    while (waiting.length > 0) {
      const now = Math.max(shown, START + wall);
      if (now >= START + wall + segmentMs) break;
      const next = waiting.shift()!;
      const due = Math.max(now, playOut.due(next.media, next.arrival, now));
      pauses.push(due - shown);
      shown = due;
      delays.push(due - START - next.media / rate);
    }
  }
  return { delays, pauses };
}

describe('playing out what comes in segments', () => {
  for (const segment of [1000, 4000, 6000]) {
    test(`segments of ${segment} ms are played evenly`, () => {
      const { pauses } = play(20, segment);
      assert.ok(Math.max(...pauses.slice(500)) < 80, `a pause of ${Math.max(...pauses.slice(500))} ms`);
    });
  }

  for (const rate of [0.98, 1.02]) {
    test(`a source whose clock runs at ${rate} is followed for 6 hours with the same delay and no pause`, () => {
      const { delays, pauses } = play(360, 2000, rate);
      const third = Math.floor(delays.length / 3);
      const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
      const growth = mean(delays.slice(-third)) - mean(delays.slice(third, 2 * third));
      assert.ok(Math.abs(growth) < 50, `the delay grew by ${growth} ms`);
      assert.ok(pauses.slice(500).every((pause) => pause < 150), `a pause of ${pauses.slice(500).reduce((a, b) => Math.max(a, b))} ms`);
    });
  }

  for (const jump of [-3_600_000, 3_600_000]) {
    test(`a timeline that jumps by ${jump / 1000} s is played on without a wait, and the rest of the old one before it`, () => {
      const playOut = new PlayOut();
      const media = 7_200_000;
      playOut.arrived(media, START);
      assert.equal(playOut.due(media, START, START), START);
      playOut.arrived(media + STEP, START);
      playOut.arrived(media + jump, START + STEP);
      assert.equal(playOut.due(media + STEP, START, START + STEP), START + STEP);
      assert.equal(playOut.due(media + jump, START + STEP, START + STEP), START + STEP);
    });
  }
});
