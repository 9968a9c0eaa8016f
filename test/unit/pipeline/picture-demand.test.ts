import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PictureDemand } from '../../../src/pipeline/picture-demand.ts';

describe('the demand for pictures', () => {
  it('is there while there is any need, and a little longer', () => {
    let time = 0;
    const demand = new PictureDemand(() => time);
    assert.equal(demand.wanted, false);
    demand.set('detectors', true);
    demand.set('outputs', true);
    demand.set('detectors', false);
    time = 60_000;
    assert.equal(demand.wanted, true);
    demand.set('outputs', false);
    demand.set('outputs', false);
    assert.equal(demand.wanted, true);
    time += 2000;
    assert.equal(demand.wanted, false);
    demand.set('outputs', false);
    assert.equal(demand.wanted, false);
  });
});
