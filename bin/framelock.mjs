#!/usr/bin/env node
/** `npx framelock …`: the command line, on the pinned Node. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { nodeBinary, ROOT } from '../scripts/lib/paths.mjs';
import { fail } from '../scripts/lib/say.mjs';

try {
  const { status, signal } = spawnSync(nodeBinary(), [join(ROOT, 'src', 'cli', 'main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? (signal === null ? 1 : 128);
} catch (error) {
  fail(error);
}
