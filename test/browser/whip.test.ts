import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { StreamView } from '../../src/streams/view.ts';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { LiveServer } from '../support/live-server.ts';
import { lookAtFrames, openPlayer, untilState } from '../support/watch-page.ts';
import { WhepPictures } from '../support/whep-pictures.ts';

const CONFIG = fileURLToPath(new URL('../support/publish.yaml', import.meta.url));

interface Published {
  readonly location: string;
  readonly answer: string;
}

describe('Chromium publishes its camera by WHIP', () => {
  let server: LiveServer;
  let browser: Browser;
  let page: Page;

  before(async () => {
    server = await LiveServer.start({ demo: true, env: { FRAMELOCK_CONFIG: CONFIG } });
    browser = await launchChromium({ args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] });
    page = await browser.context.newPage();
    await page.goto(`${server.url}/healthz`);
  });

  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** @param scales of the encodings that are offered; one or none is no simulcast */
  function publish(stream: string, codec: string, scales: readonly number[] = []): Promise<Published> {
    return page.evaluate(
      async ({ stream, codec, scales }) => {
        const peer = new RTCPeerConnection();
        (globalThis as { peer?: RTCPeerConnection }).peer = peer;
        const media = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 }, audio: true });
        const encodings = scales.map((scaleResolutionDownBy, i) => ({ rid: `r${i}`, scaleResolutionDownBy }));
        const video = peer.addTransceiver(media.getVideoTracks()[0]!, { direction: 'sendonly', sendEncodings: encodings });
        peer.addTransceiver(media.getAudioTracks()[0]!, { direction: 'sendonly' });
        const { codecs } = RTCRtpSender.getCapabilities('video')!;
        video.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType === `video/${codec}` || mimeType === 'video/rtx'));
        await peer.setLocalDescription();
        const response = await fetch(`/live/${stream}/whip`, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: peer.localDescription!.sdp });
        const answer = await response.text();
        if (response.status !== 201) throw new Error(answer);
        await peer.setRemoteDescription({ type: 'answer', sdp: answer });
        return { location: response.headers.get('location')!, answer };
      },
      { stream, codec, scales },
    );
  }

  async function end({ location }: Published): Promise<void> {
    assert.equal((await fetch(server.url + location, { method: 'DELETE' })).status, 200);
    await page.evaluate(() => (globalThis as unknown as { peer: RTCPeerConnection }).peer.close());
    await server.until<StreamView>('door', ({ state }) => state === 'connecting');
  }

  for (const codec of ['VP8', 'VP9', 'H264', 'AV1']) {
    it(`in ${codec}, and the annotated pictures move`, async () => {
      const published = await publish('door', codec);
      const { video } = await server.until<StreamView>('door', ({ state, video }) => state === 'live' && video?.width === 640);
      assert.deepEqual([video?.codec, video?.height], [codec.toLowerCase(), 480]);
      assert.match(published.answer, /^m=audio 9 /m);
      await using viewer = await WhepPictures.open(server.url, 'door');
      const [first, second] = [await viewer.sees(), await viewer.sees()];
      assert.notEqual(first.rtp, second.rtp);
      await end(published);
    });
  }

  it('and a player of the clean variant is sent its packets as they are, locked to the annotations', async () => {
    const published = await publish('door', 'VP8');
    await server.until<StreamView>('door', ({ state }) => state === 'live');
    const watching = await openPlayer(browser, server.url, 'door', 'clean');
    await untilState(watching, 'live');
    const { stats, variantsActive } = await server.until<StreamView>('door', ({ stats: { variants } }) => variants.clean?.forwarded === true);
    assert.deepEqual([stats.variants.clean?.encoder, variantsActive.includes('clean')], [undefined, false]);
    // Of pictures that come faster than they can be looked at, the server keeps the newest: the others have no message.
    for (let told = 0, looked = 0; told < 30; looked += 60) {
      assert.ok(looked < 600, `of ${looked} frames, ${told} have a message`);
      told += (await lookAtFrames(watching, 60)).filter(({ messageSeq }) => messageSeq !== undefined).length;
    }
    await end(published);
    // The player comes again at once, for a variant that is encoded, and sees who publishes next.
    await server.until<StreamView>('door', ({ viewers, variantsActive }) => viewers === 1 && variantsActive.includes('clean'));
    const next = await publish('door', 'VP9');
    await lookAtFrames(watching, 10);
    await watching.close();
    await end(next);
  });

  it('and whoever watches goes on watching when another takes its place, and another', async () => {
    let published = await publish('door', 'VP8');
    await server.until<StreamView>('door', ({ state }) => state === 'live');
    const watching = await openPlayer(browser, server.url, 'door');
    await untilState(watching, 'live');
    for (const codec of ['H264', 'VP9', 'VP8']) {
      const before = await lookAtFrames(watching, 5);
      published = await publish('door', codec);
      await server.until<StreamView>('door', ({ state, video }) => state === 'live' && video?.codec === codec.toLowerCase());
      const after = await lookAtFrames(watching, 30);
      assert.ok(after.at(-1)!.presented > before.at(-1)!.presented);
    }
    await watching.close();
    await end(published);
  });

  it('in one size, where it offers several', async () => {
    const published = await publish('door', 'VP8', [1, 2, 4]);
    assert.doesNotMatch(published.answer, /simulcast|rid:/);
    // Which size a browser begins with is its own business: it grows as it finds out what gets through.
    const { video } = await server.until<StreamView>('door', ({ state }) => state === 'live');
    assert.equal(video!.width / video!.height, 640 / 480);
    const senders = await page.evaluate(async () => {
      const stats = await (globalThis as unknown as { peer: RTCPeerConnection }).peer.getStats();
      return [...stats.values()].filter(({ type, kind, framesSent }) => type === 'outbound-rtp' && kind === 'video' && framesSent > 0).length;
    });
    assert.equal(senders, 1);
    await end(published);
  });
});
