/** Frame born → displayed in Chromium: the generated scene with a time code, 720p30, software only, everything on this machine. */
import { launchChromium } from '../test/support/chromium.ts';
import { LiveServer } from '../test/support/live-server.ts';
import { SHARED_DATA } from '../test/support/shared-data.ts';
import { lookAtFrames, openPlayer, untilState } from '../test/support/watch-page.ts';
import { join } from 'node:path';
import { ms, percentile, publish } from './support/report.ts';

const FRAMES = 600;
const SOURCE = 'demo://street?seed=7&timecode=1&light=day';

/** A real detector where there is one, else the demo's own. */
const models = join(SHARED_DATA, 'models');
await using server = await LiveServer.start({ env: { FRAMELOCK_MODELS_DIR: models } });
const known = await server.call<{ name: string; state: string }[]>('GET', '/api/models');
const model = known.find(({ name, state }) => name === 'yolox_nano_416' && state === 'ready')?.name ?? 'street-nano';

const cases = [
  { name: 'clean, no detector', variant: 'clean', body: { detectors: [] } },
  { name: 'annotated, no detector', variant: 'annotated', body: { detectors: [] } },
  { name: `predict, ${model}`, variant: 'annotated', body: { detectors: [{ name: 'd', model }], sync: 'predict' } },
  { name: `exact, ${model} on every frame`, variant: 'annotated', body: { detectors: [{ name: 'd', model }], sync: 'exact' } },
];

const rows: (string | number)[][] = [];
for (const [i, { name, variant, body }] of cases.entries()) {
  const id = `bench-${i}`;
  await server.call('POST', '/api/streams', { id, source: SOURCE, ...body });
  await server.until<{ state: string; stats: { detectors: Record<string, { state: string }> } }>(
    id,
    ({ state, stats }) => state === 'live' && Object.values(stats.detectors).every((one) => one.state === 'ready'),
  );
  await using browser = await launchChromium({ viewport: { width: 1300, height: 760 } });
  const page = await openPlayer(browser, server.url, id, variant);
  await untilState(page, 'live');
  await lookAtFrames(page, 90);
  const frames = await lookAtFrames(page, FRAMES);
  const since = (key: 'handedAt' | 'displayedAt'): number[] =>
    frames.flatMap(({ [key]: at, pictureCapturedAt }) => (pictureCapturedAt === undefined ? [] : [at - pictureCapturedAt]));
  const [handed, displayed] = [since('handedAt'), since('displayedAt')];
  const fresh = frames.filter(({ ages }) => ages['d'] === 0).length;
  rows.push([
    name,
    ...[0.5, 0.95, 0.99].map((share) => ms(percentile(handed, share))),
    ...[0.5, 0.95, 0.99].map((share) => ms(percentile(displayed, share))),
    body.detectors.length === 0 ? '—' : `${Math.round((fresh / frames.length) * 100)} %`,
  ]);
  await server.call('DELETE', `/api/streams/${id}`);
}

await publish({
  name: 'latency',
  about:
    'From a frame’s birth, in milliseconds, to two points in Chromium: *on hand*, decoded and handed to the compositor (`presentationTime` of `requestVideoFrameCallback`), and *shown* (`expectedDisplayTime`), which headless Chromium puts two of its 60 Hz intervals, 33.3 ms, after the tick that takes the frame. The time of birth is read out of the displayed picture. The generated scene, 1280×720 at 30 fps, x264; server, detector, SFU and browser share the machine. *own result* is the share of frames whose boxes were computed on that very frame.',
  columns: ['', 'on hand p50', 'p95', 'p99', 'shown p50', 'p95', 'p99', 'own result'],
  rows,
});
