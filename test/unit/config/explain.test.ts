import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explain } from '../../../src/config/explain.ts';
import { applyChanges, StreamDefinition } from '../../../src/config/stream-definition.ts';
import { suggest } from '../../../src/config/suggest.ts';

function wrong(value: unknown): Record<string, string> {
  const parsed = StreamDefinition.safeParse(value);
  assert(!parsed.success);
  return Object.fromEntries(explain(parsed.error, StreamDefinition).map(({ path, message }) => [path, message]));
}

const good = { id: 'a', source: 'demo://street' };

describe('a wrong stream', () => {
  it('is told the exact path of each wrong value', () => {
    const found = wrong({
      id: 'a/b',
      source: 'gopher://x',
      deadlineMs: 0,
      detectors: ['ok', { name: 'x', model: 'm', threshold: 2, regoin: [0, 0, 1, 1] }],
      overlay: { colors: { car: 'red' } },
      encoder: { chain: ['x265'] },
    });
    assert.deepEqual(Object.keys(found).sort(), [
      'deadlineMs',
      'detectors[1].regoin',
      'detectors[1].threshold',
      'encoder.chain[0]',
      'id',
      'overlay.colors.car',
      'source',
    ]);
    assert.match(found['detectors[1].regoin'] ?? '', /Did you mean “region”/);
    assert.match(found['source'] ?? '', /demo:\/\/, file:\/\//);
  });

  it('is told what is missing', () => {
    assert.deepEqual(wrong({ source: 'demo://street' }), { id: 'Is required.' });
  });

  it('is told what it should be where it is something else altogether', () => {
    assert.deepEqual(wrong(null), { '': 'Must be an object.' });
    assert.deepEqual(wrong({ ...good, source: 7 }), { source: 'Must be text, or an object.' });
    assert.deepEqual(wrong({ ...good, sync: 'sometimes' }), { sync: 'Must be one of exact, predict, interpolate.' });
  });

  it('may not smuggle in what belongs to objects themselves', () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const found = wrong(JSON.parse(`{ "id": "a", "source": "demo://street", "${key}": { "x": 1 } }`));
      assert.deepEqual(Object.keys(found), [key]);
    }
  });

  it('has no region outside the frame and no detector twice', () => {
    assert.deepEqual(Object.keys(wrong({ ...good, detectors: ['a', 'a'] })), ['detectors[1]']);
    assert.deepEqual(Object.keys(wrong({ ...good, detectors: [{ name: 'a', model: 'm', region: [0.5, 0, 0.6, 1] }] })), ['detectors[0].region']);
  });
});

describe('a right stream', () => {
  it('names its source as text or as an object', () => {
    assert.equal(StreamDefinition.parse({ ...good, source: { url: 'demo://street?seed=1' } }).source, 'demo://street?seed=1');
  });

  it('keeps what was left out left out', () => {
    assert.deepEqual(StreamDefinition.parse({ ...good, overlay: { labels: false }, encoder: {} }), { ...good, overlay: { labels: false }, encoder: {} });
  });

  it('takes changes, of which null takes a field back to its default', () => {
    assert.deepEqual(applyChanges<StreamDefinition>({ ...good, title: 'A', loop: false }, { title: null, sync: 'predict' }), { ...good, loop: false, sync: 'predict' });
  });
});

describe('a suggestion', () => {
  it('is the nearest known word, or none', () => {
    assert.equal(suggest('hsot', ['host', 'port']), 'host');
    assert.equal(suggest('Detector', ['detectors', 'sync']), 'detectors');
    assert.equal(suggest('colour', ['host', 'port']), undefined);
    assert.equal(suggest('x'.repeat(100_000), ['host']), undefined);
  });
});
