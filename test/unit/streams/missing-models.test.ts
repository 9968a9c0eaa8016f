import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { MissingModels } from '../../../src/detectors/missing-models.ts';

const stream = (id: string, ...codes: string[]) => {
  return { id, resolved: { unresolved: codes.map((code) => ({ name: 'model', problem: { code, message: 'Not here.' } })) } };
};

describe('missing models', () => {
  it('are looked for while streams miss them, until nobody asks any more', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    let streams = [stream('a'), stream('b', 'model-invalid')];
    let looks = 0;
    const { promise, resolve } = Promise.withResolvers<readonly string[]>();
    const missing = new MissingModels({
      models: { refresh: async () => void looks++ },
      streams: () => streams,
      looked: resolve,
      logger: pino({ level: 'silent' }),
    });
    t.mock.timers.tick(15_000);
    assert.equal(looks, 0);
    streams = [...streams, stream('c', 'model-invalid', 'model-unknown')];
    t.mock.timers.tick(15_000);
    assert.deepEqual([await promise, looks], [['c'], 1]);
    missing.close();
    missing.close();
    t.mock.timers.tick(60_000);
    assert.equal(looks, 1);
  });
});
