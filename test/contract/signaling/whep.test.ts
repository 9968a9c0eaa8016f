import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import wrtc from '@roamhq/wrtc';
import express from 'express';
import { pino } from 'pino';
import { parse } from 'sdp-transform';
import { errorHandler } from '../../../src/http/error-handler.ts';
import { mount } from '../../../src/http/mount.ts';
import { bound, type BoundRoute } from '../../../src/http/route.ts';
import type { Sfu } from '../../../src/sfu/sfu.ts';
import { whepRoutes } from '../../../src/signaling/whep-routes.ts';
import { whep } from '../../../src/signaling/whep.ts';
import { fetchDescribed } from '../../support/described.ts';
import { AIORTC, CHROMIUM, FIREFOX, GSTREAMER, LIBDATACHANNEL } from '../../support/offers.ts';
import { readRtp, RtpViewer } from '../../support/rtp-viewer.ts';
import { Feeder, startSfu } from '../../support/sfu.ts';
import { StandInStreams } from '../../support/stand-in-streams.ts';

const logger = pino({ level: 'silent' });
const TRICKLE = 'application/trickle-ice-sdpfrag';

describe('WHEP', () => {
  const streams = new StandInStreams('gate', 'yard');
  let sfu: Sfu;
  let feeder: Feeder;
  let server: Server;
  let base: string;
  let routes: readonly BoundRoute[];

  before(async () => {
    sfu = await startSfu({ lingerMs: 60_000 });
    feeder = new Feeder(sfu.broadcast('gate'));
    const iceServers = [{ urls: ['stun:stun.example.org', 'turn:turn.example.org'], username: 'me', credential: 'secret' }];
    const app = express();
    routes = bound(whepRoutes, whep({ sfu, streams, iceServers, logger }));
    mount(app, routes, { bodyBytes: 65_536 });
    app.use(errorHandler(logger));
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  after(async () => {
    server.close();
    server.closeAllConnections();
    await feeder[Symbol.asyncDispose]();
    await sfu.close();
  });

  const ask = (url: string, init?: RequestInit): Promise<Response> => fetchDescribed(routes, url, init);

  function post(offer: string, path = '/live/gate/whep', type = 'application/sdp'): Promise<Response> {
    return ask(base + path, { method: 'POST', headers: { 'Content-Type': type }, body: offer });
  }

  async function refused(answer: Promise<Response> | Response): Promise<[number, string | undefined]> {
    const response = await answer;
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
    const { status, code } = (await response.json()) as { status: number; code?: string };
    assert.equal(status, response.status);
    return [status, code];
  }

  /** The paths of the values that are wrong. */
  async function wrong(answer: Promise<Response>): Promise<string[]> {
    const response = (await answer).clone();
    assert.deepEqual(await refused(response.clone()), [400, 'invalid-request']);
    return ((await response.json()) as { errors: { path: string }[] }).errors.map(({ path }) => path);
  }

  it('gives a peer that is no browser its video, and ends it when asked to', async () => {
    let location = '';
    const viewer = await RtpViewer.open(
      async (offer) => {
        const response = await post(offer);
        assert.equal(response.status, 201);
        assert.match(response.headers.get('content-type') ?? '', /^application\/sdp/);
        location = response.headers.get('location') ?? '';
        return response.text();
      },
      { payloadType: 96 },
    );
    await viewer.receives(10);
    assert.ok(viewer.packets.every((packet) => readRtp(packet).payloadType === 96));
    assert.match(location, /^\/live\/gate\/whep\/[^/]+$/);
    assert.equal((await ask(base + location, { method: 'DELETE' })).status, 200);
    await viewer.reaches('disconnected', 'closed', 'failed');
    assert.deepEqual(await refused(ask(base + location, { method: 'DELETE' })), [404, undefined]);
    assert.ok(streams.touched.includes('gate'));
    await viewer.close();
  });

  it('sends the variant that is asked for', async () => {
    const viewer = await RtpViewer.open(async (offer) => (await post(offer, '/live/gate/whep?variant=clean')).text());
    await viewer.receives(3);
    assert.ok(feeder.asked.includes('start clean'));
    await viewer.close();
  });

  it('opens the annotations’ data channel under the identifier that the answer names', async () => {
    const viewer = await RtpViewer.open(async (offer) => (await post(offer)).text(), { data: true });
    assert.match(viewer.answer, /a=dcmap:0 label="annotations"/);
    const message = { stream: 'gate', seq: 1, rtp: 2, capturedAt: 3, width: 4, height: 5, detections: [], detectors: {} };
    const announcing = setInterval(() => sfu.broadcast('gate').announce(message), 20);
    assert.deepEqual(JSON.parse(await viewer.message()), message);
    clearInterval(announcing);
    await viewer.close();
  });

  for (const [name, offer] of Object.entries({ CHROMIUM, FIREFOX, GSTREAMER, LIBDATACHANNEL, AIORTC })) {
    it(`answers an offer of ${name.toLowerCase()} section for section, with what was offered`, async () => {
      const response = await post(offer);
      assert.equal(response.status, 201);
      const [asked, answered] = [parse(offer), parse(await response.text())];
      assert.equal(answered.icelite, 'ice-lite');
      assert.deepEqual(
        answered.media.map(({ type, mid }) => [type, String(mid)]),
        asked.media.map(({ type, mid }) => [type, String(mid)]),
      );
      const accepted = answered.media.filter(({ port }) => port !== 0);
      assert.equal(String(answered.groups?.[0]?.mids), accepted.map(({ mid }) => mid).join(' '));
      for (const media of accepted) {
        assert.equal(media.setup, 'passive');
        assert.ok(media.fingerprint);
        assert.deepEqual(media.candidates?.map(({ transport, tcptype }) => [transport, tcptype]), [['udp', undefined], ['tcp', 'passive']]);
      }
      const [video, wanted] = [answered, asked].map(({ media }) => media.find(({ type }) => type === 'video')!);
      assert.equal(video!.direction, 'sendonly');
      assert.ok(video!.rtcpMux);
      for (const { payload, codec } of video!.rtp) assert.equal(wanted!.rtp.find((one) => one.payload === payload)?.codec, codec);
      // RFC 8285 §6: an identifier keeps the meaning that the offer gave it.
      for (const { value, uri } of video!.ext ?? []) assert.equal(wanted!.ext?.find((one) => one.value === value)?.uri, uri);
      for (const { type, subtype } of video!.rtcpFb ?? []) {
        assert.ok(wanted!.rtcpFb?.some((one) => one.type === type && (one.subtype ?? '') === (subtype ?? '')), `${type} ${subtype}`);
      }
      assert.ok(video!.ssrcs?.some(({ attribute }) => attribute === 'cname'));
      await ask(base + response.headers.get('location')!, { method: 'DELETE' });
    });
  }

  it('tells a client which ICE servers to use, and how the session is named', async () => {
    const response = await post(CHROMIUM);
    const links = response.headers.get('link') ?? '';
    assert.match(links, /<stun:stun\.example\.org>; rel="ice-server"/);
    assert.match(links, /<turn:turn\.example\.org>; rel="ice-server"; username="me"; credential="secret"; credential-type="password"/);
    assert.match(response.headers.get('etag') ?? '', /^".+"$/);
    assert.equal(response.headers.get('accept-patch'), TRICKLE);
    await ask(base + response.headers.get('location')!, { method: 'DELETE' });
  });

  it('takes note of a client’s candidates without needing them, and restarts no ICE', async () => {
    const response = await post(CHROMIUM);
    const url = base + response.headers.get('location')!;
    const patch = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
      ask(url, { method: 'PATCH', headers: { 'Content-Type': TRICKLE, ...headers }, body });
    const fragment = 'a=ice-ufrag:m232\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n';
    assert.equal((await patch(fragment, { 'If-Match': response.headers.get('etag')! })).status, 204);
    assert.equal((await patch(fragment)).status, 204);
    assert.deepEqual(await refused(patch(fragment, { 'If-Match': '"another"' })), [412, 'other-ice-session']);
    assert.deepEqual(await refused(patch(fragment, { 'If-Match': '*' })), [422, 'no-ice-restart']);
    assert.deepEqual(await refused(patch('nonsense')), [400, 'bad-fragment']);
    assert.deepEqual(await refused(patch(fragment, { 'Content-Type': 'application/sdp' })), [415, 'unsupported-media-type']);
    assert.deepEqual(await refused(ask(url.replace('/gate/', '/other/'), { method: 'DELETE' })), [404, undefined]);
    await ask(url, { method: 'DELETE' });
  });

  it('refuses what is no offer, no stream, no variant and no method, each with its own status', async () => {
    // Nobody has watched it, so that nobody leaves it meanwhile.
    const path = '/live/yard/whep';
    assert.deepEqual(await refused(post('this is no session description', path)), [400, 'bad-offer']);
    assert.deepEqual(await refused(post('', path)), [400, 'bad-offer']);
    assert.deepEqual(await refused(post(CHROMIUM, path, 'application/json')), [415, 'unsupported-media-type']);
    assert.deepEqual(await refused(post(CHROMIUM, '/live/nowhere/whep')), [404, undefined]);
    assert.deepEqual(await wrong(post(CHROMIUM, `${path}?variant=blurred`)), ['variant']);
    for (const width of ['', '-1', '0.5', '0', '100000', 'half']) assert.deepEqual(await wrong(post(CHROMIUM, `${path}?width=${width}`)), ['width']);
    assert.deepEqual(await refused(post(`${CHROMIUM}${'a=x\r\n'.repeat(20_000)}`, path)), [413, 'entity-too-large']);
    assert.deepEqual(await refused(ask(base + path)), [405, 'method-not-allowed']);
    assert.deepEqual(await refused(ask(`${base}${path}/x`, { method: 'PUT' })), [405, 'method-not-allowed']);
    assert.deepEqual(await refused(ask(`${base}${path}/x`, { method: 'DELETE' })), [404, undefined]);
    assert.equal(sfu.broadcast('yard').viewers, 0);
  });

  it('says that it has nothing for a peer without H.264', async () => {
    const peer = new wrtc.RTCPeerConnection();
    peer.addTransceiver('video', { direction: 'recvonly' });
    const { sdp = '' } = await peer.createOffer();
    peer.close();
    assert.doesNotMatch(sdp, /H264/);
    assert.deepEqual(await refused(post(sdp)), [406, 'no-common-codec']);
  });

  it('tells what can be sent', async () => {
    const endpoint = await ask(`${base}/live/gate/whep`, { method: 'OPTIONS' });
    assert.equal(endpoint.status, 204);
    assert.equal(endpoint.headers.get('accept-post'), 'application/sdp');
    assert.equal((await ask(`${base}/live/gate/whep/x`, { method: 'OPTIONS' })).headers.get('allow'), 'DELETE, PATCH, OPTIONS');
  });
});
