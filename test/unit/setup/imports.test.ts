import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { circlesOf, circlesOfRooms, forbiddenImports, readImports, type Import } from '../../../scripts/lib/imports.mjs';

const FILES: Readonly<Record<string, string>> = {
  'src/low/base.ts': "import { join } from 'node:path';\nexport const base = join('a', 'b');\nexport interface Base { readonly name: string }\n",
  'src/low/one.ts': "import type { Three } from './three.ts';\nexport const one = (three: Three): Three => three;\n",
  'src/low/two.ts': "export { one } from './one.ts';\n",
  'src/low/three.ts': "export type Three = ReturnType<typeof import('./two.ts').one>;\n",
  'src/low/beside.ts': "import { one } from './one.ts';\nexport { one };\n",
  'src/middle/user.ts': "import { base } from '../low/base.ts';\nimport { type Base } from '../low/base.ts';\nexport const user = (given: Base): string => given.name + base;\n",
  'src/middle/late.ts': "export const late = async () => import('../high/top.ts');\n",
  'src/high/top.ts': "import { user, type user as Same } from '../middle/user.ts';\nexport type Top = typeof Same;\nexport const top = user;\n",
  'src/stray.ts': "import '../src/low/base.ts';\n",
};
let root = '';
let imports: Import[] = [];

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'framelock-imports-'));
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  imports = readImports(root, ['src']);
});
after(() => rm(root, { recursive: true, force: true }));

test('imports of values and of types, re-exports, dynamic imports and types in place are read, those of packages are not', () => {
  const read = imports.map(({ from, to, line, typeOnly }) => `${from}:${line} ${to}${typeOnly ? ' (type)' : ''}`);
  assert.deepEqual(read, [
    'src/high/top.ts:1 src/middle/user.ts',
    'src/low/beside.ts:1 src/low/one.ts',
    'src/low/one.ts:1 src/low/three.ts (type)',
    'src/low/three.ts:1 src/low/two.ts (type)',
    'src/low/two.ts:1 src/low/one.ts',
    'src/middle/late.ts:1 src/high/top.ts',
    'src/middle/user.ts:1 src/low/base.ts',
    'src/middle/user.ts:2 src/low/base.ts (type)',
    'src/stray.ts:1 src/low/base.ts',
  ]);
});

test('a circle is found although one of its imports is of a type, and told once', () => {
  assert.deepEqual(circlesOf(imports), [['src/low/one.ts', 'src/low/three.ts', 'src/low/two.ts']]);
});

test('two circles that share no file are both told', () => {
  const edge = (from: string, to: string): Import => ({ from, to, line: 1, typeOnly: true });
  assert.deepEqual(circlesOf([edge('a', 'b'), edge('b', 'a'), edge('b', 'c'), edge('c', 'd'), edge('d', 'c')]), [
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

test('an import between rooms that the table does not name is told with its line, as is one of a value where only types are allowed', () => {
  const wrong = forbiddenImports(imports, { 'src/low': {}, 'src/middle': { types: ['src/low/base.ts'] }, 'src/high': { values: ['src/middle'] } });
  assert.deepEqual(wrong, [
    'src/middle/late.ts:1: src/middle may not import src/high/top.ts',
    'src/middle/user.ts:1: src/middle may import types alone of src/low/base.ts',
    'src/stray.ts:1: the file belongs to no room of the table',
  ]);
});

test('a file with an entry of its own is not of the room around it', () => {
  const wrong = forbiddenImports(imports, { 'src/low': {}, 'src/low/base.ts': {}, 'src/middle': { values: ['src/low/base.ts', 'src/high'] }, 'src/high': { values: ['src/middle'] }, 'src/stray.ts': { values: ['src/low'] } });
  assert.deepEqual(wrong, []);
});

test('a table that would allow a circle of rooms is told', () => {
  assert.deepEqual(circlesOfRooms({ 'src/low': {}, 'src/middle': { values: ['src/low'] }, 'src/high': { types: ['src/middle/part.ts'] } }), []);
  assert.deepEqual(circlesOfRooms({ 'src/low': { types: ['src/high'] }, 'src/middle': { values: ['src/low'] }, 'src/high': { types: ['src/middle/part.ts'] } }), [['src/high', 'src/middle', 'src/low']]);
});
