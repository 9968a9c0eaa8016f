import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from './files.mjs';
import { nodeBinary, ROOT } from './paths.mjs';
import { run } from './run.mjs';
import { say, SetupError } from './say.mjs';

const CLIENT = join(ROOT, 'client');
const MARK = join(CLIENT, 'dist', '.source-hash');

/** Builds the client unless what was built is of the same sources. */
export async function ensureClient() {
  const hash = sourceHash();
  if (existsSync(MARK) && readFileSync(MARK, 'utf8') === hash) return;
  say('building the web client');
  const { code, output } = await run(nodeBinary(), [join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', 'client'], { cwd: ROOT });
  if (code !== 0) throw new SetupError('The web client could not be built.', output.slice(-3000));
  writeFileSync(MARK, hash);
}

/** Of everything that goes into the bundle: the client's files, the types it shares with the server, and the packages. */
function sourceHash() {
  const hash = createHash('sha256');
  const files = filesBelow(CLIENT).filter((file) => !file.startsWith(join(CLIENT, 'dist')));
  for (const file of [...files, join(ROOT, 'package-lock.json')]) hash.update(file.slice(ROOT.length)).update(readFileSync(file));
  return hash.digest('hex');
}
