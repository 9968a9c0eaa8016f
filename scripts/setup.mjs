/**
 * Everything that has to be there before Framelock runs. What is done is skipped, so that a second start is quick.
 *
 *     node scripts/setup.mjs [--tests] [--only packages,worker,debian,gpu,client]
 */
import { parseArgs } from 'node:util';
import { ensureClient } from './lib/client.mjs';
import { offerCuda } from './lib/cuda.mjs';
import { ensureDebian } from './lib/debian.mjs';
import { FONTS, offerFonts } from './lib/fonts.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { isMain, nodeBinary } from './lib/paths.mjs';
import { fail, say, SetupError, stepLog } from './lib/say.mjs';
import { ensureWorker } from './mediasoup-worker/index.mjs';

/** What tests read from and write to: RTSP by GStreamer, RTMP by nginx and librtmp, MQTT by Mosquitto, a screen. */
const MEDIA_SERVERS = [
  ...['python3-gi', 'gir1.2-gst-rtsp-server-1.0', 'gstreamer1.0-plugins-base', 'gstreamer1.0-plugins-good', 'gstreamer1.0-plugins-ugly', 'gstreamer1.0-plugins-bad'],
  ...['nginx-light', 'libnginx-mod-rtmp', 'librtmp1', 'mosquitto', 'xvfb'],
];

/** WHIP and WHEP clients of others: aiortc, and GStreamer's webrtcbin with ICE, its bindings and a decoder. */
const FOREIGN_CLIENTS = ['python3-aiortc', 'gstreamer1.0-nice', 'gir1.2-gst-plugins-bad-1.0', 'gstreamer1.0-libav'];

/** What the example of a detector in Python needs. */
const PYTHON = ['python3', 'python3-numpy', 'python3-websockets'];

/** What tests need beside: a browser with H.264, ffmpeg as a foreign sender and judge, and what makes a bad network. */
const TEST_PACKAGES = ['chromium', 'ffmpeg', 'iproute2', ...MEDIA_SERVERS, ...FOREIGN_CLIENTS, ...PYTHON, ...FONTS];

/** The steps in their order, each with what it is called in front of people. */
export const STEPS = /** @type {const} */ ({
  packages: 'npm packages',
  worker: 'mediasoup worker',
  debian: 'Debian packages',
  gpu: 'GPU support',
  client: 'web client',
});

/** @typedef {keyof typeof STEPS} Step */

/**
 * @param {{ tests?: boolean, only?: readonly Step[] }} [options] `tests`: also what only tests need; `only`: no more than these steps
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>} the Node to run on, and the environment to run in
 * @throws {SetupError} that says what a person can do
 */
export async function setup({ tests = false, only } = {}) {
  const names = /** @type {Step[]} */ (Object.keys(STEPS));
  const wanted = (/** @type {Step} */ name) => only?.includes(name) ?? true;
  const log = (/** @type {Step} */ name) => stepLog(`[${names.indexOf(name) + 1}/${names.length}] ${STEPS[name]}`);
  const env = { ...process.env };

  if (wanted('packages')) await ensurePackages({ log: log('packages') });
  if (wanted('worker')) env.MEDIASOUP_WORKER_BIN = await ensureWorker({ log: log('worker') });
  if (wanted('debian')) {
    if (tests) await ensureDebian(TEST_PACKAGES, { purpose: 'for the tests', log: log('debian') });
    else await offerFonts({ log: log('debian') });
  }
  if (wanted('gpu')) await offerCuda({ log: log('gpu'), again: only?.includes('gpu') ?? false });
  if (wanted('client')) await ensureClient({ log: log('client') });
  return { node: nodeBinary(), env };
}

/** @param {string | undefined} list @returns {readonly Step[] | undefined} */
function steps(list) {
  const names = list?.split(',');
  const unknown = names?.find((name) => !(name in STEPS));
  if (unknown !== undefined) throw new SetupError(`There is no step ${unknown}.`, `There are: ${Object.keys(STEPS).join(', ')}`);
  return /** @type {Step[] | undefined} */ (names);
}

if (isMain(import.meta.url)) {
  try {
    const { values } = parseArgs({ options: { tests: { type: 'boolean' }, only: { type: 'string' } } });
    const only = steps(values.only);
    await setup({ tests: values.tests ?? false, ...(only === undefined ? {} : { only }) });
    say('Everything is set up.');
  } catch (error) {
    fail(error);
  }
}
