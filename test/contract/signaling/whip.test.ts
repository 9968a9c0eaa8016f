import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { whipRoutes } from '../../../src/signaling/whip-routes.ts';
import { fetchDescribed } from '../../support/described.ts';
import { H264Publisher } from '../../support/h264-publisher.ts';
import { LiveServer } from '../../support/live-server.ts';
import { descendants } from '../../support/processes.ts';
import { AIORTC, CHROMIUM } from '../../support/offers.ts';
import { WhepPictures } from '../../support/whep-pictures.ts';
import { WhipPublisher, WhipRefusal } from '../../support/whip-publisher.ts';
import type { StreamView } from '../../../src/streams/view.ts';

const CONFIG = fileURLToPath(new URL('../../support/publish.yaml', import.meta.url));
/** How far the encoders on the way may be off, in steps of luma. */
const NEAR = 6;

describe('WHIP', () => {
  let server: LiveServer;

  before(async () => {
    server = await LiveServer.start({ demo: true, env: { FRAMELOCK_CONFIG: CONFIG, FRAMELOCK_PUBLISH_GRACE_MS: '4000' } });
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  // Else the stream of one test would be taken for that of the next.
  afterEach(() => gone('cam'));

  const until = (id: string, wanted: (stream: StreamView) => boolean): Promise<StreamView> => server.until<StreamView>(id, wanted);

  /** Resolves when there is no such stream. */
  async function gone(id: string): Promise<void> {
    const events = await fetch(`${server.url}/api/events`);
    for await (const chunk of events.body!.pipeThrough(new TextDecoderStream())) {
      const streams = await server.call<StreamView[]>('GET', '/api/streams');
      if (!streams.some((stream) => stream.id === id)) return;
      void chunk;
    }
  }

  async function refusal(publishing: Promise<WhipPublisher>): Promise<[number, string | undefined]> {
    try {
      const publisher = await publishing;
      publisher.close();
    } catch (error) {
      if (error instanceof WhipRefusal) return [error.status, error.code];
      throw error;
    }
    throw new assert.AssertionError({ message: 'The publisher was not refused.' });
  }

  for (const codec of ['VP8', 'VP9', 'AV1'] as const) {
    it(`makes a stream of a publisher of ${codec}, and removes it when it ends`, async () => {
      await using publisher = await WhipPublisher.open(server.url, 'cam', { codec });
      assert.match(new URL(publisher.location).pathname, /^\/live\/cam\/whip\/[^/]+$/);
      assert.match(publisher.etag, /^".+"$/);
      const { video, origin, source } = await until('cam', ({ state }) => state === 'live');
      assert.deepEqual([video?.codec, video?.width, video?.height, origin, source.kind], [codec.toLowerCase(), 320, 240, 'publisher', 'publish']);
      await using viewer = await WhepPictures.open(server.url, 'cam');
      await viewer.sees(({ luma }) => Math.abs(luma - 100) < NEAR);
      publisher.luma = 180;
      await viewer.sees(({ luma }) => Math.abs(luma - 180) < NEAR);
      assert.equal(await publisher.delete(), 200);
      await gone('cam');
    });
  }

  it('follows a publisher whose pictures change their size', async () => {
    await using publisher = await WhipPublisher.open(server.url, 'cam');
    await until('cam', ({ state }) => state === 'live');
    await using viewer = await WhepPictures.open(server.url, 'cam');
    await viewer.sees(({ width, height }) => width === 320 && height === 240);
    publisher.size = { width: 480, height: 270 };
    await viewer.sees(({ width, height }) => width === 480 && height === 270);
    const { stats, state } = await until('cam', ({ video }) => video?.width === 480 && video.height === 270);
    assert.deepEqual([state, stats.restarts], ['live', 0]);
  });

  it('sends H.264 on without an encode, under the publisher’s own timestamps, which annotations name too', async () => {
    await using publisher = await H264Publisher.open(server.url, 'cam');
    await until('cam', ({ state }) => state === 'live');
    await using clean = await WhepPictures.open(server.url, 'cam', 'clean');
    await using annotated = await WhepPictures.open(server.url, 'cam');
    const [one, other] = await Promise.all([clean.sees(), annotated.sees()]);
    const sent = new Set(publisher.source.sent.map(({ rtp }) => rtp));
    assert.ok(sent.has(one.rtp), 'a clean picture’s timestamp is one of the publisher’s');
    assert.ok(sent.has(other.rtp), 'an annotated picture’s timestamp is one of the publisher’s');
    assert.deepEqual([one.width, one.height], [160, 96]);
    const { stats } = await until('cam', ({ stats: { variants } }) => variants.annotated !== undefined);
    assert.deepEqual([stats.variants.clean?.forwarded, stats.variants.clean?.frames, stats.variants.annotated?.forwarded], [true, 0, false]);
    await until('cam', ({ stats: { variants } }) => (variants.clean?.bitrate ?? 0) > 0);
  });

  for (const codec of ['VP8', 'VP9', 'AV1'] as const) {
    it(`sends ${codec} on to players that take it, and H.264 to those that don’t`, async () => {
      await using publisher = await WhipPublisher.open(server.url, 'cam', { codec });
      await until('cam', ({ state }) => state === 'live');
      await using direct = await WhepPictures.open(server.url, 'cam', 'clean', codec);
      await direct.sees(({ luma }) => Math.abs(luma - 100) < NEAR);
      const { variantsActive, stats } = await until('cam', ({ stats: { variants } }) => variants.clean !== undefined);
      assert.deepEqual([variantsActive, stats.variants.clean?.forwarded], [[], true]);
      await using encoded = await WhepPictures.open(server.url, 'cam', 'clean');
      await encoded.sees(({ luma }) => Math.abs(luma - 100) < NEAR);
      await publisher.delete();
      await gone('cam');
    });
  }

  it('lets a publisher take the place of another, and keeps the stream', async () => {
    await using first = await WhipPublisher.open(server.url, 'cam');
    const { createdAt } = await until('cam', ({ state }) => state === 'live');
    await using viewer = await WhepPictures.open(server.url, 'cam');
    await viewer.sees(({ luma }) => Math.abs(luma - 100) < NEAR);
    await using second = await WhipPublisher.open(server.url, 'cam', { codec: 'VP9' });
    second.luma = 200;
    assert.equal(await first.delete(), 410);
    await viewer.sees(({ luma }) => Math.abs(luma - 200) < NEAR);
    const stream = await until('cam', ({ state, video }) => state === 'live' && video?.codec === 'vp9');
    assert.deepEqual([stream.createdAt, stream.stats.restarts], [createdAt, 0]);
  });

  it('waits for a publisher, and waits again when it has left', async () => {
    const waiting = ({ state, problem }: StreamView): boolean => state === 'connecting' && problem?.code === 'source-waiting';
    const { problem } = await until('door', waiting);
    assert.equal(problem?.message, 'Waiting for a publisher.');
    for (const codec of ['VP8', 'VP9'] as const) {
      await using publisher = await WhipPublisher.open(server.url, 'door', { codec });
      await until('door', ({ state, video }) => state === 'live' && video?.codec === codec.toLowerCase());
      await publisher.delete();
      await until('door', waiting);
    }
    assert.equal((await until('door', waiting)).stats.restarts, 0);
  });

  it('keeps a stream for a while for a publisher who went without a word', async () => {
    const publisher = await WhipPublisher.open(server.url, 'cam');
    const { createdAt } = await until('cam', ({ state }) => state === 'live');
    publisher.close();
    await until('cam', ({ problem }) => problem?.code === 'source-waiting');
    const again = await WhipPublisher.open(server.url, 'cam');
    assert.equal((await until('cam', ({ state }) => state === 'live')).createdAt, createdAt);
    again.close();
    await gone('cam');
  });

  it('ends a publisher with the media worker under it, and lets it come again to its stream', async () => {
    await using lost = await WhipPublisher.open(server.url, 'door');
    const { stats } = await until('door', ({ state }) => state === 'live');
    const [worker] = descendants(server.pid, 'mediasoup-worker');
    process.kill(worker!.pid, 'SIGKILL');
    await until('door', ({ problem }) => problem?.code === 'source-waiting');
    assert.equal(await lost.delete(), 404);
    await using again = await WhipPublisher.open(server.url, 'door');
    await again.reaches('connected');
    const back = await until('door', ({ state }) => state === 'live');
    assert.deepEqual([back.stats.process.pid, back.stats.restarts], [stats.process.pid, stats.restarts]);
  });

  it('is led to the process that follows one that crashed', async () => {
    await using publisher = await WhipPublisher.open(server.url, 'door');
    const { stats } = await until('door', ({ state }) => state === 'live');
    process.kill(stats.process.pid!, 'SIGKILL');
    const back = await until('door', ({ state, stats: { restarts } }) => state === 'live' && restarts > stats.restarts);
    assert.notEqual(back.stats.process.pid, stats.process.pid);
    assert.equal(publisher.state, 'connected');
  });

  it('restarts ICE when asked to', async () => {
    await using publisher = await WhipPublisher.open(server.url, 'cam');
    const patch = (condition: string): Promise<Response> =>
      fetchDescribed(whipRoutes, publisher.location, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': condition },
        body: 'a=ice-ufrag:m232\r\na=ice-pwd:j378ioI9umic4KbbXqqPOwxF\r\n',
      });
    const response = await patch('*');
    assert.equal(response.status, 200);
    const etag = response.headers.get('etag');
    assert.notEqual(etag, publisher.etag);
    assert.match(await response.text(), new RegExp(`^a=ice-ufrag:${etag?.slice(1, -1)}\r$`, 'm'));
    assert.equal((await patch(publisher.etag)).status, 412);
    assert.equal((await patch(etag ?? '')).status, 204);
  });

  it('refuses what is no offer, what can’t be received, and streams with another source', async () => {
    const post = async (body: string, path = '/live/none/whip', type = 'application/sdp'): Promise<[number, string | undefined, ...string[]]> => {
      const response = await fetchDescribed(whipRoutes, server.url + path, { method: 'POST', headers: { 'Content-Type': type }, body });
      assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
      const { code, errors = [] } = (await response.json()) as { code?: string; errors?: { path: string }[] };
      return [response.status, code, ...errors.map((error) => error.path)];
    };
    const sending = CHROMIUM.replaceAll('a=recvonly', 'a=sendonly');
    assert.deepEqual(await post('nonsense'), [400, 'bad-offer']);
    assert.deepEqual(await post(''), [400, 'bad-offer']);
    assert.deepEqual(await post(CHROMIUM), [400, 'bad-offer'], 'video that only wants to be received');
    assert.deepEqual(await post(AIORTC.replaceAll('a=recvonly', 'a=inactive')), [400, 'bad-offer']);
    assert.deepEqual(await post(sending.replaceAll('sdes:mid', 'sdes:other')), [400, 'bad-offer'], 'packets that can’t be told from others');
    assert.deepEqual(await post(sending.replaceAll(/VP8|VP9|H264|AV1/g, 'H261')), [406, 'no-common-codec']);
    assert.deepEqual(await post(sending, '/live/none/whip', 'application/json'), [415, 'unsupported-media-type']);
    for (const mode of ['', 'L4T1', 'S3T3', 'L3T1_KEYS', 'L1T1&scalabilityMode=L3T1']) assert.deepEqual(await post(sending, `/live/none/whip?scalabilityMode=${mode}`), [400, 'invalid-request', 'scalabilityMode']);
    assert.deepEqual(await post(sending, '/live/NO_ID/whip'), [400, 'bad-stream-id', 'id']);
    assert.deepEqual(await post(sending, '/live/street/whip'), [409, 'other-source']);
    assert.equal((await fetch(`${server.url}/live/none/whip`)).status, 405);
    assert.equal((await fetch(`${server.url}/live/none/whip/x`, { method: 'DELETE' })).status, 404);
    const streams = await server.call<StreamView[]>('GET', '/api/streams');
    assert.ok(!streams.some(({ id }) => id === 'none'), 'a refused publisher leaves no stream');
  });

  it('ends a publisher whose stream is removed or given another source', async () => {
    await using publisher = await WhipPublisher.open(server.url, 'door');
    await until('door', ({ state }) => state === 'live');
    await server.call('PATCH', '/api/streams/door', { source: 'demo://street' });
    assert.equal(await publisher.delete(), 404);
    await server.call('PATCH', '/api/streams/door', { source: 'publish://' });
    await using again = await WhipPublisher.open(server.url, 'door');
    await until('door', ({ state }) => state === 'live');
    await server.call('DELETE', '/api/streams/door');
    assert.equal(await again.delete(), 404);
  });

  it('has its rules: who may publish, what a publisher may make, who comes second', async () => {
    const token = 'a-token';
    await using strict = await LiveServer.start({
      demo: true,
      env: { FRAMELOCK_CONFIG: CONFIG, FRAMELOCK_PUBLISH_CREATE: 'false', FRAMELOCK_PUBLISH_POLICY: 'refuse', FRAMELOCK_TOKEN: token },
    });
    assert.deepEqual(await refusal(WhipPublisher.open(strict.url, 'door')), [401, 'token-missing']);
    assert.deepEqual(await refusal(WhipPublisher.open(strict.url, 'other', { token })), [404, undefined]);
    await using first = await WhipPublisher.open(strict.url, 'door', { token });
    await first.reaches('connected');
    assert.deepEqual(await refusal(WhipPublisher.open(strict.url, 'door', { token })), [409, 'already-published']);
    assert.equal(first.state, 'connected');
    await first.delete();
    await using second = await WhipPublisher.open(strict.url, 'door', { token });
    await second.reaches('connected');
  });
});
