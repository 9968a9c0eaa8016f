import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { AnnotationMessage, Detection } from '../../../src/pipeline/annotation.ts';
import { messagesOf } from '../../support/annotation-events.ts';
import { LiveServer } from '../../support/live-server.ts';

/** From the middle of the upper edge to that of the lower one: to the left is in, to the right out. */
const MIDDLE = { name: 'middle', from: [0.5, 0], to: [0.5, 1] };
/** The left half. */
const LEFT = { name: 'left', points: [[0, 0], [0.5, 0], [0.5, 1], [0, 1]] };
const VEHICLES = ['car', 'bus', 'truck'];
/** Crossings by vehicles that are waited for. */
const ENOUGH = 14;

/** Who is on which side of the middle, from what the scene itself says: nothing is hidden, lost or mistaken there. */
class TrueCrossings {
  readonly counts = { in: 0, out: 0 };
  readonly #sides = new Map<number, boolean>();

  take(detections: readonly Detection[]): void {
    for (const { track, label, box } of detections) {
      if (track === undefined || !VEHICLES.includes(label)) continue;
      const isLeft = box[0] + box[2] / 2 < 0.5;
      const before = this.#sides.get(track);
      this.#sides.set(track, isLeft);
      if (before !== undefined && before !== isLeft) this.counts[isLeft ? 'in' : 'out'] += 1;
    }
  }
}

function vehicles(tally: Readonly<Record<string, number>> | undefined): number {
  return VEHICLES.reduce((sum, label) => sum + (tally?.[label] ?? 0), 0);
}

it('counts who crosses the street’s middle as the scene itself knows it, hidden ones aside', { timeout: 300_000 }, async (context) => {
  await using server = await LiveServer.start();
  // Few and small pictures, each of which waits for its results: how busy the machine is decides nothing.
  await server.call('POST', '/api/streams', { id: 'street', source: 'demo://street?seed=5&width=640&height=360&fps=8', deadlineMs: 3000, zones: [LEFT], lines: [MIDDLE] });
  const truth = new TrueCrossings();
  let [frames, occupancyError] = [0, 0];
  let last: AnnotationMessage | undefined;
  for await (const message of messagesOf(server, 'street')) {
    const { detections } = await server.call<AnnotationMessage>('GET', `/api/streams/street/truth?seq=${message.seq}`);
    truth.take(detections);
    last = message;
    frames += 1;
    const inside = detections.filter(({ label, box }) => VEHICLES.includes(label) && box[0] + box[2] / 2 < 0.5).length;
    occupancyError += Math.abs(inside - vehicles(message.zones?.['left']?.counts));
    if (truth.counts.in + truth.counts.out >= ENOUGH) break;
  }
  const counted = { in: vehicles(last?.lines?.['middle']?.in), out: vehicles(last?.lines?.['middle']?.out) };
  const said = `${JSON.stringify(counted)} of ${JSON.stringify(truth.counts)} in ${frames} frames, occupancy off by ${(occupancyError / frames).toFixed(2)}`;
  context.diagnostic(said);
  for (const direction of ['in', 'out'] as const) {
    assert(Math.abs(counted[direction] - truth.counts[direction]) <= 0.25 * truth.counts[direction] + 1, said);
  }
});
