import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import { messagesOf } from '../../support/annotation-events.ts';
import { LiveServer } from '../../support/live-server.ts';
import { openReceiver } from '../../support/whep-receiver.ts';

interface Change {
  readonly what: string;
  readonly call: readonly [method: string, path: string, body: unknown];
  /** Whether a frame shows that it took effect. */
  readonly done: (message: AnnotationMessage) => boolean;
}

const STREAM = '/api/streams/gate';
const SECOND = { name: 'second', model: 'street-nano', every: 3 };
const sees = (...names: string[]) => ({ detectors }: AnnotationMessage): boolean => Object.keys(detectors).toSorted().join() === names.toSorted().join();
const anything = (): boolean => true;
/** Frames between two changes. */
const FRAMES = 8;

const CHANGES: readonly Change[] = [
  { what: 'a second detector', call: ['PATCH', STREAM, { detectors: ['main', SECOND] }], done: sees('main', 'second') },
  { what: 'which is carried', call: ['PATCH', STREAM, { detectors: ['main', { ...SECOND, late: 'carry' }] }], done: ({ detectors }) => detectors['second']!.age > 0 },
  { what: 'another threshold', call: ['PATCH', '/api/detectors/main', { threshold: 1 }], done: ({ detections }) => detections.every(({ detector }) => detector !== 'main') },
  { what: 'the model’s own threshold', call: ['PATCH', '/api/detectors/main', { threshold: null }], done: ({ detections }) => detections.some(({ detector }) => detector === 'main') },
  { what: 'boxes merged', call: ['PATCH', STREAM, { merge: 'wbf' }], done: ({ detections }) => detections.some(({ mergedFrom }) => mergedFrom?.length === 2) },
  { what: 'boxes on their own', call: ['PATCH', STREAM, { merge: null }], done: ({ detections }) => detections.every(({ mergedFrom }) => mergedFrom === undefined) },
  { what: 'prediction', call: ['PATCH', STREAM, { sync: 'predict' }], done: ({ detectors }) => detectors['main']!.age > 0 },
  { what: 'interpolation', call: ['PATCH', STREAM, { sync: 'interpolate' }], done: ({ detectors }) => detectors['main']!.age === 0 },
  { what: 'no detectors', call: ['PATCH', STREAM, { detectors: [], sync: null }], done: sees() },
  { what: 'one detector', call: ['PATCH', STREAM, { detectors: ['main'] }], done: sees('main') },
  { what: 'nothing more', call: ['PATCH', STREAM, { sync: 'exact' }], done: anything },
];

it('detectors and how they are joined change on a running stream without a gap: no frame is missing, and viewers go on', { timeout: 180_000 }, async () => {
  await using server = await LiveServer.start();
  await server.call('POST', '/api/detectors', { name: 'main', model: 'street-nano' });
  await server.call('POST', '/api/streams', { id: 'gate', source: 'demo://street?seed=11&light=day&fps=15&density=1&width=640&height=360', detectors: ['main'], deadlineMs: 2000 });
  let packets = 0;
  const viewer = await openReceiver(server.url, 'gate', () => (packets += 1));
  try {
    let [next, left, packetsBefore] = [0, FRAMES, 0];
    let last: number | undefined;
    for await (const message of messagesOf(server, 'gate')) {
      const { seq, detectors } = message;
      assert.ok(last === undefined || seq === last + 1, `after frame ${last} came ${seq}, at: ${CHANGES[next - 1]?.what ?? 'the start'}`);
      last = seq;
      if (next === 0 && detectors['main'] === undefined) continue;
      const { done } = CHANGES[next - 1] ?? { done: anything };
      if (left === FRAMES && !done(message)) continue;
      left -= 1;
      if (left > 0 || packets === packetsBefore) continue;
      const change = CHANGES[next];
      if (change === undefined) break;
      await server.call(...change.call);
      [next, left, packetsBefore] = [next + 1, FRAMES, packets];
    }
    assert.equal(next, CHANGES.length);
    const { stats } = await server.call<{ stats: { restarts: number; detectors: Record<string, { offered: number; taken: number; skipped: number }> } }>('GET', STREAM);
    assert.equal(stats.restarts, 0);
    const { offered, taken, skipped } = stats.detectors['main']!;
    assert.ok(taken > 0 && taken + skipped <= offered, `${offered} offered, ${taken} taken, ${skipped} skipped`);
  } finally {
    viewer.close();
  }
});
