import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { clientSources } from '../../../scripts/lib/client.mjs';

it('the web client is made of its files and of what they take from the server, but types and earlier builds', async () => {
  const root = await mkdtemp(join(tmpdir(), 'framelock-client-'));
  const files = {
    'client/index.html': '',
    'client/dist/app.js': '',
    'client/src/app.ts': `import type { A } from '../../src/types.ts';\nimport {\n  color,\n} from '../../src/palette.ts';\nimport { LitElement } from 'lit';\n`,
    'src/palette.ts': `import { clamp } from './numbers.ts';\n`,
    'src/numbers.ts': '',
    'src/types.ts': '',
    'src/main.ts': '',
  };
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), text);
    }
    const expected = ['client/index.html', 'client/src/app.ts', 'src/numbers.ts', 'src/palette.ts'];
    assert.deepEqual(clientSources(root), expected.map((name) => join(root, name)));
  } finally {
    await rm(root, { recursive: true });
  }
});
