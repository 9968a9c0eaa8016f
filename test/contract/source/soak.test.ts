import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from '../../support/soak/soak.ts';

/** As `npm run soak`, which goes on for longer, with more of them. */
test('sources that break again and again are all live in the end, and leave nothing behind', { timeout: 240_000 }, async (t) => {
  const { changes, sources, wrong } = await soak({ sources: 6, ms: 36_000, seed: 7, faultMs: 6000, readMs: 3000 });
  for (const { kind, faults, live } of sources) t.diagnostic(`${kind}: ${JSON.stringify({ ...faults, ...live })}`);
  for (const { of, before, after } of changes) t.diagnostic(`${of}: ${before} → ${after}`);
  assert.ok(sources.every(({ faults }) => Object.values(faults).some((times) => times > 0)), 'something happened to each');
  assert.deepEqual(wrong, []);
});
