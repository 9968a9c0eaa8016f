import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { SceneEvent } from '../../../src/pipeline/analytics/events.ts';
import { CountsView } from '../../../src/streams/counts-view.ts';
import type { StreamView } from '../../../src/streams/view.ts';
import { startServer, temporaryFolder, type TestServer } from '../../support/server.ts';
import { call, events, problem, streamIs } from './client.ts';

const DOOR = { name: 'door', from: [0, 0.5], to: [1, 0.5] };
const YARD = { name: 'yard', points: [[0, 0], [1, 0], [1, 1]] };

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

const counts = async (on: TestServer, query = ''): Promise<CountsView> => {
  const { status, body } = await call(on, 'GET', `/api/streams/street/counts${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return CountsView.parse(body);
};
const sum = (tally: Record<string, number> | undefined): number => Object.values(tally ?? {}).reduce((a, b) => a + b, 0);

describe('zones and lines', () => {
  it('are set while the stream runs, shown, and taken away again', async () => {
    await streamIs(server, 'street', ({ state }) => state === 'live');
    const { pid } = server.control.registry.get('street').stats.process;
    const { status, body } = await call(server, 'PATCH', '/api/streams/street', { zones: [YARD], lines: [DOOR] });
    assert.equal(status, 200);
    assert.deepEqual([(body as StreamView).zones, (body as StreamView).lines], [[YARD], [DOOR]]);
    assert.equal((body as StreamView).stats.process.pid, pid, 'without a restart');
    const without = await call(server, 'PATCH', '/api/streams/street', { zones: null });
    assert.deepEqual([(without.body as StreamView).zones, (without.body as StreamView).lines], [[], [DOOR]]);
  });

  it('are refused with the path of what is wrong, and nothing changes', async () => {
    const zones = [YARD, { ...YARD, points: [[0, 0], [1, 1], [1, 0], [0, 1]] }];
    assert.deepEqual(problem(await call(server, 'PATCH', '/api/streams/street', { zones }), 400).paths, ['zones[1].points', 'zones[1].name']);
    assert.deepEqual(problem(await call(server, 'POST', '/api/streams', { id: 'x', source: 'demo://street', lines: [{ ...DOOR, to: [0, 2] }] }), 400).paths, ['lines[0].to[1]']);
    assert.deepEqual(server.control.registry.get('street').zones, []);
  });
});

describe('what happens', () => {
  it('is told on /api/events, no more than a listener can take', async () => {
    await call(server, 'PATCH', '/api/streams/street', { lines: [DOOR] });
    const seen: SceneEvent[] = [];
    const startedAt = performance.now();
    for await (const { event, data } of events(server, '/api/events')) {
      if (event !== 'scene') continue;
      seen.push(SceneEvent.parse(data));
      if (seen.length === 20) break;
    }
    assert(seen.every(({ type, stream }) => type === 'line.crossed' && stream === 'street'));
    assert(seen.every(({ seq }, i) => i === 0 || seq > seen[i - 1]!.seq), 'in order');
    assert(performance.now() - startedAt < 60_000);
  });

  it('is counted by bucket, direction and label', async () => {
    await once(server.control.registry, 'scene');
    const { lines, zones, bucketMs, from, to } = await counts(server, '?bucket=5m');
    assert.equal(bucketMs, 300_000);
    assert.equal(Date.parse(from) % 300_000, 0);
    assert(Date.parse(to) - Date.parse(from) >= 3_600_000);
    assert.deepEqual(Object.keys(lines), ['door']);
    assert.deepEqual(zones, {});
    const door = lines['door']!;
    assert(door.in['person']! > 0 && door.out['person']! > 0);
    assert.equal(sum(door.in), door.buckets.reduce((total, bucket) => total + sum(bucket.in), 0));
    assert.equal((await counts(server, '?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z')).lines['door']?.buckets.length, 0);
  });

  it('is refused where the span is none, or too long', async () => {
    const path = '/api/streams/street/counts';
    assert.deepEqual(problem(await call(server, 'GET', `${path}?from=yesterday`), 400).paths, ['from']);
    assert.deepEqual(problem(await call(server, 'GET', `${path}?bucket=2m`), 400).paths, ['bucket']);
    assert.deepEqual(problem(await call(server, 'GET', `${path}?from=2000&to=1000`), 400).paths, ['from']);
    assert.deepEqual(problem(await call(server, 'GET', `${path}?from=0`), 400).paths, ['bucket']);
    assert.equal(problem(await call(server, 'GET', '/api/streams/none/counts'), 404).code, 'stream-not-found');
    assert.equal(problem(await call(server, 'DELETE', '/api/streams/none/counts'), 404).code, 'stream-not-found');
    assert.equal(problem(await call(server, 'POST', path), 405).code, 'method-not-allowed');
  });

  it('survives a restart, and is forgotten with DELETE', async () => {
    const folder = await temporaryFolder();
    const first = await startServer({ dataDir: folder.path });
    await call(first, 'PATCH', '/api/streams/street', { lines: [DOOR] });
    await once(first.control.registry, 'scene');
    await first.close();
    const second = await startServer({ dataDir: folder.path });
    try {
      await streamIs(second, 'street', ({ state }) => state === 'live');
      const told = (await second.log.findTold('street', 'start')) as { plan?: { lineTotals: Record<string, { in: Record<string, number>; out: Record<string, number> }> } };
      const door = told.plan?.lineTotals['door'];
      assert(sum(door?.in) + sum(door?.out) > 0, 'the process goes on from what was counted');
      await call(second, 'PATCH', '/api/streams/street', { lines: null });
      assert((await counts(second)).lines['door'] !== undefined, 'what is no longer drawn is still known');
      assert.equal((await call(second, 'DELETE', '/api/streams/street/counts')).status, 204);
      assert.deepEqual(await second.log.findTold('street', 'reset-counts'), { type: 'reset-counts' });
    } finally {
      await second.close();
      await folder.remove();
    }
  });
});
