import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Log } from 'node-av/lib';
import { AV_LOG_QUIET } from 'node-av/constants';
import { FEEDS, type FeedKind } from '../../support/feeds.ts';
import { streetFilm, type StreetFilm } from '../../support/street-film.ts';
import { WatchedSource } from '../../support/watched-source.ts';

Log.setLevel(AV_LOG_QUIET);

describe('a source that breaks comes back by itself', () => {
  let folder: string;
  let film: StreetFilm;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-return-'));
    film = await streetFilm(folder);
  });
  after(() => rm(folder, { recursive: true }));

  for (const kind of ['RTSP over TCP, H.264', 'HLS, live, of MPEG-TS', 'DASH, live'] satisfies FeedKind[]) {
    test(`${kind}: its sender is killed, and starts anew`, { timeout: 120_000 }, async () => {
      await using feed = await FEEDS[kind]({ film, folder });
      await feed.start();
      await using source = new WatchedSource(feed.address);
      await source.moves();
      await feed.kill();
      await source.reaches('retrying');
      await feed.start();
      await source.returns();
    });
  }

  for (const kind of ['RTSP over TCP, H.264', 'HTTP-FLV', 'MPEG-TS in datagrams', 'SRT'] satisfies FeedKind[]) {
    test(`${kind}: its sender stops while the connection stays, and goes on`, { timeout: 120_000 }, async () => {
      await using feed = await FEEDS[kind]({ film, folder });
      await feed.start();
      // As patient as it takes to see it return to the same connection.
      await using source = new WatchedSource(feed.address, { times: { giveUp: 60_000 } });
      await source.moves();
      // Until its sender is up, it may have been tried in vain.
      const from = source.states.length;
      feed.pause();
      await source.reaches('stalled');
      feed.resume();
      await source.reaches('live');
      await source.moves();
      assert.deepEqual([...new Set(source.states.slice(from).map(({ state }) => state))].toSorted(), ['live', 'stalled']);
    });
  }
});
