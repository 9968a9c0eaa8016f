import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../../..');
const DOCUMENTS = ['README.md', 'README.zh-CN.md', 'CHANGELOG.md', ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];

for (const document of DOCUMENTS) {
  test(`every link of ${document} leads to a file, and to a heading where it names one`, () => {
    const text = readFileSync(join(ROOT, document), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(ROOT, document) : join(ROOT, dirname(document), path);
      assert.ok(existsSync(file), `${target}: no such file`);
      if (anchor !== undefined && file.endsWith('.md')) assert.ok(headings(file).has(anchor), `${target}: no such heading`);
    }
  });
}

/** Anchors as code hosts make them: lower case, hyphens for spaces, other punctuation left out. */
function headings(file: string): Set<string> {
  const titles = [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title);
  return new Set(titles.map((title) => title.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').trim().replaceAll(/\s/g, '-')));
}
