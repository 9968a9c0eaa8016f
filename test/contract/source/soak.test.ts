import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from '../../support/soak/soak.ts';

/** As `npm run soak`, which goes on for longer, with more of them. How long it takes until all are live is up to the machine. */
test('sources that break again and again are all live in the end, and leave nothing behind', { timeout: 700_000 }, async (t) => {
  const { changes, sources, wrong, log } = await soak({
    sources: 6,
    kinds: ['RTSP over TCP, H.264', 'HTTP-FLV', 'MPEG-TS in datagrams', 'RTMP, pulled from nginx', 'DASH, live', 'RTP with a session description'],
    ms: 27_000,
    seed: 7,
    faultMs: 4500,
    readMs: 2250,
  });
  for (const { kind, faults, live } of sources) t.diagnostic(`${kind}: ${JSON.stringify({ ...faults, ...live })}`);
  for (const { of, before, after } of changes) t.diagnostic(`${of}: ${before} → ${after}`);
  assert.ok(sources.every(({ faults }) => Object.values(faults).some((times) => times > 0)), 'something happened to each');
  assert.deepEqual(wrong, [], log.slice(-4000));
});
