import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ForeignClient } from '../../support/foreign-client.ts';
import { LiveServer } from '../../support/live-server.ts';
import { WhipPublisher } from '../../support/whip-publisher.ts';
import { WrtcViewer } from '../../support/wrtc-viewer.ts';
import type { StreamView } from '../../../src/streams/view.ts';

/** Its demo stream looks for nothing, and runs while it is watched only. */
const CONFIG = fileURLToPath(new URL('../../support/publish.yaml', import.meta.url));
const TOKEN = 'a-token';
const SCENE = { id: 'scene', source: 'demo://street?timecode=1&width=640&height=360&fps=5', detectors: [], onDemand: true };

describe('WHEP clients of others', () => {
  let server: LiveServer;
  let strict: LiveServer;

  before(async () => {
    server = await LiveServer.start();
    await server.call('POST', '/api/streams', SCENE);
    strict = await LiveServer.start({ demo: true, env: { FRAMELOCK_CONFIG: CONFIG, FRAMELOCK_TOKEN: TOKEN } });
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await strict[Symbol.asyncDispose]();
  });

  const viewers = (wanted: number): Promise<StreamView> => server.until<StreamView>('scene', (stream) => stream.viewers === wanted);

  for (const library of ['aiortc', 'webrtcbin'] as const) {
    it(`${library} shows frame after frame, and ends`, async () => {
      await using client = new ForeignClient(library, 'whep', `${server.url}/live/scene/whep`);
      const first = await client.says('picture', ({ seq }) => seq > 0);
      assert.deepEqual([first.width, first.height], [640, 360]);
      const later = await client.says('picture', ({ seq }) => seq >= first.seq + 5);
      // A number that was misread has any of 32 bits.
      assert.ok(later.seq < first.seq + 5000, `${first.seq} … ${later.seq}`);
      await viewers(1);
      assert.equal(await client.end(), 200);
      await viewers(0);
    });

    it(`${library} is told of a token that is missing or wrong, and comes in with the right one`, async () => {
      const url = `${strict.url}/live/street/whep`;
      for (const [token, code] of [[undefined, 'token-missing'], ['another', 'token-wrong']] as const) {
        await using client = new ForeignClient(library, 'whep', url, token === undefined ? {} : { token });
        const refused = await client.says('refused');
        assert.deepEqual([refused.status, refused.code], [401, code]);
      }
      await using client = new ForeignClient(library, 'whep', url, { token: TOKEN });
      await client.says('state', ({ state }) => state === 'connected');
      assert.equal(await client.end(), 200);
    });
  }

  it('@roamhq/wrtc shows the clean pictures of a publisher of VP8, and is told that there is no H.264 in common for others', async () => {
    await using publisher = await WhipPublisher.open(server.url, 'cam', { codec: 'VP8' });
    await server.until<StreamView>('cam', ({ state }) => state === 'live');
    assert.equal(await WrtcViewer.open(`${server.url}/live/cam/whep`), 406);
    const viewer = await WrtcViewer.open(`${server.url}/live/cam/whep?variant=clean`);
    assert.ok(viewer instanceof WrtcViewer);
    await using _viewer = viewer;
    const near = (wanted: number) => ({ luma }: { luma: number }): boolean => Math.abs(luma - wanted) < 8;
    const { width, height } = await viewer.sees(near(100));
    assert.deepEqual([width, height], [320, 240]);
    publisher.luma = 180;
    await viewer.sees(near(180));
    assert.equal(await viewer.delete(), 200);
  });
});
