import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { actionOf, SHORTCUTS } from '../../../client/src/elements/player/shortcuts.ts';

function press(key: string, more: Partial<KeyboardEvent> = {}): Parameters<typeof actionOf>[0] {
  return { key, ctrlKey: false, metaKey: false, altKey: false, ...more };
}

describe('keys of the player', () => {
  test('mean one thing each, in either case', () => {
    const keys = Object.values(SHORTCUTS).flat();
    assert.equal(new Set(keys).size, keys.length);
    for (const [action, own] of Object.entries(SHORTCUTS)) for (const key of own) assert.equal(actionOf(press(key.toUpperCase())), action);
  });

  test('are the browser’s own when held with another', () => {
    for (const modifier of ['ctrlKey', 'metaKey', 'altKey'] as const) assert.equal(actionOf(press('f', { [modifier]: true })), undefined);
    assert.equal(actionOf(press('Tab')), undefined);
  });
});
