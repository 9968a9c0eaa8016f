import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explain } from '../../../src/config/explain.ts';
import { StreamDefinition } from '../../../src/config/stream-definition.ts';

const SQUARE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]];

/** What is wrong with a stream of these zones and lines, by path. */
function wrong(shapes: object): string[] {
  const parsed = StreamDefinition.safeParse({ id: 's', source: 'demo://street', ...shapes });
  return parsed.success ? [] : explain(parsed.error, StreamDefinition).map(({ path, message }) => `${path}: ${message}`);
}

describe('zones and lines of a stream', () => {
  it('may have names in any script, classes, an anchor and a least stay', () => {
    assert.deepEqual(wrong({ zones: [{ name: '入口 1', points: SQUARE, classes: ['person'], anchor: 'center', minDwellMs: 500 }] }), []);
    assert.deepEqual(wrong({ lines: [{ name: 'Gate (north)', from: [0, 0.5], to: [1, 0.5], anchor: 'bottom' }] }), []);
  });

  it('are refused with the path of what is wrong', () => {
    const zone = (changes: object): object => ({ zones: [{ name: 'a', points: SQUARE, ...changes }] });
    assert.deepEqual(wrong(zone({ points: SQUARE.slice(0, 2) })), ['zones[0].points: Must have at least 3 entries.']);
    assert.deepEqual(wrong(zone({ points: [[0, 0], [1, 1], [1, 0], [0, 1]] })), ['zones[0].points: Must not cross or touch itself.']);
    assert.deepEqual(wrong(zone({ points: [[0, 0], [1, 0], [1.2, 1]] })), ['zones[0].points[2][0]: Must be at most 1.']);
    assert.deepEqual(wrong(zone({ points: [[0, 0], [0.001, 0], [0, 0.001]] })), ['zones[0].points: Must enclose an area.']);
    assert.match(wrong(zone({ name: '__proto__' }))[0]!, /^zones\[0\]\.name: Must be 1 to 60 letters/);
    assert.match(wrong(zone({ color: 'red' }))[0]!, /^zones\[0\]\.color: There is no such field/);
    assert.deepEqual(wrong({ lines: [{ name: 'a', from: [0.5, 0.5], to: [0.5, 0.5] }] }), ['lines[0].to: Must not be where “from” is.']);
    assert.deepEqual(wrong({ zones: [{ name: 'a', points: SQUARE }, { name: 'a', points: SQUARE }] }), ['zones[1].name: The name “a” is taken.']);
    assert.equal(wrong({ zones: Array.from({ length: 33 }, (_, i) => ({ name: `z${i}`, points: SQUARE })) }).length, 1);
    assert.equal(wrong(zone({ points: Array.from({ length: 65 }, (_, i) => [i / 65, (i / 65) ** 2]) })).length, 1);
  });
});
