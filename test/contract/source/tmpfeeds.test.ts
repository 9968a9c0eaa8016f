import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { StreamView } from '../../../src/streams/view.ts';
import { MessageBook } from '../../support/annotation-events.ts';
import { FEEDS } from '../../support/feeds.ts';
import { LiveServer } from '../../support/live-server.ts';
import { streetFilm } from '../../support/street-film.ts';
import { WhepPictures } from '../../support/whep-pictures.ts';

test('feeds', { timeout: 400_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fl-'));
  const film = await streetFilm(folder);
  await using server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: folder } });
  for (const [kind, make] of Object.entries(FEEDS)) {
    await using feed = await make({ film, folder });
    await feed.start();
    await server.call('POST', '/api/streams', { id: 'feed', source: feed.address, detectors: [] });
    try {
      await using viewer = await WhepPictures.open(server.url, 'feed', 'clean');
      await using messages = MessageBook.of(server, 'feed');
      const seen: string[] = [];
      let last: StreamView | undefined;
      const until = performance.now() + 15_000;
      while (performance.now() < until) {
        await new Promise((r) => setTimeout(r, 250));
        last = await server.call<StreamView>('GET', '/api/streams/feed');
        const c = last.stats.variants.clean;
        if (c === undefined) continue;
        const now = c.forwarded ? 'forwarded' : String(c.encoded);
        if (seen.at(-1) !== now) seen.push(now);
        if (now === 'forwarded' || now === 'codec' || now === 'b-frames') break;
      }
      let matched = 0;
      for (let i = 0; i < 10; i++) if ((await messages.about((await viewer.sees()).rtp)) !== undefined) matched++;
      console.log(kind, last?.video?.codec, seen, 'matched', matched);
    } catch (error) { console.log(kind, 'failed', String(error).slice(0, 300)); }
    await server.call('DELETE', '/api/streams/feed');
  }
  await rm(folder, { recursive: true });
});
