/** From the wish to watch a running stream to its first picture: a player on a page, and a WHEP client; alone, and while many others join. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cleanup } from 'node-datachannel';
import { launchChromium } from '../test/support/chromium.ts';
import { LiveServer } from '../test/support/live-server.ts';
import { emptyPage, join, STEPS, type Join } from './support/join-marks.ts';
import { ms, percentile, publish } from './support/report.ts';
import { joinByWhep } from './support/whep-join.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '40' }, write: { type: 'boolean' } } });
const ROUNDS = Number(values.rounds);
/** Others who join in the same moment. */
const STORM = 10;
const STREAM = 'join';

await using server = await LiveServer.start();
await server.call('POST', '/api/streams', { id: STREAM, source: 'demo://street?seed=7&light=day', detectors: [] });
await server.until<{ state: string }>(STREAM, ({ state }) => state === 'live');
// The stream is made, and watched, all the time.
const audience = await joinByWhep(server.url, STREAM);
await using browser = await launchChromium({ viewport: { width: 1300, height: 760 } });
const src = `${server.url}/live/${STREAM}`;

const page = await emptyPage(browser, server.url);
await join(page, src, true);
const again = await many(() => join(page, src, false));
const stormy = await many(async () => (await amongOthers(() => join(page, src, false))).joined);
await page.close();
const fresh = await many(async () => {
  const first = await emptyPage(browser, server.url);
  try {
    await pause();
    return await join(first, src, true);
  } finally {
    await first.close();
  }
});
const whep = await many(joinAndLeave);
const crowd: number[] = [];
const stormyWhep = await many(async () => {
  const { joined, others } = await amongOthers(joinAndLeave);
  crowd.push(...others);
  return joined;
});
await audience.leave();

const row = (name: string, joins: readonly Join[]): (string | number)[] => {
  const totals = joins.map(({ total }) => total);
  const steps = STEPS.map((step) => joins.flatMap(({ steps: { [step]: span } }) => (span === undefined ? [] : [span])));
  return [name, ...[0.5, 0.95, 1].map((share) => ms(percentile(totals, share))), ...steps.map((spans) => ms(percentile(spans, 0.5)))];
};

await publish({
  name: 'join',
  about: `From the wish to watch to the first picture, in milliseconds, over ${ROUNDS} joins with pauses of 300 to 1300 ms of chance between them. The stream is running and being watched: the generated scene, 1280×720 at 30 fps, on the same machine. *Page*: from putting a player on a page of Chromium to its first displayed frame; a new page has neither a connection to the server nor asked the browser what it can decode. *WHEP*: from sending the offer to the last packet of the first key frame, by a client that decodes nothing. *Among others*: ${STORM} WHEP clients join in the same moment. The steps are medians: *session*, the WebSocket and its welcome; *ask*, until the page asks for the stream, with what the browser can decode; *watch*, the server’s answer with a transport and a consumer, or its answer to the offer; *negotiate*, descriptions set in the browser; *connect*, ICE and DTLS; *key frame*, until it has been received; *show*, decoded and displayed.`,
  columns: ['', 'p50', 'p95', 'worst', ...STEPS],
  rows: [
    row('page', again),
    row('a new page', fresh),
    row(`page, among ${STORM} others`, stormy),
    row('WHEP', whep),
    row(`WHEP, among ${STORM} others`, stormyWhep),
    ['the others themselves', ...[0.5, 0.95, 1].map((share) => ms(percentile(crowd, share))), ...STEPS.map(() => '—')],
  ],
});
// Its threads hold up the end of this process otherwise.
cleanup();

/** Joins, each after a pause. */
async function many(once: () => Promise<Join>): Promise<Join[]> {
  const joins: Join[] = [];
  while (joins.length < ROUNDS) {
    await pause();
    joins.push(await once());
  }
  return joins;
}

/** Neither periodic key frames nor earlier joins may keep step with it. */
function pause(): Promise<void> {
  return sleep(300 + Math.random() * 1000);
}

async function joinAndLeave(): Promise<Join> {
  const { join: joined, leave } = await joinByWhep(server.url, STREAM);
  await leave();
  return joined;
}

/** Joins while others do, and how long it took them, in milliseconds. */
async function amongOthers(once: () => Promise<Join>): Promise<{ joined: Join; others: number[] }> {
  const joining = Array.from({ length: STORM }, () => joinByWhep(server.url, STREAM));
  const joined = await once();
  const others = await Promise.all(joining);
  await Promise.all(others.map(({ leave }) => leave()));
  return { joined, others: others.map(({ join: { total } }) => total) };
}
