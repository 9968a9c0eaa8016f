import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { shapeText } from '../../../../client/src/annotate/zone-renderer.ts';
import { messageOf } from './messages.ts';

const WORDS = { into: 'in', out: 'out' };

describe('what stands beside a zone or line', () => {
  const message = {
    ...messageOf(1, []),
    zones: { Yard: { counts: { person: 2, car: 1 }, dwell: {} } },
    lines: { Gate: { in: { car: 4, bus: 1 }, out: {} } },
  };

  test('is its name and what the frame’s message counts, over all classes', () => {
    assert.equal(shapeText({ kind: 'zone', name: 'Yard' }, message, WORDS), 'Yard 3');
    assert.equal(shapeText({ kind: 'line', name: 'Gate' }, message, WORDS), 'Gate in 5 out 0');
    assert.equal(shapeText({ kind: 'line', name: 'Gate' }, message, { into: '进', out: '出' }), 'Gate 进 5 出 0');
  });

  test('is its name alone where the message does not know it, or there is none', () => {
    assert.equal(shapeText({ kind: 'zone', name: 'Gate' }, message, WORDS), 'Gate');
    assert.equal(shapeText({ kind: 'line', name: 'Gate' }, undefined, WORDS), 'Gate');
  });
});
