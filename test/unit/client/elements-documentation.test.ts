import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SHORTCUTS } from '../../../client/src/elements/player/shortcuts.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DOCUMENT = await readFile(join(ROOT, 'docs/elements.md'), 'utf8');
const TEMPLATES = {
  'framelock-player': ['player/box-details', 'player/boxes-panel', 'player/control-bar', 'player/figures-panel'],
  'framelock-publisher': ['publisher/publisher-figures', 'publisher/publisher-overlay', 'publisher/source-controls'],
};
/** Of each element its own source, then those of the rest of its template. */
const SOURCES = await Promise.all(
  Object.entries(TEMPLATES).map(async ([element, others]) => {
    const sources = await Promise.all([element, ...others].map((name) => readFile(join(ROOT, `client/src/elements/${name}.ts`), 'utf8')));
    return [element, sources] as const;
  }),
);

for (const [element, sources] of SOURCES) {
  const source = sources[0]!;
  /** What the document says of this element. */
  const section = DOCUMENT.split(/^## /m).find((text) => text.startsWith(`\`<${element}>\``)) ?? '';
  /** Names that a tag of the element's comment gives. */
  const tagged = (tag: string): string[] => [...source.matchAll(new RegExp(`^ \\* @${tag} ([\\w-]+) - `, 'gm'))].map(([, name]) => name!);

  describe(`the documentation of ${element}`, () => {
    for (const tag of ['csspart', 'event']) {
      test(`has what the element says of itself by @${tag}`, () => {
        assert.ok(tagged(tag).length > 0);
        for (const name of tagged(tag)) assert.ok(section.includes(`\`${name}\``), name);
      });
    }

    test('has what the element says of itself by @cssproperty', () => {
      for (const name of tagged('cssproperty')) assert.ok(section.includes(`\`${name}\``), name);
    });

    test('has every public attribute', () => {
      const properties = /static override properties = \{(.*?)\n {2}\};/s.exec(source)![1]!;
      const names = [...properties.matchAll(/^ {4}([a-z]\w*):/gm)].map(([, name]) => name!);
      assert.ok(names.length > 0);
      for (const name of names) assert.ok(section.includes(`| \`${name}\` |`), name);
    });
  });

  test(`${element} says of itself every part that it has`, () => {
    const parts = new Set(sources.flatMap((text) => [...text.matchAll(/part(?:="|', ')([\w-]+)['"]/g)].map(([, name]) => name!)));
    assert.deepEqual(tagged('csspart').sort(), [...parts].sort());
  });
}

test('the documentation of the player has every key', () => {
  for (const [key] of Object.values(SHORTCUTS)) assert.ok(DOCUMENT.includes(`<kbd>${key === ' ' ? 'Space' : key!.toUpperCase()}</kbd>`), key);
});
