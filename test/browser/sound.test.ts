import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { StreamView } from '../../src/streams/view.ts';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { BeatMeter } from '../support/beat-meter.ts';
import { LiveServer } from '../support/live-server.ts';
import { readRtp, RtpViewer } from '../support/rtp-viewer.ts';
import { openPlayer, untilState } from '../support/watch-page.ts';

const CONFIG = fileURLToPath(new URL('../support/publish.yaml', import.meta.url));

/** Milliseconds by which nobody notices that sound and picture are apart (ITU-R BT.1359: 45 ms early). */
const MOST_MS = 45;

/** Beats in a row of which the middle one is judged, and after how many it must have been in step. */
const BEATS = 9;
const MOST_BEATS = 45;

/** What tests need of the element in the page. */
interface Player extends HTMLElement {
  controls: boolean;
  variant: string;
  readonly video: HTMLVideoElement;
}

describe('the sound of a publisher', () => {
  let server: LiveServer;
  let browser: Browser;
  let publisher: Page;

  before(async () => {
    server = await LiveServer.start({ demo: true, env: { FRAMELOCK_CONFIG: CONFIG } });
    browser = await launchChromium({ args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] });
    publisher = await browser.context.newPage();
    await publisher.goto(`${server.url}/healthz`);
  });

  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Publishes Chromium's fake camera, whose microphone beeps. @returns the session */
  function publish(stream: string, sound: boolean): Promise<string> {
    return publisher.evaluate(
      async ({ stream, sound }) => {
        const peer = new RTCPeerConnection();
        (globalThis as { peer?: RTCPeerConnection }).peer = peer;
        const media = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 }, audio: true });
        peer.addTransceiver(media.getVideoTracks()[0]!, { direction: 'sendonly' });
        if (sound) peer.addTransceiver(media.getAudioTracks()[0]!, { direction: 'sendonly' });
        await peer.setLocalDescription();
        const response = await fetch(`/live/${stream}/whip`, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: peer.localDescription!.sdp });
        const answer = await response.text();
        if (response.status !== 201) throw new Error(answer);
        await peer.setRemoteDescription({ type: 'answer', sdp: answer });
        return response.headers.get('location')!;
      },
      { stream, sound },
    );
  }

  async function end(location: string): Promise<void> {
    assert.equal((await fetch(server.url + location, { method: 'DELETE' })).status, 200);
    await publisher.evaluate(() => (globalThis as unknown as { peer: RTCPeerConnection }).peer.close());
    await server.until<StreamView>('door', ({ state, audio }) => state === 'connecting' && audio === undefined);
  }

  function watch(variant: string, opus?: number): Promise<RtpViewer> {
    return RtpViewer.open(
      async (offer) => {
        const url = `${server.url}/live/door/whep?variant=${variant}`;
        const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: offer });
        assert.equal(response.status, 201);
        return response.text();
      },
      opus === undefined ? {} : { opus },
    );
  }

  it('is heard by WHEP viewers of both variants, under the payload types that they offer, and by no other', async () => {
    const session = await publish('door', true);
    const { audio } = await server.until<StreamView>('door', ({ state }) => state === 'live');
    assert.deepEqual(audio, { codec: 'opus', sampleRate: 48_000, channels: 2 });
    for (const [variant, opus] of [
      ['annotated', 111],
      ['annotated', 96],
      ['clean', 111],
    ] as const) {
      await using viewer = await watch(variant, opus);
      await viewer.hears(20);
      assert.ok(viewer.sound.every((packet) => readRtp(packet).payloadType === opus));
      assert.match(viewer.answer, /^m=audio 9 /m);
    }
    await using deaf = await watch('annotated');
    assert.doesNotMatch(deaf.answer, /m=audio/);
    await deaf.receives(10);
    await end(session);
  });

  it('is not offered where there is none', async () => {
    const session = await publish('door', false);
    const { audio } = await server.until<StreamView>('door', ({ state }) => state === 'live');
    assert.equal(audio, undefined);
    await using viewer = await watch('annotated', 111);
    assert.match(viewer.answer, /^m=audio 0 /m);
    await viewer.receives(10);
    await end(session);
  });

  it('is in step with the annotated picture', async (t) => {
    const session = await publisher.evaluate(async () => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [320, 240];
      const drawing = canvas.getContext('2d')!;
      const audio = new AudioContext();
      const tone = new OscillatorNode(audio, { frequency: 1000 });
      const gain = new GainNode(audio, { gain: 0 });
      const sink = new MediaStreamAudioDestinationNode(audio);
      tone.connect(gain).connect(sink);
      tone.start();
      setInterval(() => {
        const on = performance.now() % 1000 < 150;
        drawing.fillStyle = on ? 'white' : 'black';
        drawing.fillRect(0, 0, 320, 240);
        gain.gain.value = on ? 0.5 : 0;
      }, 1000 / 60);
      const peer = new RTCPeerConnection();
      (globalThis as { peer?: RTCPeerConnection }).peer = peer;
      peer.addTransceiver(canvas.captureStream(30).getVideoTracks()[0]!, { direction: 'sendonly' });
      peer.addTransceiver(sink.stream.getAudioTracks()[0]!, { direction: 'sendonly' });
      await peer.setLocalDescription();
      const response = await fetch('/live/door/whip', { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: peer.localDescription!.sdp });
      await peer.setRemoteDescription({ type: 'answer', sdp: await response.text() });
      return response.headers.get('location')!;
    });
    await server.until<StreamView>('door', ({ state, audio }) => state === 'live' && audio !== undefined);
    await using viewer = await watch('annotated', 111);
    using meter = await BeatMeter.open(viewer);
    // Single ones are off by what the page's timer and its frame rate are, and all for a while where the machine is too busy for the page; what the server did wrong would stay.
    let offsets: readonly number[] = [];
    const median = (): number => offsets.slice(-BEATS).toSorted((a, b) => a - b)[(BEATS - 1) / 2]!;
    do offsets = await meter.offsets(Math.max(BEATS, offsets.length + 1));
    while (Math.abs(median()) > MOST_MS && offsets.length < MOST_BEATS);
    const told = `beeps are later than their flashes by ${offsets.map((offset) => offset.toFixed(1)).join(', ')} ms`;
    t.diagnostic(told);
    assert.ok(Math.abs(median()) <= MOST_MS, told);
    await end(session);
  });

  it('is received by a player while it is not muted, in the other variant too, and comes back with the publisher', async () => {
    const first = await publish('door', true);
    const page = await openPlayer(browser, server.url, 'door');
    await untilState(page, 'live');
    await page.evaluate(() => ((document.querySelector('framelock-player') as Player).controls = true));
    const tracks = (): Promise<number> => page.evaluate(() => ((document.querySelector('framelock-player') as Player).video.srcObject as MediaStream).getAudioTracks().length);
    assert.equal(await tracks(), 0);
    await page.keyboard.press('Tab');
    await page.keyboard.press('m');
    await untilLoud(page);
    const heard = await page.evaluate(() => {
      const player = document.querySelector('framelock-player') as Player;
      player.variant = 'clean';
      return (player.video.srcObject as MediaStream).getAudioTracks()[0]!.id;
    });
    await page.waitForFunction((before) => {
      const [track] = ((document.querySelector('framelock-player') as Player).video.srcObject as MediaStream).getAudioTracks();
      return track !== undefined && track.id !== before;
    }, heard);
    await untilLoud(page);
    await end(first);
    await page.waitForFunction(() => ((document.querySelector('framelock-player') as Player).video.srcObject as MediaStream).getAudioTracks().length === 0);
    const second = await publish('door', true);
    await untilLoud(page);
    await page.keyboard.press('m');
    await page.waitForFunction(() => ((document.querySelector('framelock-player') as Player).video.srcObject as MediaStream).getAudioTracks().length === 0);
    await end(second);
    await page.close();
  });
});

/** Resolves when the page's player plays a sound that is louder than noise. */
async function untilLoud(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 2048 });
    const samples = new Float32Array(analyser.fftSize);
    let heard: MediaStreamTrack | undefined;
    let source: MediaStreamAudioSourceNode | undefined;
    do {
      // The player takes another track whenever it comes by another way.
      const [track] = ((document.querySelector('framelock-player') as Player).video.srcObject as MediaStream).getAudioTracks();
      if (track !== heard) {
        source?.disconnect();
        source = track === undefined ? undefined : context.createMediaStreamSource(new MediaStream([track]));
        source?.connect(analyser);
        heard = track;
      }
      await new Promise(requestAnimationFrame);
      analyser.getFloatTimeDomainData(samples);
    } while (!samples.some((sample) => Math.abs(sample) > 0.02));
    await context.close();
  });
}
