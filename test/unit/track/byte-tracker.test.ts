import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box, Detection } from '../../../src/pipeline/annotation.ts';
import { ByteTracker } from '../../../src/pipeline/track/byte-tracker.ts';

const FRAME_MS = 33;

function detection(x: number, y: number, label = 'person', score = 0.9): Detection {
  return { detector: 'd', label, score, box: [x, y, 0.05, 0.15] };
}

function tracker(): ByteTracker {
  let id = 0;
  return new ByteTracker(() => ++id);
}

test('two people who cross keep their identities', () => {
  const tracks = tracker();
  const ids: (number | undefined)[][] = [];
  for (let i = 0; i < 60; i++) {
    const seen = tracks.update([detection(0.1 + i * 0.01, 0.5), detection(0.7 - i * 0.01, 0.53)], i * FRAME_MS);
    ids.push(seen.map(({ track }) => track));
  }
  assert.ok(ids.every(([a, b]) => a === ids[0]![0] && b === ids[0]![1]));
});

test('somebody who is not seen for half a second is the same person after it', () => {
  const tracks = tracker();
  let first: number | undefined;
  for (let i = 0; i < 20; i++) first = tracks.update([detection(0.1 + i * 0.005, 0.5)], i * FRAME_MS)[0]!.track;
  const [after] = tracks.update([detection(0.1 + 35 * 0.005, 0.5)], 35 * FRAME_MS);
  assert.equal(after!.track, first);
});

test('a doubtful detection keeps a track alive but does not begin one', () => {
  const tracks = tracker();
  assert.equal(tracks.update([detection(0.1, 0.1, 'person', 0.2)], 0)[0]!.track, undefined);
  tracks.update([detection(0.5, 0.5)], FRAME_MS);
  const [sure] = tracks.update([detection(0.5, 0.5)], 2 * FRAME_MS);
  const [doubtful] = tracks.update([detection(0.501, 0.5, 'person', 0.2)], 3 * FRAME_MS);
  assert.equal(doubtful!.track, sure!.track);
});

test('weak detections begin no track and are not given back, but one goes on in them', () => {
  const weak = (x: number): Detection[] => [detection(x, 0.5, 'person', 0.25)];
  const [helped, alone] = [tracker(), tracker()];
  assert.deepEqual(helped.update([], 0, weak(0.5)), []);
  const ids = [helped, alone].map((tracks) => {
    const [first] = tracks.update([detection(0.5, 0.5)], FRAME_MS);
    tracks.update([detection(0.5, 0.5)], 2 * FRAME_MS);
    // Longer than a lost track is waited for.
    for (let i = 3; i < 60; i += 1) assert.deepEqual(tracks.update([], i * FRAME_MS, tracks === helped ? [...weak(0.5), ...weak(0.1)] : []), []);
    return [first!.track, tracks.update([detection(0.5, 0.5)], 60 * FRAME_MS)[0]!.track];
  });
  assert.equal(ids[0]![1], ids[0]![0]);
  assert.notEqual(ids[1]![1], ids[1]![0]);
});

test('a weak detection takes no track from one that is asked for', () => {
  const tracks = tracker();
  for (let i = 0; i < 3; i += 1) tracks.update([detection(0.5, 0.5)], i * FRAME_MS);
  const [doubtful] = tracks.update([detection(0.505, 0.5, 'person', 0.4)], 3 * FRAME_MS, [detection(0.5, 0.5, 'person', 0.3)]);
  assert.notEqual(doubtful!.track, undefined);
});

test('a doubtful detection does not bring back what is lost', () => {
  const tracks = tracker();
  for (let i = 0; i < 3; i++) tracks.update([detection(0.5, 0.5)], i * FRAME_MS);
  tracks.update([], 3 * FRAME_MS);
  assert.equal(tracks.update([detection(0.5, 0.5, 'person', 0.2)], 4 * FRAME_MS)[0]!.track, undefined);
});

test('what flickers up once leaves no track behind', () => {
  const tracks = tracker();
  const [first] = tracks.update([detection(0.5, 0.5)], 0);
  tracks.update([], FRAME_MS);
  const [later] = tracks.update([detection(0.5, 0.5)], 2 * FRAME_MS);
  assert.notEqual(later!.track, first!.track);
  assert.equal(tracks.boxAt(first!.track!, 2 * FRAME_MS), undefined);
});

test('somebody new beside a known person does not take over the identity', () => {
  const tracks = tracker();
  // A second person stood half behind the first, and is lost by now.
  for (let i = 0; i < 5; i++) tracks.update([detection(0.5, 0.5), detection(0.53, 0.5)], i * FRAME_MS);
  const [known] = tracks.update([detection(0.5, 0.5)], 5 * FRAME_MS);
  const both = tracks.update([detection(0.47, 0.5), detection(0.5, 0.5)], 6 * FRAME_MS);
  assert.equal(both[1]!.track, known!.track);
});

test('a detector that answers every other second keeps identities of what stands still', () => {
  const tracks = tracker();
  const ids = [0, 2000, 4000, 6000].map((at) => tracks.update([detection(0.5, 0.5)], at)[0]!.track);
  assert.deepEqual(new Set(ids).size, 1);
});

test('a detector that looks five times a second keeps hold of what moves on by most of its width between two looks', () => {
  const tracks = tracker();
  const ids = Array.from({ length: 10 }, (_, i) => tracks.update([detection(0.1 + i * 0.036, 0.5)], i * 200)[0]!.track);
  assert.equal(new Set(ids).size, 1);
  // One that looks at every frame takes so large a step for somebody else.
  const quick = tracker();
  assert.notEqual(quick.update([detection(0.1, 0.5)], 0)[0]!.track, quick.update([detection(0.136, 0.5)], FRAME_MS)[0]!.track);
});

test('identities are never given twice, and everybody has one of their own', () => {
  const tracks = tracker();
  const seen = new Map<number, string>();
  for (let i = 0; i < 200; i++) {
    const detections = ['person', 'car'].flatMap((label, j) =>
      Array.from({ length: 20 }, (_, k) => detection((k % 5) * 0.2 + ((i * 7 + k * 3 + j) % 11) * 0.004, Math.floor(k / 5) * 0.25, label, (i + k) % 4 === 0 ? 0.3 : 0.9)),
    );
    const ids = tracks.update(detections, i * FRAME_MS).flatMap(({ track, label }) => (track === undefined ? [] : [{ track, label }]));
    assert.equal(new Set(ids.map(({ track }) => track)).size, ids.length, `frame ${i}`);
    for (const { track, label } of ids) assert.equal(seen.get(track) ?? label, label);
    for (const { track, label } of ids) seen.set(track, label);
  }
});

test('noise does not make tracks pile up', () => {
  const tracks = tracker();
  let x = 1;
  const random = (): number => (x = (x * 48_271) % 0x7fff_ffff) / 0x7fff_ffff;
  const ids = new Set<number>();
  for (let i = 0; i < 15; i++) {
    // Seen twice, so that they are confirmed, and never again.
    const noise = Array.from({ length: 150 }, (): Detection => ({ ...detection(0, 0), box: [random(), random(), 0.01, 0.01] }));
    for (const frame of [2 * i, 2 * i + 1]) for (const { track } of tracks.update(noise, frame * FRAME_MS)) ids.add(track!);
  }
  assert.ok(ids.size > 1000, `${ids.size} identities`);
  const alive = [...ids].filter((id) => tracks.boxAt(id, 30 * FRAME_MS) !== undefined).length;
  assert.ok(alive <= 500, `${alive} tracks`);
});

test('a track keeps to its label', () => {
  const tracks = tracker();
  const [car] = tracks.update([detection(0.5, 0.5, 'car')], 0);
  const [bus] = tracks.update([detection(0.5, 0.5, 'bus')], FRAME_MS);
  assert.notEqual(car!.track, bus!.track);
});

test('a box that moves evenly is predicted where it will be', () => {
  const tracks = tracker();
  let id = 0;
  for (let i = 0; i < 30; i++) id = tracks.update([detection(0.1 + i * 0.01, 0.5)], i * FRAME_MS)[0]!.track!;
  const [x] = tracks.boxAt(id, 32 * FRAME_MS) as Box;
  assert.ok(Math.abs(x - (0.1 + 32 * 0.01)) < 0.003, String(x));
});

test('a motion is not taken to go on for ever', () => {
  const tracks = tracker();
  let id = 0;
  for (let i = 0; i < 30; i++) id = tracks.update([detection(0.1 + i * 0.01, 0.5)], i * FRAME_MS)[0]!.track!;
  const last = 29 * FRAME_MS;
  assert.deepEqual(tracks.boxAt(id, last + 60_000), tracks.boxAt(id, last + 1000));
});
