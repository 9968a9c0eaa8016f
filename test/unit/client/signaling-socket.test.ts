import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { RequestRefused, SignalingSocket } from '../../../client/src/live/signaling-socket.ts';
import { ClientMessage, PROTOCOL_VERSION, type ServerMessage } from '../../../src/signaling/protocol.ts';

/** Stands in for the browser's WebSocket: does what a test says. */
class FakeWebSocket {
  static readonly OPEN = 1;
  static all: FakeWebSocket[] = [];
  readonly sent: ClientMessage[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    FakeWebSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(ClientMessage.parse(JSON.parse(text)));
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  hear(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  end(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

const WELCOME = { type: 'welcome', resumed: false, watches: [], resumeToken: 'first', heartbeatMs: 10_000 };
const PLACES = ['WebSocket', 'document', 'addEventListener', 'removeEventListener'] as const;

describe('the signalling connection', () => {
  const before = PLACES.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
  let page: EventTarget & { visibilityState?: string };
  let heard: string[];
  let socket: SignalingSocket;

  beforeEach(() => {
    page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
    const values = [FakeWebSocket, page, page.addEventListener.bind(page), page.removeEventListener.bind(page)];
    for (const [index, name] of PLACES.entries()) Object.defineProperty(globalThis, name, { value: values[index], configurable: true, writable: true });
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    FakeWebSocket.all = [];
    heard = [];
    socket = new SignalingSocket('ws://server/signaling', {
      welcome: () => heard.push('welcome'),
      message: ({ type }: ServerMessage) => heard.push(type),
      lost: (final) => heard.push(final ? 'lost for good' : 'lost'),
      hurry: () => heard.push('hurry'),
    });
  });

  afterEach(() => {
    socket.close();
    mock.timers.reset();
    for (const [index, name] of PLACES.entries()) {
      if (before[index] === undefined) delete (globalThis as Record<string, unknown>)[name];
      else Object.defineProperty(globalThis, name, before[index]);
    }
  });

  function newest(): FakeWebSocket {
    return FakeWebSocket.all.at(-1)!;
  }

  function welcome(resumeToken = 'first'): void {
    newest().open();
    newest().hear({ ...WELCOME, resumeToken });
  }

  test('says the version of the protocol, and resumes with the newest token', () => {
    welcome('first');
    assert.deepEqual(newest().sent[0], { type: 'hello', v: PROTOCOL_VERSION });
    newest().end(1006);
    mock.timers.tick(5000);
    welcome('second');
    assert.deepEqual(newest().sent[0], { type: 'hello', v: PROTOCOL_VERSION, resume: 'first' });
    newest().end(4408);
    mock.timers.tick(5000);
    newest().open();
    assert.deepEqual(newest().sent[0], { type: 'hello', v: PROTOCOL_VERSION, resume: 'second' });
    assert.deepEqual(heard, ['welcome', 'lost', 'welcome', 'lost']);
  });

  test('comes back however often the server is not there', () => {
    for (let i = 1; i <= 20; i++) {
      newest().end(1006);
      mock.timers.tick(5000);
      assert.equal(FakeWebSocket.all.length, i + 1);
    }
  });

  test('does not come back where the server says that it makes no sense', () => {
    welcome();
    newest().end(4403);
    mock.timers.tick(60_000);
    assert.equal(FakeWebSocket.all.length, 1);
    assert.deepEqual(heard, ['welcome', 'lost for good']);
  });

  test('gives up a socket that is swallowed by the network before it is welcomed', () => {
    mock.timers.tick(6000);
    assert.deepEqual(heard, ['lost']);
    mock.timers.tick(1000);
    assert.equal(FakeWebSocket.all.length, 2);
  });

  test('gives up a server that does not answer a heartbeat', () => {
    welcome();
    mock.timers.tick(10_000);
    assert.equal(newest().sent.at(-1)?.type, 'ping');
    mock.timers.tick(4000);
    newest().hear({ type: 'pong', sent: 0, serverTime: 0 });
    mock.timers.tick(6000);
    assert.deepEqual(heard, ['welcome']);
    mock.timers.tick(10_000);
    assert.deepEqual(heard, ['welcome', 'lost']);
  });

  test('asks for a proof at once when the page comes back, and tries at once where there is no connection', () => {
    welcome();
    page.dispatchEvent(new Event('online'));
    mock.timers.tick(3000);
    assert.deepEqual(heard, ['welcome', 'hurry', 'lost']);
    const sockets = FakeWebSocket.all.length;
    page.dispatchEvent(new Event('visibilitychange'));
    assert.equal(FakeWebSocket.all.length, sockets + 1);
    mock.timers.tick(5000);
    assert.equal(FakeWebSocket.all.length, sockets + 1, 'the attempt that was planned is not made as well');
  });

  test('does not hurry for a page that nobody sees', () => {
    welcome();
    page.visibilityState = 'hidden';
    page.dispatchEvent(new Event('visibilitychange'));
    assert.deepEqual(heard, ['welcome']);
  });

  test('gives answers to those who asked, in whatever order they come', async () => {
    welcome();
    const one = socket.ask({ type: 'pause-consumer', watch: 'w' });
    const two = socket.ask({ type: 'unwatch', watch: 'nothing' });
    newest().hear({ type: 'error', request: 2, code: 'watch-not-found', message: 'No.' });
    newest().hear({ type: 'ok', request: 1 });
    await assert.rejects(two, (error) => error instanceof RequestRefused && error.code === 'watch-not-found');
    assert.equal((await one).type, 'ok');
    assert.deepEqual(heard, ['welcome']);
  });

  test('fails what waits for an answer when the connection breaks', async () => {
    welcome();
    const asked = socket.ask({ type: 'unwatch', watch: 'w' });
    newest().end(1006);
    await assert.rejects(asked, /lost/);
    await assert.rejects(socket.ask({ type: 'unwatch', watch: 'w' }), /no connection/);
  });

  test('does nothing any more once it is closed', () => {
    welcome();
    socket.close();
    socket.close();
    page.dispatchEvent(new Event('online'));
    mock.timers.tick(60_000);
    assert.equal(FakeWebSocket.all.length, 1);
    assert.deepEqual(heard, ['welcome']);
  });
});
