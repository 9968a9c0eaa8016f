import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import express from 'express';
import type { Page } from 'playwright-core';
import { pino } from 'pino';
import { mount } from '../../src/http/mount.ts';
import { bound } from '../../src/http/route.ts';
import type { Sfu } from '../../src/sfu/sfu.ts';
import { whepRoutes } from '../../src/signaling/whep-routes.ts';
import { whep } from '../../src/signaling/whep.ts';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { Feeder, startSfu } from '../support/sfu.ts';
import { StandInStreams } from '../support/stand-in-streams.ts';

const FRAMES = 40;

/** What a page sees of a stream that it gets by WHEP, with nothing but what browsers have. */
interface Seen {
  readonly payloadType: number;
  readonly size: string;
  /** RTP timestamps of frames that were displayed. */
  readonly shown: number[];
  /** RTP timestamps that messages on the data channel spoke of. */
  readonly told: number[];
  readonly discarded: number;
  readonly lost: number;
}

describe('Chromium gets a stream by WHEP', () => {
  const logger = pino({ level: 'silent' });
  let sfu: Sfu;
  let feeder: Feeder;
  let server: Server;
  let browser: Browser;
  let page: Page;

  before(async () => {
    sfu = await startSfu();
    const broadcast = sfu.broadcast('gate');
    feeder = new Feeder(broadcast);
    const app = express();
    app.get('/', (_request, response) => void response.type('html').send('<!doctype html><video muted autoplay playsinline></video>'));
    mount(app, bound(whepRoutes, whep({ sfu, streams: new StandInStreams('gate'), iceServers: [], logger })), { bodyBytes: 65_536 });
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    browser = await launchChromium();
    page = await browser.context.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });

  after(async () => {
    await browser[Symbol.asyncDispose]();
    server.close();
    server.closeAllConnections();
    await feeder[Symbol.asyncDispose]();
    await sfu.close();
  });

  /** @param swap what in the offer becomes what */
  function watch(swap?: [string, string]): Promise<Seen> {
    return page.evaluate(
      async ({ frames, swap }) => {
        const peer = new RTCPeerConnection();
        (globalThis as { peer?: RTCPeerConnection }).peer = peer;
        const video = document.querySelector('video')!;
        peer.addTransceiver('video', { direction: 'recvonly' });
        peer.addTransceiver('audio', { direction: 'recvonly' });
        const channel = peer.createDataChannel('annotations', { negotiated: true, id: 0, ordered: false, maxRetransmits: 0 });
        const told: number[] = [];
        channel.onmessage = ({ data }) => told.push((JSON.parse(String(data)) as { rtp: number }).rtp);
        peer.ontrack = ({ track }) => {
          if (track.kind === 'video') video.srcObject = new MediaStream([track]);
        };
        const offer = await peer.createOffer();
        if (swap !== undefined) offer.sdp = offer.sdp!.replace(new RegExp(swap[0], 'g'), swap[1]);
        await peer.setLocalDescription(offer);
        const response = await fetch('/live/gate/whep', { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: peer.localDescription!.sdp });
        if (response.status !== 201) throw new Error(await response.text());
        await peer.setRemoteDescription({ type: 'answer', sdp: await response.text() });
        const shown: number[] = [];
        await new Promise<void>((resolve) => {
          const look = (_at: number, { rtpTimestamp }: VideoFrameCallbackMetadata): void => {
            shown.push(rtpTimestamp!);
            if (shown.length < frames) video.requestVideoFrameCallback(look);
            else resolve();
          };
          video.requestVideoFrameCallback(look);
        });
        const all = [...(await peer.getStats()).values()];
        const stats = all.find((one) => one.type === 'inbound-rtp' && one.kind === 'video');
        const { payloadType } = all.find(({ id }) => id === stats.codecId);
        return { payloadType, size: `${video.videoWidth}×${video.videoHeight}`, shown, told, discarded: stats.packetsDiscarded ?? 0, lost: stats.packetsLost };
      },
      { frames: FRAMES, swap },
    );
  }

  it('decodes it, gets its annotations, and hangs up', async () => {
    const broadcast = sfu.broadcast('gate');
    const announcing = setInterval(() => {
      const frame = feeder.sources.at(-1)?.sent.at(-1);
      if (frame !== undefined) broadcast.announce({ stream: 'gate', seq: frame.seq, rtp: frame.rtp, capturedAt: frame.capturedAt, width: 160, height: 96, detections: [], detectors: {} });
    }, 10);
    const seen = await watch();
    clearInterval(announcing);
    assert.deepEqual([seen.payloadType, seen.size], [108, '160×96']);
    const sent = new Set(feeder.source.sent.map(({ rtp }) => rtp));
    assert.ok(seen.shown.every((rtp) => sent.has(rtp)), 'frames keep the timestamps that the source gave them');
    assert.ok(seen.shown.some((rtp) => seen.told.includes(rtp)), 'messages speak of frames that are shown');
    // The SFU's header extensions have identifiers that mean something else to Chromium: nothing may be lost to that.
    assert.deepEqual([seen.discarded, seen.lost], [0, 0]);
    const left = once(broadcast, 'viewers');
    await page.evaluate(() => (globalThis as unknown as { peer: RTCPeerConnection }).peer.close());
    assert.deepEqual(await left, [0]);
  });

  it('decodes it under other payload types than the SFU’s own', async () => {
    // Chromium's payload type of constrained baseline, everywhere it stands, becomes one that it uses for nothing.
    const seen = await watch(['(SAVPF.*|rtpmap:|rtcp-fb:|fmtp:|apt=)\\b108\\b', '$1105']);
    assert.deepEqual([seen.payloadType, seen.size], [105, '160×96']);
    assert.deepEqual([seen.discarded, seen.lost], [0, 0]);
    await page.evaluate(() => (globalThis as unknown as { peer: RTCPeerConnection }).peer.close());
  });
});
