import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { allElements, publishedManifest, type ElementDeclaration } from '../../../client/elements-manifest.ts';
import { SHORTCUTS } from '../../../client/src/elements/player/shortcuts.ts';
import { FALLBACKS } from '../../../client/src/ui/own-colors.ts';
import { ElementSources } from '../../support/element-sources.ts';

const DOCUMENT = await readFile(join(import.meta.dirname, '../../../docs/elements.md'), 'utf8');
const ELEMENTS = await allElements();
const PUBLISHED = ['framelock-player', 'framelock-publisher'];
const sources = await ElementSources.read();

test('every element that a page defines is described', () => {
  assert.deepEqual(ELEMENTS.map(({ tagName }) => tagName).toSorted(), sources.tagNames);
  assert.ok(ELEMENTS.length >= 12);
});

for (const element of ELEMENTS) {
  const { tagName = '', name, description, attributes = [], members = [], events = [], slots = [], cssParts = [], cssProperties = [] } = element;
  const own = sources.of(name);

  describe(`<${tagName}>`, () => {
    test('says what it is, and what everything is that can be set, read, called, heard, filled and styled', () => {
      assert.ok(described(description), 'the element itself');
      for (const [kind, ones] of Object.entries({ attributes, members, events, slots, cssParts, cssProperties })) {
        for (const one of ones) assert.ok(described(one.description), `${kind}: ${one.name}`);
      }
    });

    test('says of itself every part and every slot that its templates have', () => {
      assert.deepEqual(names(cssParts), own.parts);
      assert.deepEqual(names(slots), own.slots);
    });

    test('says of itself every event that it sends, and no others', () => {
      for (const event of own.events) assert.ok(names(events).includes(event), event);
      for (const event of names(events)) assert.ok(own.texts.has(event), event);
    });

    test('says of itself every custom property that it is styled by, unless all pages have it', () => {
      const known = [...names(cssProperties), ...(PUBLISHED.includes(tagName) ? [] : Object.keys(FALLBACKS).map((color) => `--framelock-${color}`))];
      for (const property of own.customProperties) assert.ok(known.includes(property), property);
    });
  });
}

for (const tagName of PUBLISHED) {
  const element = ELEMENTS.find((one) => one.tagName === tagName)!;
  const { attributes = [], members = [], events = [], cssParts = [], cssProperties = [] } = element;
  /** What the document says of this element. */
  const section = DOCUMENT.split(/^## /m).find((text) => text.startsWith(`\`<${tagName}>\``)) ?? '';

  describe(`the documentation of <${tagName}>`, () => {
    test('has its attributes, by the names of their properties, and no others', () => {
      const properties = attributes.map(({ name, fieldName = name }) => fieldName);
      assert.ok(properties.length > 0);
      assert.deepEqual(firstCells(section, 'attribute, property'), properties.toSorted());
      for (const { name, fieldName = name } of attributes) if (name !== fieldName) assert.match(section, new RegExp(`^\\| \`${fieldName}\` \\| \\(\`${name}\`\\)`, 'm'));
    });

    test('has the other properties and its methods, and no others', () => {
      const withAttribute = new Set(attributes.map(({ name, fieldName = name }) => fieldName));
      assert.deepEqual(firstCells(section, 'property, method'), names(members.filter(({ name }) => !withAttribute.has(name))));
    });

    test('has its events, and no others', () => {
      assert.ok(events.length > 0);
      assert.deepEqual(firstCells(section, 'event'), names(events));
    });

    test('has its parts, and no others', () => {
      assert.ok(cssParts.length > 0);
      assert.deepEqual(firstCells(section, 'part'), names(cssParts));
    });

    test('has its custom properties', () => {
      assert.ok(cssProperties.length > 0);
      for (const { name } of cssProperties) assert.ok(section.includes(`\`${name}\``) || firstCells(DOCUMENT, 'custom property').includes(name), name);
    });
  });
}

test('the publisher has the colours that it falls back to, and the documentation names them all', () => {
  const colors = Object.keys(FALLBACKS).map((name) => `--framelock-${name}`).toSorted();
  assert.deepEqual(names(ELEMENTS.find(({ tagName }) => tagName === 'framelock-publisher')?.cssProperties ?? []), colors);
  assert.deepEqual(firstCells(DOCUMENT, 'custom property'), colors);
});

test('what is shipped describes the elements for foreign pages, as parts of the file that defines them', async () => {
  const { modules } = await publishedManifest();
  const [module] = modules;
  assert.deepEqual(modules.map(({ path }) => path), ['framelock-elements.js']);
  const declarations = (module?.declarations ?? []) as ElementDeclaration[];
  assert.deepEqual(declarations.toSorted(byName), ELEMENTS.filter(({ tagName }) => PUBLISHED.includes(tagName ?? '')).toSorted(byName));
  assert.deepEqual(
    module?.exports?.map(({ kind, name, declaration }) => [kind, name, declaration]),
    [
      ['js', 'FramelockPlayer', { name: 'FramelockPlayer', module: 'framelock-elements.js' }],
      ['js', 'FramelockPublisher', { name: 'FramelockPublisher', module: 'framelock-elements.js' }],
      ['custom-element-definition', 'framelock-player', { name: 'FramelockPlayer', module: 'framelock-elements.js' }],
      ['custom-element-definition', 'framelock-publisher', { name: 'FramelockPublisher', module: 'framelock-elements.js' }],
    ],
  );
  assert.doesNotMatch(JSON.stringify(modules), /"(private|protected)"|"name":"[_#]/);
});

test('the documentation of the player has every key', () => {
  for (const [key] of Object.values(SHORTCUTS)) assert.ok(DOCUMENT.includes(`<kbd>${key === ' ' ? 'Space' : key!.toUpperCase()}</kbd>`), key);
});

/** A sentence, rather than a repeated name. */
function described(text = ''): boolean {
  return text.trim().split(/\s+/).length > 1;
}

function names(ones: readonly { readonly name: string }[]): string[] {
  return ones.map(({ name }) => name).toSorted();
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name.localeCompare(other.name);
}

/** Names in the first cells of the table below a header, sorted; of calls the part before the parameters. */
function firstCells(text: string, header: string): string[] {
  const [, table = ''] = new RegExp(`^\\| ${header} \\|.*\\n\\|[-|]+\\n((?:\\|.*\\n)+)`, 'm').exec(text) ?? [];
  return [...table.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([\w-]+)/g)].map(([, name]) => name!)).toSorted();
}
