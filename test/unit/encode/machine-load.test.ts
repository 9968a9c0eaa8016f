import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MachineLoad } from '../../../src/pipeline/encode/machine-load.ts';

test('the idle cores of a machine are a mean over the last second, and nothing before that', () => {
  const times = { idle: 1000, total: 5000 };
  let reads = 0;
  const load = new MachineLoad(() => ((reads += 1), { ...times }), 0, 4);
  assert.equal(load.headroom(999), undefined);
  Object.assign(times, { idle: 1300, total: 5400 });
  assert.deepEqual(load.headroom(1000), { cores: 4, idle: 3 });
  Object.assign(times, { idle: 1300, total: 5800 });
  assert.deepEqual(load.headroom(1900), { cores: 4, idle: 3 });
  assert.equal(reads, 2, 'it is not read more often than that');
  assert.deepEqual(load.headroom(2000), { cores: 4, idle: 0 });
});

test('this machine has as many idle cores as it has cores, at most', () => {
  const load = new MachineLoad(undefined, -2000);
  // Ticks are 10 ms, so that there may be none yet.
  for (let at = 0; ; at += 1000) {
    const headroom = load.headroom(at);
    if (headroom === undefined) continue;
    assert.ok(headroom.idle >= 0 && headroom.idle <= headroom.cores && headroom.cores >= 1, JSON.stringify(headroom));
    return;
  }
});
