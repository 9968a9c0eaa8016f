import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import { rectOf, type Rect } from '../../../src/pipeline/compose/rect.ts';
import type { StreamView } from '../../../src/streams/view.ts';
import { MessageBook } from '../../support/annotation-events.ts';
import { FEEDS, type FeedKind } from '../../support/feeds.ts';
import { LiveServer } from '../../support/live-server.ts';
import { streetFilm, type StreetFilm } from '../../support/street-film.ts';
import { WhepPictures, type SeenPicture } from '../../support/whep-pictures.ts';

/** Nothing in the street has this colour. */
const MAGENTA = '#ff00ff';
const LABELS = ['person', 'car', 'bus', 'truck', 'bicycle'];
/** Kinds that have sound, and its codec. */
const SOUND: Partial<Record<FeedKind, string>> = {
  'RTSP over TCP, H.264': 'pcm_alaw',
  'RTSP over UDP, H.264': 'pcm_alaw',
  'RTSP, H.265': 'pcm_alaw',
  'RTSP, MJPEG, with a digest': 'pcm_alaw',
  'RTMP, pulled from nginx': 'aac',
  'HTTP-FLV': 'aac',
  'a file of HTTP': 'aac',
  'MPEG-TS in datagrams': 'aac',
  'MPEG-TS to a group': 'aac',
  SRT: 'aac',
  'a folder of films': 'aac',
};
/** Pictures with boxes that have to be seen. */
const SEEN = 4;

describe('from the address of a source to boxes in a viewer’s moving picture', () => {
  let folder: string;
  let film: StreetFilm;
  let server: LiveServer;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-feeds-'));
    film = await streetFilm(folder);
    server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: folder } });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const add = (source: string): Promise<unknown> =>
    server.call('POST', '/api/streams', {
      id: 'feed',
      source,
      detectors: [{ name: 'street', model: 'street-nano' }],
      overlay: { labels: false, colors: Object.fromEntries(LABELS.map((label) => [label, MAGENTA])) },
      deadlineMs: 1000,
    });

  for (const [kind, make] of Object.entries(FEEDS)) {
    test(kind, { timeout: 150_000 }, async (t) => {
      await using feed = await make({ film, folder });
      await feed.start();
      const asked = performance.now();
      await add(feed.address);
      try {
        await using viewer = await WhepPictures.open(server.url, 'feed');
        await using messages = MessageBook.of(server, 'feed');
        const looks = new Set<string>();
        for (let boxed = 0; boxed < SEEN; ) {
          const [picture] = (await once(viewer, 'picture', { signal: t.signal })) as [SeenPicture];
          const detections = await found(messages, picture, t.signal);
          if (detections.length === 0) continue;
          assert.deepEqual([picture.width, picture.height], [640, 360]);
          assert.ok(outlined(picture, detections) > 0.7, `of the outlines, ${outlined(picture, detections)} can be seen`);
          looks.add(createHash('sha1').update(picture.plane).digest('hex'));
          boxed += 1;
        }
        t.diagnostic(`seen ${Math.round(performance.now() - asked)} ms after it was added`);
        assert.ok(looks.size > 1, 'the picture must move');
        const { audio } = await server.call<StreamView>('GET', '/api/streams/feed');
        assert.equal(audio?.codec, SOUND[kind as FeedKind]);
      } finally {
        await server.call('DELETE', '/api/streams/feed');
      }
    });
  }

  test('the clean variant shows no box where the messages tell of one', { timeout: 150_000 }, async (t) => {
    await using feed = await FEEDS['a folder of films']({ film, folder });
    await feed.start();
    await add(feed.address);
    await using viewer = await WhepPictures.open(server.url, 'feed', 'clean');
    await using messages = MessageBook.of(server, 'feed');
    for (;;) {
      const picture = await viewer.sees();
      const detections = await found(messages, picture, t.signal);
      if (detections.length === 0) continue;
      assert.equal(outlined(picture, detections), 0);
      break;
    }
    await server.call('DELETE', '/api/streams/feed');
  });
});

/** What the message about a picture of the source tells of. */
async function found(messages: MessageBook, { rtp }: SeenPicture, signal: AbortSignal): Promise<AnnotationMessage['detections']> {
  return (await messages.about(rtp, signal))?.detections ?? [];
}

/** The share of the points on the detections' outlines that have the boxes' colour. */
function outlined(picture: SeenPicture, detections: AnnotationMessage['detections']): number {
  const points = detections.flatMap(({ box }) => outline(rectOf(box, picture)));
  return points.filter(([x, y]) => picture.chroma(x, y).every((value) => value > 165)).length / points.length;
}

/** Points on the lower side: the upper one may lie behind other boxes' labels. */
function outline(rect: Rect | undefined): [x: number, y: number][] {
  if (rect === undefined) return [];
  return Array.from({ length: 9 }, (_, i) => [rect.left + Math.floor(((rect.right - rect.left - 1) * i) / 8), rect.bottom - 1]);
}
