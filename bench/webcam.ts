/** A webcam's round trip in Chromium: a frame's capture in the page → its annotated picture shown on the same page, everything on this machine. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchChromium } from '../test/support/chromium.ts';
import { LiveServer } from '../test/support/live-server.ts';
import { FAKE_CAMERA, openPublishers, roundTrips, saidRoundTrip, type Publisher } from '../test/support/publish-page.ts';
import { SHARED_DATA } from '../test/support/shared-data.ts';
import { ms, percentile, publish } from './support/report.ts';

const FRAMES = 600;
/** Frames after which what the player says of its latency is of frames without the mark alone. */
const SETTLED_FRAMES = 300;

/** A real detector where there is one, else the demo's own. */
await using server = await LiveServer.start({ env: { FRAMELOCK_MODELS_DIR: join(SHARED_DATA, 'models') } });
const known = await server.call<{ name: string; state: string }[]>('GET', '/api/models');
const model = known.find(({ name, state }) => name === 'yolox_nano_416' && state === 'ready')?.name ?? 'street-nano';

const cases = [
  { name: 'no detector', body: { detectors: [] } },
  { name: `predict, ${model}`, body: { detectors: [{ name: 'd', model }], sync: 'predict' } },
  { name: `exact, ${model}`, body: { detectors: [{ name: 'd', model }], sync: 'exact' } },
];

const rows: (string | number)[][] = [];
for (const [i, { name, body }] of cases.entries()) {
  const id = `webcam-${i}`;
  await server.call('POST', '/api/streams', { id, source: 'publish://', ...body });
  await using browser = await launchChromium({ viewport: { width: 1300, height: 900 }, args: FAKE_CAMERA });
  const page = await openPublishers(browser, server.url, [id], { measure: true });
  await server.until<{ stats: { detectors: Record<string, { state: string }> } }>(id, ({ stats }) => Object.values(stats.detectors).every(({ state }) => state === 'ready'));
  await roundTrips(page, 90);
  const measured = await roundTrips(page, FRAMES);
  await page.evaluate(() => (document.querySelector<Publisher>('framelock-publisher')!.measure = false));
  await shown(page, SETTLED_FRAMES);
  const estimated = await saidRoundTrip(page, 'estimated');
  rows.push([name, ...[0.5, 0.95, 0.99].map((share) => ms(percentile(measured, share))), ms(estimated.p50), ms(estimated.p95)]);
  await page.close();
  await server.call('DELETE', `/api/streams/${id}`);
}

await publish({
  name: 'webcam',
  about:
    'From the capture of a frame by a page in Chromium to its annotated picture being shown on the same page (`expectedDisplayTime`, which headless Chromium puts 33.3 ms after the tick that takes the frame), in milliseconds. *Measured*: number and time of capture are drawn into each published frame, through a canvas whose time is in the figure, and read out of the picture that comes back. *Estimated*: what the element says without that mark. Chromium’s fake camera, 1280×720 at 30 fps; publisher, server, detector, SFU and player share the machine.',
  columns: ['', 'measured p50', 'p95', 'p99', 'estimated p50', 'p95'],
  rows,
});

/** Resolves after so many further annotated frames. */
function shown(page: Page, count: number): Promise<void> {
  return page.evaluate(
    (count) =>
      new Promise<void>((resolve) => {
        let left = count;
        document.querySelector('framelock-publisher')!.addEventListener('framelock-frame', () => {
          left -= 1;
          if (left === 0) resolve();
        });
      }),
    count,
  );
}
