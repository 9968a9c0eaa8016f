/** How far boxes are from what they belong to: drawn on arrival over the live video, as overlays do it, and by the player, in one Chromium over one stream. */
import { launchChromium } from '../test/support/chromium.ts';
import { SceneTruth, watchDrift, type OnScreen } from '../test/support/drift.ts';
import { elementsScript } from '../test/support/elements-script.ts';
import { LiveServer } from '../test/support/live-server.ts';
import { networkUnavailable, TestNetwork } from '../test/support/network.ts';
import { ms, percentile, publish } from './support/report.ts';

/** Frames that the browser makes, 60 a second, between two looks at the truth, which the server has for 20 s; and such rounds. */
const TICKS = 300;
const ROUNDS = 3;
const WINDOW = { viewport: { width: 1320, height: 400 } };
const SOURCE = 'demo://street?seed=7&timecode=1&light=day';

/** Shares of packets that are lost, where there can be a link that loses some. */
const LOSSES = [0, 0.05];

const unavailable = networkUnavailable();
if (unavailable !== undefined) process.stderr.write(`Without loss only: ${unavailable}\n`);
await using network = unavailable === undefined ? await TestNetwork.create() : undefined;
await using server = network === undefined ? await LiveServer.start() : await network.startServer();
/** As the browser knows it. */
const { url, token } = network ?? { url: server.url, token: undefined };
const rows: (string | number)[][] = [];
for (const sync of ['predict', 'exact'] as const) {
  for (const loss of network === undefined ? [0] : LOSSES) await measure(sync, loss);
}

await publish({
  name: 'drift',
  about:
    'How far boxes on screen are from the picture on screen, looked at each time Chromium makes a frame: in frames, from the time code in the picture to the frame that the detector looked at, and in pixels of 1280×720, by the scene’s truth of both frames (all things in the picture, those that stand still too). ' +
    '*Drawn on arrival* is the usual overlay: boxes come by server-sent events, and the newest are drawn over the live video. With `predict` the video does not wait for the detector, as where both take ways of their own; with `exact` it does. Framelock is `<framelock-player variant="clean">` on the same page, measured to the frame that its boxes are for: `predict` moves them there by their tracks, from a result that may be older, and tells its age. ' +
    '*estimated*: told as moved by their tracks, because the frame’s own message was not there. Server and browser are on this machine, where that can be (root on Linux) on two hosts with a link between them, which loses that share of the packets in both directions.',
  columns: ['', 'off by frames p50', 'p95', 'worst', 'off by pixels p50', 'p95', 'on the right frame', 'estimated'],
  rows,
});

async function measure(sync: 'predict' | 'exact', loss: number): Promise<void> {
  const id = `drift-${sync}`;
  await server.call('POST', '/api/streams', { id, source: SOURCE, sync, deadlineMs: 1000 });
  await server.until<{ state: string; stats: { detectors: Record<string, { state: string }> } }>(id, ({ state, stats }) => state === 'live' && stats.detectors['street-nano']?.state === 'ready');
  await using browser = await (network === undefined ? launchChromium(WINDOW) : network.launchBrowser(WINDOW));
  const page = await browser.context.newPage();
  await page.route(`${url}/drift.html`, (route) => {
    const player = (attribute: string): string => `<framelock-player src="/live/${id}" ${token === undefined ? '' : `token="${token}"`} variant="clean" ${attribute} style="width: 640px; display: inline-block"></framelock-player>`;
    return route.fulfill({ contentType: 'text/html', body: `<!doctype html>${player('plain')}${player('measure')}${elementsScript('')}` });
  });
  await page.goto(`${url}/drift.html`);
  await page.waitForFunction(() => document.querySelectorAll('framelock-player[state=live]').length === 2, undefined, { timeout: 120_000 });
  await network?.change({ loss });
  const truth = new SceneTruth(server, id);
  const seen = { naive: [] as OnScreen[], locked: [] as OnScreen[] };
  const pixels = { naive: [] as number[], locked: [] as number[] };
  // The first one only warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    const found = await watchDrift(page, TICKS);
    for (const way of round === 0 ? [] : (['naive', 'locked'] as const)) {
      seen[way].push(...found[way]);
      for (const one of found[way]) pixels[way].push(...(await truth.drift(one)));
    }
  }
  await network?.change({});
  const how = loss === 0 ? sync : `${sync}, ${loss * 100} % lost`;
  rows.push(row(`${how}: drawn on arrival`, seen.naive, pixels.naive), row(`${how}: Framelock`, seen.locked, pixels.locked));
  await page.close();
  await server.call('DELETE', `/api/streams/${id}`);
}

function row(name: string, seen: readonly OnScreen[], pixels: readonly number[]): (string | number)[] {
  const offsets = seen.map(({ picture, boxes }) => Math.abs(picture - boxes));
  const share = (count: number): string => `${((count / seen.length) * 100).toFixed(1)} %`;
  return [
    name,
    percentile(offsets, 0.5),
    percentile(offsets, 0.95),
    Math.max(...offsets),
    ms(percentile(pixels, 0.5)),
    ms(percentile(pixels, 0.95)),
    share(offsets.filter((offset) => offset === 0).length),
    share(seen.filter(({ estimated }) => estimated).length),
  ];
}
