/** Everything that has to be there before Framelock runs. What is done is skipped, so that a second start is quick. */
import { pathToFileURL } from 'node:url';
import { ensureClient } from './lib/client.mjs';
import { ensureDebian } from './lib/debian.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { nodeBinary } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { fail, say } from './lib/say.mjs';
import { ensureWorker } from './mediasoup-worker/index.mjs';

/** Fonts for labels in pictures, Chinese ones among them; without any, boxes have empty plates. */
const FONTS = ['fontconfig', 'fonts-dejavu-core', 'fonts-wqy-zenhei'];
/** What tests need beside: a browser with H.264, and ffmpeg as a foreign sender and judge. */
const TEST_PACKAGES = ['chromium', 'ffmpeg'];

/**
 * @param {{ tests?: boolean, client?: boolean }} [options] `tests`: also what only tests need; `client`: build the web client (default)
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>} the Node to run on, and the environment to run in
 */
export async function setup({ tests = false, client = true } = {}) {
  await ensurePackages();
  const node = nodeBinary();
  const worker = await ensureWorker();
  if (tests) await ensureDebian([...TEST_PACKAGES, ...FONTS], 'for the tests');
  else await offerFonts();
  if (client) await ensureClient();
  return { node, env: { ...process.env, MEDIASOUP_WORKER_BIN: worker } };
}

/** Labels are not worth a failed start: where fonts can't be installed, that is said once a start. */
async function offerFonts() {
  const { code, output } = await run('fc-list', [':lang=zh', 'family']);
  if (code === 0 && output.trim() !== '') return;
  await ensureDebian(FONTS, 'for labels in the picture').catch((error) => say(`labels will have no text: ${error.message}`));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  setup().then(
    () => say('everything is set up'),
    (error) => fail(error),
  );
}
