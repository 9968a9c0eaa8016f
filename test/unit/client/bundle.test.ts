import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Package } from 'custom-elements-manifest/schema.d.ts';
import { BuiltClient } from '../../support/built-client.ts';

/** Bytes after gzip; the same figures stand in docs/elements.md. */
const BUDGET = { elements: 88_000, application: 118_000 };

describe('what a browser loads', () => {
  let client: BuiltClient;
  before(async () => {
    client = await BuiltClient.build();
  });
  after(() => client[Symbol.asyncDispose]());

  test('for the elements is one file that needs no other, within its budget', async () => {
    const text = await readFile(join(client.folder, 'framelock-elements.js'), 'utf8');
    assert.doesNotMatch(text, /\bimport\s*["'(]|\bfrom\s*["']\.{0,2}\//);
    const size = gzipSync(text).length;
    assert.ok(size <= BUDGET.elements, `${size} bytes`);
  });

  test('for the elements comes with their manifest, where the package says that it is', async () => {
    const { modules } = JSON.parse(await readFile(join(client.folder, 'custom-elements.json'), 'utf8')) as Package;
    assert.deepEqual(modules.map(({ path }) => path), ['framelock-elements.js']);
    const tags = modules.flatMap(({ exports = [] }) => exports.filter(({ kind }) => kind === 'custom-element-definition').map(({ name }) => name));
    assert.deepEqual(tags, ['framelock-player', 'framelock-publisher']);
    const { customElements } = JSON.parse(await readFile(join(import.meta.dirname, '../../../package.json'), 'utf8')) as { customElements: string };
    assert.equal(customElements, 'client/dist/custom-elements.json');
  });

  test('for the application has hashed names, and is within its budget', async () => {
    const assets = await readdir(join(client.folder, 'assets'));
    for (const asset of assets) assert.match(asset, /-[\w-]{8}\.(js|css)$/);
    const sizes = await Promise.all(assets.map(async (asset) => gzipSync(await readFile(join(client.folder, 'assets', asset))).length));
    const size = sizes.reduce((sum, one) => sum + one, 0);
    assert.ok(size <= BUDGET.application, `${size} bytes`);
  });

  test('is said in the documentation with the same budgets', async () => {
    const text = await readFile(join(import.meta.dirname, '../../../docs/elements.md'), 'utf8');
    for (const bytes of Object.values(BUDGET)) assert.ok(text.includes(`${bytes / 1000} kB`), `${bytes}`);
  });
});
