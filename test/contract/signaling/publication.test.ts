import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import wrtc from '@roamhq/wrtc';
import { cleanup } from 'node-datachannel';
import express, { type ErrorRequestHandler } from 'express';
import { Publication, type PublicationStatus } from '../../../client/src/publish/publication.ts';
import { ProblemError } from '../../../src/http/problem.ts';
import { WhipStandIn } from '../../support/whip-stand-in.ts';

const [WIDTH, HEIGHT] = [320, 240];
/** Milliseconds in which what a test waits for has to happen; a lost connection is noticed after seven seconds. */
const LIMIT_MS = 40_000;

/** What Node lacks of a page; the peer connections are libwebrtc's own. */
const PAGE = new EventTarget();
const GLOBALS: Readonly<Record<string, unknown>> = {
  RTCPeerConnection: wrtc.RTCPeerConnection,
  RTCRtpSender: wrtc.RTCRtpSender,
  addEventListener: PAGE.addEventListener.bind(PAGE),
  removeEventListener: PAGE.removeEventListener.bind(PAGE),
};

/** A server and somebody who publishes to it. */
class Stage implements AsyncDisposable {
  readonly whip = new WhipStandIn();
  readonly statuses: PublicationStatus[] = [];
  /** State of the stream in the API; undefined where there is none. */
  streamState: string | undefined;
  /** What is answered to POST instead of an answer. */
  nonsense: string | undefined;
  publication: Publication | undefined;
  readonly #server: Server;
  readonly #track: MediaStreamTrack;
  #port = 0;
  #waiting: ((status: PublicationStatus) => void) | undefined;

  private constructor(track: MediaStreamTrack) {
    this.#track = track;
    const app = express();
    app.post('/live/desk/whip', (_request, response, next) => {
      if (this.nonsense === undefined) next();
      else response.status(201).set('Location', '/live/desk/whip/x').end(this.nonsense);
    });
    app.use('/live', this.whip.router);
    app.get('/api/streams/desk', (_request, response) => {
      if (this.streamState === undefined) response.status(404).end();
      else response.json({ state: this.streamState });
    });
    app.use(((error, _request, response, _next) => {
      if (!(error instanceof ProblemError)) throw error;
      response.status(error.status).set(error.headers).json(error);
    }) satisfies ErrorRequestHandler);
    this.#server = createServer(app);
  }

  static async open(track: MediaStreamTrack): Promise<Stage> {
    const stage = new Stage(track);
    await stage.listen();
    return stage;
  }

  /** On the same port as before. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Nobody answers any more. */
  async silence(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  publish(): void {
    const url = `http://127.0.0.1:${this.#port}`;
    this.publication = new Publication({
      endpoint: `${url}/live/desk/whip`,
      streamApi: `${url}/api/streams/desk`,
      token: undefined,
      video: this.#track,
      audio: undefined,
      kind: 'camera',
      layers: 'on',
      changed: (status) => {
        this.statuses.push(status);
        this.#waiting?.(status);
      },
    });
  }

  /** Publishes, and resolves when packets have come. */
  async live(): Promise<void> {
    const media = once(this.whip, 'media');
    this.publish();
    await this.next('live');
    await media;
  }

  /** Resolves at the next status of this kind. */
  next(state: PublicationStatus['state'], code?: string): Promise<PublicationStatus> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`It did not get there: ${JSON.stringify(this.statuses)}`)), LIMIT_MS);
      this.#waiting = (status) => {
        if (status.state !== state || (code !== undefined && status.reason?.code !== code)) return;
        clearTimeout(timer);
        resolve(status);
      };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.publication?.close();
    this.whip[Symbol.dispose]();
    if (this.#server.listening) await this.silence();
  }
}

describe('a publication', { concurrency: true }, () => {
  const video = new wrtc.nonstandard.RTCVideoSource();
  const track = video.createTrack();
  let camera: ReturnType<typeof setInterval>;

  before(() => {
    Object.assign(globalThis, GLOBALS);
    const frame = { width: WIDTH, height: HEIGHT, data: new Uint8Array(WIDTH * HEIGHT * 1.5) };
    camera = setInterval(() => video.onFrame(frame), 100);
  });
  after(() => {
    clearInterval(camera);
    track.stop();
    for (const name of Object.keys(GLOBALS)) Reflect.deleteProperty(globalThis, name);
    // libdatachannel's threads would keep the process; libwebrtc crashes where Node takes down what it has loaded, which this does without.
    cleanup();
    process.once('exit', () => process.exit());
  });

  test('brings the picture to a server, in one size where the browser can’t say that it has layers', async () => {
    await using stage = await Stage.open(track);
    await stage.live();
    assert.deepEqual(stage.statuses, [{ state: 'live' }]);
    assert.deepEqual(stage.whip.posts.map(({ scalabilityMode }) => scalabilityMode), [undefined]);
    const stats = await stage.publication!.stats();
    const outbound = [...(stats!.values() as Iterable<RTCStats>)].filter(({ type }) => type === 'outbound-rtp') as RTCOutboundRtpStreamStats[];
    assert.deepEqual(outbound.map(({ frameWidth }) => frameWidth), [WIDTH]);
  });

  test('ends its session once, however often it is closed', async () => {
    await using stage = await Stage.open(track);
    await stage.live();
    const ended = once(stage.whip, 'delete');
    stage.publication!.close();
    stage.publication!.close({ leaving: true });
    await ended;
    assert.deepEqual(stage.whip.deletes, ['1']);
    assert.equal(await stage.publication!.stats(), undefined);
    assert.deepEqual(stage.statuses, [{ state: 'live' }], 'it said something after it was closed');
  });

  test('ends the session that a server grants after it was closed', async () => {
    await using stage = await Stage.open(track);
    const offered = once(stage.whip, 'offer');
    stage.publish();
    await offered;
    const ended = once(stage.whip, 'delete');
    stage.publication!.close();
    await ended;
    assert.equal(stage.whip.posts.length, 1);
    assert.deepEqual(stage.statuses, []);
  });

  test('comes back when the server was gone, as often as it takes', async () => {
    await using stage = await Stage.open(track);
    await stage.live();
    await stage.silence();
    stage.whip.endAll();
    await stage.next('retrying', 'unreachable');
    await stage.next('retrying', 'unreachable');
    await stage.listen();
    await stage.next('live');
    assert.equal(stage.whip.posts.length, 2);
  });

  test('makes the attempt that it waits for when the network is back', async () => {
    await using stage = await Stage.open(track);
    stage.whip.refusal = new ProblemError({ status: 503, detail: 'Not yet.', headers: { 'Retry-After': '600' } });
    stage.publish();
    await stage.next('retrying');
    stage.whip.refusal = undefined;
    PAGE.dispatchEvent(new Event('online'));
    await stage.next('live');
  });

  test('goes on trying where its name is held, once it was live', async () => {
    await using stage = await Stage.open(track);
    await stage.live();
    stage.whip.refusal = new ProblemError({ status: 409, detail: 'Held.' });
    stage.whip.endAll();
    await stage.next('retrying', 'taken');
    stage.whip.refusal = undefined;
    await stage.next('live');
  });

  test('lets go of the session that holds its own name', async () => {
    await using stage = await Stage.open(track);
    await stage.live();
    const { whip } = stage;
    whip.refusal = new ProblemError({ status: 409, detail: 'Held.' });
    whip.once('delete', () => (whip.refusal = undefined));
    whip.endAll();
    await stage.next('retrying', 'disconnected');
    await stage.next('live');
    assert.deepEqual(whip.deletes, ['1']);
    assert.ok(!stage.statuses.some(({ reason }) => reason?.code === 'taken'), 'it was told of');
  });

  test('leaves the name to somebody who has taken it', async () => {
    await using stage = await Stage.open(track);
    await stage.live();
    stage.streamState = 'live';
    stage.whip.endAll();
    assert.deepEqual((await stage.next('failed')).reason, { code: 'replaced' });
    assert.equal(stage.whip.posts.length, 1);
  });

  test('is not put off by a stream that waits for it', async () => {
    await using stage = await Stage.open(track);
    await stage.live();
    stage.streamState = 'retrying';
    stage.whip.endAll();
    await stage.next('retrying', 'disconnected');
    await stage.next('live');
    assert.equal(stage.whip.posts.length, 2);
  });

  test('gives up at a no that trying again can’t mend', async () => {
    await using stage = await Stage.open(track);
    stage.whip.refusal = new ProblemError({ status: 409, detail: 'Somebody publishes “desk”.' });
    stage.publish();
    await stage.next('failed');
    assert.deepEqual(stage.statuses, [{ state: 'failed', reason: { code: 'taken', detail: 'Somebody publishes “desk”.' } }]);
  });

  test('waits as long as a server that is not ready wants', async () => {
    await using stage = await Stage.open(track);
    stage.whip.refusal = new ProblemError({ status: 503, detail: 'Not yet.', headers: { 'Retry-After': '2' } });
    const asked = Date.now();
    stage.publish();
    const { reason, retryAt = 0 } = await stage.next('retrying');
    assert.deepEqual(reason, { code: 'busy', detail: 'Not yet.' });
    assert.ok(retryAt - asked > 1900, `${retryAt - asked} ms`);
    stage.whip.refusal = undefined;
    await stage.next('live');
  });

  test('gives up at an answer that is none, and ends its session', async () => {
    await using stage = await Stage.open(track);
    stage.nonsense = 'nonsense';
    const ended = once(stage.whip, 'delete');
    stage.publish();
    assert.equal((await stage.next('failed')).reason?.code, 'refused');
    await ended;
    assert.deepEqual(stage.whip.deletes, ['x']);
  });
});
