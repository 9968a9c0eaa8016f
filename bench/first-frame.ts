/** How long the first viewer of a stream on demand waits for a picture: from the WHEP request to the first decoded frame of the source. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cleanup } from 'node-datachannel';
import type { StreamView } from '../src/streams/view.ts';
import { MessageBook } from '../test/support/annotation-events.ts';
import { FEEDS, type FeedKind } from '../test/support/feeds.ts';
import { LiveServer } from '../test/support/live-server.ts';
import { streetFilm } from '../test/support/street-film.ts';
import { WhepPictures } from '../test/support/whep-pictures.ts';
import { ms, percentile, publish } from './support/report.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' }, write: { type: 'boolean' } } });
const ROUNDS = Number(values.rounds);
const KINDS: FeedKind[] = ['RTSP over TCP, H.264', 'RTSP over UDP, H.264', 'RTSP, H.265', 'RTMP, pulled from nginx', 'MJPEG over HTTP'];

const folder = await mkdtemp(join(tmpdir(), 'framelock-first-'));
const film = await streetFilm(folder);
await using server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: folder } });
const rows: (string | number)[][] = [];
for (const kind of KINDS) {
  await using feed = await FEEDS[kind]({ film, folder });
  await feed.start();
  const body = { id: 'demand', source: feed.address, detectors: [{ name: 'street', model: 'street-nano' }], onDemand: true, idleAfterMs: 0 };
  await server.call('POST', '/api/streams', body);
  // One unmeasured: programs that serve media prepare themselves with their first client.
  await firstFrame();
  const spans: number[] = [];
  while (spans.length < ROUNDS) spans.push(await firstFrame());
  rows.push([kind, ...[0.5, 0.95, 1].map((share) => ms(percentile(spans, share)))]);
  await server.call('DELETE', '/api/streams/demand');
}
await rm(folder, { recursive: true });

await publish({
  name: 'first-frame',
  about: `A stream on demand that is idle, with a detector, and its first viewer: milliseconds from the WHEP request to the first decoded picture of the source (slates do not count), over ${ROUNDS} starts. The senders show 640×360 at 15 fps with a key frame a second, on the same machine; process start, connection, probing, detector, encoder, ICE and DTLS are all in it.`,
  columns: ['source', 'p50', 'p95', 'longest'],
  rows,
});
// Its threads hold up the end of this process otherwise.
cleanup();

/** Milliseconds of one start; the stream is idle again afterwards. */
async function firstFrame(): Promise<number> {
  await server.until<StreamView>('demand', ({ state }) => state === 'idle');
  const begun = performance.now();
  let span: number | undefined;
  {
    await using viewer = await WhepPictures.open(server.url, 'demand');
    await using messages = MessageBook.of(server, 'demand');
    while (span === undefined) {
      const { rtp } = await viewer.sees();
      const at = performance.now();
      const message = await messages.about(rtp);
      if (message?.slate !== true) span = at - begun;
    }
  }
  return span;
}
