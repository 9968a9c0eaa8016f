/** `npm run soak -- [--minutes 20] [--sources 12] [--seed N] [--only KINDS]`: sets up, then lets sources break at random for a while. */
import { join } from 'node:path';
import { endWithNpm } from './lib/npm-parent.mjs';
import { ROOT } from './lib/paths.mjs';
import { handOver } from './lib/run.mjs';
import { fail } from './lib/say.mjs';
import { setup } from './setup.mjs';

endWithNpm();
try {
  const { node, env } = await setup({ tests: true });
  process.exitCode = await handOver(node, [join(ROOT, 'test/soak/main.ts'), ...process.argv.slice(2)], { env });
} catch (error) {
  fail(error);
}
