#!/usr/bin/env node
/** `npx framelock …`: the command line, on the pinned Node. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeBinary, ROOT } from '../scripts/lib/paths.mjs';
import { handOver } from '../scripts/lib/run.mjs';
import { fail, SetupError } from '../scripts/lib/say.mjs';

try {
  if (!existsSync(join(ROOT, 'node_modules'))) throw new SetupError('Framelock is not set up yet.', `Run npm run setup in ${ROOT}, then the same command again.`);
  process.exitCode = await handOver(nodeBinary(), [join(ROOT, 'src', 'cli', 'main.ts'), ...process.argv.slice(2)], { env: process.env });
} catch (error) {
  fail(error);
}
