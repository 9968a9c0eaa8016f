import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SHORTCUTS } from '../../../client/src/elements/player/shortcuts.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PLAYER = await readFile(join(ROOT, 'client/src/elements/framelock-player.ts'), 'utf8');
const DOCUMENT = await readFile(join(ROOT, 'docs/elements.md'), 'utf8');
const PARTS = await Promise.all(
  ['framelock-player', 'player/control-bar', 'player/figures-panel'].map((name) => readFile(join(ROOT, `client/src/elements/${name}.ts`), 'utf8')),
);

/** Names that a tag of the element's comment gives. */
function tagged(tag: string): string[] {
  return [...PLAYER.matchAll(new RegExp(`^ \\* @${tag} ([\\w-]+) - `, 'gm'))].map(([, name]) => name!);
}

describe('the documentation of the player', () => {
  for (const tag of ['csspart', 'cssproperty', 'event']) {
    test(`has what the element says of itself by @${tag}`, () => {
      assert.ok(tagged(tag).length > 0);
      for (const name of tagged(tag)) assert.ok(DOCUMENT.includes(`\`${name}\``), name);
    });
  }

  test('has every public attribute', () => {
    const properties = /static override properties = \{(.*?)\n {2}\};/s.exec(PLAYER)![1]!;
    for (const [, name] of properties.matchAll(/^ {4}([a-z]\w*):/gm)) assert.ok(DOCUMENT.includes(`| \`${name}\` |`), name);
  });

  test('has every key', () => {
    for (const [key] of Object.values(SHORTCUTS)) assert.ok(DOCUMENT.includes(`<kbd>${key === ' ' ? 'Space' : key!.toUpperCase()}</kbd>`), key);
  });
});

test('the player says of itself every part that it has', () => {
  const parts = new Set(PARTS.flatMap((text) => [...text.matchAll(/part(?:="|', ')([\w-]+)['"]/g)].map(([, name]) => name!)));
  assert.deepEqual(tagged('csspart').sort(), [...parts].sort());
});
