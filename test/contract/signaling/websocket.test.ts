import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import type { Sfu } from '../../../src/sfu/sfu.ts';
import { ServerMessage } from '../../../src/signaling/protocol.ts';
import { SignalingServer } from '../../../src/signaling/server.ts';
import { startSfu } from '../../support/sfu.ts';
import { StandInStreams } from '../../support/stand-in-streams.ts';
import { now } from '../../../src/util/clock.ts';

type Of<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;

const FINGERPRINT = { algorithm: 'sha-256', value: Array(32).fill('AB').join(':') };

/** A page's end of the WebSocket: sends what it is told to, and checks that all that comes is of the protocol. */
class Client {
  readonly socket: WebSocket;
  readonly #inbox: ServerMessage[] = [];
  readonly #closed: Promise<number>;

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.on('message', (data) => this.#inbox.push(ServerMessage.parse(JSON.parse(String(data)))));
    this.#closed = new Promise((resolve) => this.socket.on('close', resolve));
  }

  /** The code with which the server closes. */
  get closed(): Promise<number> {
    return this.#closed;
  }

  async send(message: unknown): Promise<void> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, 'open');
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Takes the next message of a type out of what came, and waits for it where there is none. */
  async next<T extends ServerMessage['type']>(type: T): Promise<Of<T>> {
    for (;;) {
      const index = this.#inbox.findIndex((message) => message.type === type);
      if (index >= 0) return this.#inbox.splice(index, 1)[0] as Of<T>;
      await once(this.socket, 'message');
    }
  }

  async ask<T extends ServerMessage['type']>(message: object, answer: T): Promise<Of<T>> {
    await this.send(message);
    return this.next(answer);
  }

  /** Codes of an error that a message gives. */
  async refused(message: unknown): Promise<[string, number | undefined]> {
    await this.send(message);
    const { code, request } = await this.next('error');
    return [code, request];
  }
}

describe('signalling over WebSocket', () => {
  const streams = new StandInStreams('gate', 'yard');
  let sfu: Sfu;
  let server: Server;
  let signaling: SignalingServer;
  let url: string;
  const clients: Client[] = [];

  before(async () => {
    sfu = await startSfu();
  });
  after(() => sfu.close());

  beforeEach(() => start());
  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.terminate();
    signaling.close();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });

  async function start(options: Partial<ConstructorParameters<typeof SignalingServer>[0]> = {}): Promise<void> {
    server = createServer();
    signaling = new SignalingServer({ server, sfu, streams, iceServers: [], refuse: () => undefined, logger: pino({ level: 'silent' }), ...options });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function restart(options: Partial<ConstructorParameters<typeof SignalingServer>[0]>): Promise<void> {
    signaling.close();
    server.close();
    await start(options);
  }

  function connect(path = '/signaling'): Client {
    const client = new Client(url + path);
    clients.push(client);
    return client;
  }

  async function hello(resume?: string): Promise<{ client: Client; welcome: Of<'welcome'> }> {
    const client = connect();
    return { client, welcome: await client.ask({ type: 'hello', v: 1, ...(resume === undefined ? {} : { resume }) }, 'welcome') };
  }

  function watch(request: number, stream = 'gate'): object {
    return { type: 'watch', request, stream, variant: 'annotated', rtpCapabilities: sfu.rtpCapabilities };
  }

  it('welcomes a page with all that it needs to receive', async () => {
    const before = now();
    const { welcome } = await hello();
    assert.equal(welcome.v, 1);
    assert.equal(welcome.resumed, false);
    assert.deepEqual(welcome.watches, []);
    assert.ok(welcome.serverTime >= before && welcome.serverTime <= now());
    assert.ok(welcome.rtpCapabilities.codecs.some(({ mimeType }) => mimeType === 'video/H264'));
  });

  it('opens a transport with video and annotations, tells the stream’s state, and ends it again', async () => {
    const { client } = await hello();
    const watching = await client.ask(watch(1), 'watching');
    assert.equal(watching.request, 1);
    assert.deepEqual(watching.transport.iceCandidates.map(({ protocol }) => protocol), ['udp', 'tcp']);
    assert.equal(watching.consumer.rtpParameters.codecs[0]?.mimeType, 'video/H264');
    assert.deepEqual(watching.dataConsumer.sctpStreamParameters, { streamId: 0, ordered: false, maxRetransmits: 0 });
    assert.deepEqual(await client.next('state'), { type: 'state', stream: 'gate', state: 'live', audio: false });
    assert.equal(sfu.broadcast('gate').viewers, 1);
    const connect = { type: 'connect-transport', request: 2, watch: watching.watch, dtlsParameters: { role: 'client', fingerprints: [FINGERPRINT] } };
    assert.equal((await client.ask(connect, 'ok')).request, 2);
    assert.deepEqual(await client.refused({ ...connect, request: 3 }), ['transport-refused', 3]);
    for (const [request, type] of [[4, 'resume-consumer'], [5, 'pause-consumer']] as const) {
      assert.equal((await client.ask({ type, request, watch: watching.watch }, 'ok')).request, request);
    }
    assert.equal((await client.ask({ type: 'set-preferred-layers', request: 9, watch: watching.watch, spatialLayer: 1 }, 'ok')).request, 9);
    const restarted = await client.ask({ type: 'restart-ice', request: 6, watch: watching.watch }, 'ice-restarted');
    assert.notEqual(restarted.iceParameters.usernameFragment, watching.transport.iceParameters.usernameFragment);
    assert.equal((await client.ask({ type: 'unwatch', request: 7, watch: watching.watch }, 'ok')).request, 7);
    assert.equal(sfu.broadcast('gate').viewers, 0);
    assert.deepEqual(await client.refused({ type: 'unwatch', request: 8, watch: watching.watch }), ['watch-not-found', 8]);
    assert.ok(streams.touched.includes('gate'));
  });

  it('sends sound to who asks for it, while there is some', async () => {
    const { client } = await hello();
    const { watch: name } = await client.ask(watch(1), 'watching');
    assert.equal((await client.next('state')).audio, false);
    assert.deepEqual(await client.refused({ type: 'listen', request: 2, watch: name }), ['no-audio', 2]);
    streams.set('gate', { state: 'live', audio: true });
    assert.equal((await client.next('state')).audio, true);
    const { consumer } = await client.ask({ type: 'listen', request: 3, watch: name }, 'listening');
    assert.deepEqual([consumer.kind, consumer.rtpParameters.codecs[0]?.mimeType], ['audio', 'audio/opus']);
    assert.equal((await client.ask({ type: 'unlisten', request: 4, watch: name }, 'ok')).request, 4);
    assert.deepEqual(await client.refused({ type: 'listen', request: 5, watch: 'no such' }), ['watch-not-found', 5]);
    streams.set('gate', { state: 'live' });
  });

  it('tells the changes of watched streams and of no other', async () => {
    const { client } = await hello();
    await client.ask(watch(1, 'yard'), 'watching');
    await client.next('state');
    streams.set('gate', { state: 'stalled' });
    const problem = { code: 'connection-refused', message: 'The camera can’t be reached.' };
    streams.set('yard', { state: 'retrying', problem, retryAt: 1234.5, audio: false });
    assert.deepEqual(await client.next('state'), { type: 'state', stream: 'yard', state: 'retrying', problem, retryAt: 1234.5, audio: false });
    streams.set('gate', { state: 'live' });
    streams.set('yard', { state: 'live' });
  });

  it('keeps what a page watches while its socket is gone, and goes on with the next one', async () => {
    const first = await hello();
    const { watch: kept } = await first.client.ask(watch(1), 'watching');
    const { watch: lost } = await first.client.ask(watch(2, 'yard'), 'watching');
    first.client.socket.terminate();
    await first.client.closed;
    assert.equal(sfu.broadcast('gate').viewers, 1);
    sfu.broadcast('yard').close();
    streams.set('gate', { state: 'stalled' });
    const second = await hello(first.welcome.resumeToken);
    assert.equal(second.welcome.resumed, true);
    assert.equal(second.welcome.session, first.welcome.session);
    assert.notEqual(second.welcome.resumeToken, first.welcome.resumeToken);
    assert.deepEqual(second.welcome.watches, [kept]);
    assert.ok(!second.welcome.watches.includes(lost));
    assert.deepEqual(await second.client.next('state'), { type: 'state', stream: 'gate', state: 'stalled', audio: false });
    streams.set('gate', { state: 'live' });
    assert.equal((await second.client.ask({ type: 'resume-consumer', request: 1, watch: kept }, 'ok')).request, 1);
    const third = await hello(first.welcome.resumeToken);
    assert.equal(third.welcome.resumed, false, 'a token is good once');
  });

  it('hands a session over to the socket that resumes it while the old one still seems open', async () => {
    const first = await hello();
    const second = await hello(first.welcome.resumeToken);
    assert.equal(second.welcome.resumed, true);
    assert.equal(await first.client.closed, 4409);
    assert.equal((await second.client.ask({ type: 'ping', sent: 1.5 }, 'pong')).sent, 1.5);
    assert.equal(signaling.sessions, 1);
  });

  it('ends what nobody resumed in time', async () => {
    await restart({ resumeWithinMs: 1 });
    const { client, welcome } = await hello();
    await client.ask(watch(1), 'watching');
    const ended = once(sfu.broadcast('gate'), 'viewers');
    client.socket.terminate();
    assert.deepEqual(await ended, [0]);
    assert.equal((await hello(welcome.resumeToken)).welcome.resumed, false);
  });

  it('tells a page that its worker died, and serves it again', async () => {
    const { client } = await hello();
    const { watch: dead } = await client.ask(watch(1), 'watching');
    process.kill(sfu.workerPids[0]!, 'SIGKILL');
    assert.deepEqual(await client.next('reset'), { type: 'reset', watch: dead, reason: 'worker-died' });
    assert.equal((await client.ask(watch(2), 'watching')).request, 2);
  });

  it('tells a page that a stream was removed', async () => {
    streams.set('brief', { state: 'live' });
    const { client } = await hello();
    const { watch: dead } = await client.ask(watch(1, 'brief'), 'watching');
    streams.remove('brief');
    sfu.broadcast('brief').close();
    assert.deepEqual(await client.next('gone'), { type: 'gone', watch: dead, stream: 'brief' });
    assert.deepEqual(await client.refused(watch(2, 'brief')), ['stream-not-found', 2]);
  });

  it('gives its clock', async () => {
    const { client } = await hello();
    const sent = now();
    const { sent: back, serverTime } = await client.ask({ type: 'ping', sent }, 'pong');
    assert.equal(back, sent);
    assert.ok(serverTime >= sent && serverTime <= now());
  });

  it('refuses what it does not understand, says what is wrong, and hangs up on who goes on', async () => {
    const { client } = await hello();
    for (const message of ['not json', { type: 'dance' }]) assert.deepEqual(await client.refused(message), ['bad-message', undefined]);
    assert.deepEqual(await client.refused({ type: 'hello', v: 1 }), ['out-of-order', undefined]);
    for (const message of [{ ...watch(1), variant: 'blurred' }, { ...watch(1), extra: 1 }, { type: 'ping' }]) await client.refused(message);
    assert.equal(await client.closed, 4400);
  });

  it('refuses a first message that is none, and another version', async () => {
    const early = connect();
    assert.deepEqual(await early.refused({ type: 'ping', sent: 1 }), ['out-of-order', undefined]);
    assert.equal(await early.closed, 4400);
    const future = connect();
    assert.deepEqual(await future.refused({ type: 'hello', v: 2 }), ['unsupported-version', undefined]);
    assert.equal(await future.closed, 4400);
    const garbled = connect();
    assert.deepEqual(await garbled.refused('{'), ['bad-message', undefined]);
    assert.equal(await garbled.closed, 4400);
  });

  it('refuses a page that can’t decode H.264, and one that watches too much', async () => {
    const { client } = await hello();
    const codecs = sfu.rtpCapabilities.codecs!.filter(({ mimeType }) => !/h264/i.test(mimeType));
    assert.deepEqual(await client.refused({ ...watch(1), rtpCapabilities: { ...sfu.rtpCapabilities, codecs } }), ['no-common-codec', 1]);
    for (let request = 2; request < 67; request++) await client.send(watch(request));
    assert.equal((await client.next('error')).code, 'too-many-watches');
    for (let opened = 0; opened < 64; opened++) await client.next('watching');
    assert.equal(sfu.broadcast('gate').viewers, 64);
  });

  it('hangs up on a message that is too large', async () => {
    const { client } = await hello();
    await client.send('x'.repeat(300_000));
    assert.equal(await client.closed, 1009);
  });

  it('tells a page that may not connect so, in a way that it can read', async () => {
    await restart({ refuse: () => new Error('The token is wrong.') });
    const client = connect();
    const { code, message } = await client.next('error');
    assert.deepEqual([code, message], ['forbidden', 'The token is wrong.']);
    assert.equal(await client.closed, 4403);
    assert.equal(signaling.sessions, 0);
  });

  it('has nothing elsewhere', async () => {
    const client = connect('/elsewhere');
    const [error] = (await once(client.socket, 'error')) as [Error];
    assert.match(error.message, /404/);
  });

  it('hangs up on who does not answer its heartbeat', async () => {
    await restart({ heartbeatMs: 30 });
    const client = connect();
    client.socket.on('open', () => (client.socket as unknown as { _autoPong: boolean })._autoPong = false);
    await client.send({ type: 'hello', v: 1 });
    assert.ok([4408, 1006].includes(await client.closed));
  });

  it('keeps who answers its heartbeat, and leaves nothing behind when it ends', async () => {
    // Who is on time is told from who is not by far more than a busy machine keeps a message waiting.
    await restart({ heartbeatMs: 700 });
    const { client } = await hello();
    await client.ask(watch(1), 'watching');
    for (let beat = 0; beat < 4; beat++) await once(client.socket, 'ping');
    assert.equal(client.socket.readyState, WebSocket.OPEN);
    signaling.close();
    signaling.close();
    assert.equal(await client.closed, 4503);
    assert.deepEqual([signaling.sessions, sfu.broadcast('gate').viewers, streams.listeners], [0, 0, 0]);
  });
});
