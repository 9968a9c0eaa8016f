import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import type { SceneEvent } from '../../../src/pipeline/analytics/events.ts';
import { CountStore } from '../../../src/store/counts.ts';
import { MIGRATIONS } from '../../../src/store/migrations.ts';

/** A whole hour, not long ago: older counts are removed. */
const HOUR = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;
const MINUTE = 60_000;

function database(): DatabaseSync {
  const made = new DatabaseSync(':memory:');
  for (const sql of MIGRATIONS) made.exec(sql);
  return made;
}

function open(on: DatabaseSync, retentionDays = 90): CountStore {
  return new CountStore({ database: on, retentionDays, logger: pino({ level: 'silent' }) });
}

function crossed(capturedAt: number, direction: 'in' | 'out', label = 'person'): SceneEvent {
  return { type: 'line.crossed', stream: 's', seq: 0, rtp: 0, capturedAt, age: 0, detector: 'd', track: 1, label, line: 'door', direction };
}

function left(capturedAt: number, dwellMs: number): SceneEvent {
  return { type: 'zone.left', stream: 's', seq: 0, rtp: 0, capturedAt, age: 0, detector: 'd', track: 1, label: 'person', zone: 'yard', dwellMs, reason: 'moved' };
}

describe('counts', () => {
  it('are summed by bucket, direction and label', async () => {
    const store = open(database());
    store.add('s', [crossed(HOUR, 'in'), crossed(HOUR + 59_999, 'in'), crossed(HOUR + 59_999, 'out'), crossed(HOUR + MINUTE, 'in'), crossed(HOUR + 5 * MINUTE, 'in', 'car')]);
    store.add('other', [crossed(HOUR, 'in')]);
    const read = async (bucketMs: number): Promise<unknown[]> => (await store.read('s', { from: HOUR, to: HOUR + 60 * MINUTE, bucketMs })).map(({ kind, label, at, count }) => [kind, label, (at - HOUR) / MINUTE, count]);
    assert.deepEqual(await read(MINUTE), [['in', 'person', 0, 2], ['out', 'person', 0, 1], ['in', 'person', 1, 1], ['in', 'car', 5, 1]]);
    assert.deepEqual(await read(5 * MINUTE), [['in', 'person', 0, 3], ['out', 'person', 0, 1], ['in', 'car', 5, 1]]);
    assert.deepEqual((await store.read('s', { from: HOUR + MINUTE, to: HOUR + 5 * MINUTE, bucketMs: MINUTE })).map(({ count }) => count), [1], 'of the span alone');
    store.close();
  });

  it('are there after a restart, and go on from there', async () => {
    const on = database();
    const before = open(on);
    before.add('s', [crossed(HOUR, 'in'), left(HOUR, 2000)]);
    before.close();
    const after = open(on);
    after.add('s', [crossed(HOUR, 'in'), crossed(HOUR, 'out', 'car'), left(HOUR, 500)]);
    assert.deepEqual(after.lineTotals('s'), { door: { in: { person: 2 }, out: { car: 1 } } });
    const stays = (await after.read('s', { from: HOUR, to: HOUR + 1, bucketMs: MINUTE })).filter(({ kind }) => kind === 'left');
    assert.deepEqual(stays.map(({ shape, label, count, dwellMs }) => [shape, label, count, dwellMs]), [['yard', 'person', 2, 2500]]);
    after.close();
  });

  it('are forgotten where that is asked for, and when they are too old', async () => {
    const on = database();
    const store = open(on);
    store.add('s', [crossed(HOUR, 'in')]);
    store.add('other', [crossed(HOUR, 'in'), crossed(Date.now() - 3 * 86_400_000, 'in')]);
    assert.deepEqual(store.lineTotals('other'), { door: { in: { person: 2 }, out: {} } });
    await store.reset('s');
    assert.deepEqual(store.lineTotals('s'), {});
    store.close();
    const later = open(on, 2);
    assert.deepEqual(later.lineTotals('other'), { door: { in: { person: 1 }, out: {} } });
    later.close();
  });
});
