/** `eval "$(node scripts/mediasoup-worker/print-env.mjs)"` gives a shell the worker, for running parts of Framelock by hand. */
import { fail, stepLog } from '../lib/say.mjs';
import { ensureWorker } from './index.mjs';

try {
  const path = await ensureWorker({ log: stepLog('mediasoup worker') });
  process.stdout.write(`export MEDIASOUP_WORKER_BIN='${path.replaceAll("'", "'\\''")}'\n`);
} catch (error) {
  fail(error);
}
