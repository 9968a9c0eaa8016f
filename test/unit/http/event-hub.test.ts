import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import express, { type Response } from 'express';
import { EventHub, type EventfulStreams } from '../../../src/http/event-hub.ts';
import { EventStream } from '../../../src/http/event-stream.ts';
import type { StreamView } from '../../../src/streams/view.ts';
import { freshStream } from '../../support/fresh-stream.ts';

/** Stands in for the registry: streams that only change their titles. */
class StandInRegistry extends EventEmitter implements EventfulStreams {
  readonly titles = new Map<string, string>();

  list(): StreamView[] {
    return [...this.titles.keys()].map((id) => this.get(id));
  }
  get(id: string): StreamView {
    return { ...freshStream(id, 0), title: this.titles.get(id) ?? id };
  }
  stream(id: string): object | undefined {
    return this.titles.has(id) ? {} : undefined;
  }
  change(id: string, title: string): void {
    this.titles.set(id, title);
    this.emit('changed', id);
  }
}

/** One client, from both ends of its connection. */
interface Connection {
  /** The server's end. */
  readonly response: Response;
  readonly stream: EventStream;
  /** The client's end. */
  readonly message: IncomingMessage;
  /** What the client has read. */
  readonly text: () => string;
  /** Resolves when the client has read something like this. */
  readonly reads: (wanted: RegExp) => Promise<void>;
}

const count = (text: string, part: string | RegExp): number => text.split(part).length - 1;

describe('the hub of events', () => {
  let server: Server;
  let registry: StandInRegistry;
  let hub: EventHub;
  let opened: EventEmitter<{ response: [Response, EventStream] }>;

  beforeEach(async () => {
    registry = new StandInRegistry();
    hub = new EventHub(registry);
    opened = new EventEmitter();
    const app = express();
    app.get('/', (_request, response) => {
      const stream = new EventStream(response);
      hub.add(stream);
      opened.emit('response', response, stream);
    });
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    mock.timers.reset();
    hub.close();
    server.close();
    server.closeAllConnections();
  });

  async function connect(): Promise<Connection> {
    const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false });
    const [[response, stream], [message]] = await Promise.all([
      once(opened, 'response') as Promise<[Response, EventStream]>,
      once(request, 'response') as Promise<[IncomingMessage]>,
    ]);
    let text = '';
    message.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    message.on('error', () => undefined);
    const reads = async (wanted: RegExp): Promise<void> => {
      while (!wanted.test(text)) await once(message, 'data');
    };
    return { response, stream, message, text: () => text, reads };
  }

  it('tells a burst of changes as two: the first at once, the last after an interval', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    registry.titles.set('a', 'first');
    const { text, reads } = await connect();
    for (let index = 0; index < 100; index++) registry.change('a', `title ${index}.`);
    registry.change('b', 'a mark');
    await reads(/a mark/);
    assert.deepEqual(text().match(/title \d+/g), ['title 0']);
    mock.timers.tick(250);
    await reads(/title 99/);
    mock.timers.tick(10_000);
    registry.change('c', 'another mark');
    await reads(/another mark/);
    assert.deepEqual(text().match(/title \d+/g), ['title 0', 'title 99']);
  });

  it('leaves out changes for a client that does not read, and tells it how things stand once it does', async () => {
    registry.titles.set('early', 'first');
    const { stream, response, message, text, reads } = await connect();
    await reads(/snapshot/);
    message.pause();
    const size = 64 << 10;
    let told = 0;
    // What the machine's own buffers hold is sent.
    while (stream.dropped < 20) registry.change(`s${told++}`, 'x'.repeat(size));
    assert(told < 1000, `${told} were told`);
    assert(response.writableLength < 3 * size, `${response.writableLength} bytes wait`);
    registry.change('early', 'how it stands');
    assert.equal(stream.dropped, 21);
    message.resume();
    await reads(/how it stands/);
    await reads(new RegExp(`"id":"s${told - 1}"`));
    for (let index = 0; index < told; index++) assert.equal(count(text(), `"id":"s${index}"`), 1, 'each is told once');
  });

  it('gives a client up that is hopelessly behind', async () => {
    const { stream, response, message } = await connect();
    message.pause();
    const closed = once(response, 'close');
    for (let index = 0; index < 100 && !response.destroyed; index++) stream.send('x'.repeat(1 << 20));
    await closed;
    assert.equal(response.destroyed, true);
  });

  it('keeps a quiet connection open with comments, and stops when it closes', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    const { response, message, text, reads } = await connect();
    mock.timers.tick(31_000);
    await reads(/(: alive\s+){2}/);
    assert.equal(count(text(), ': alive'), 2);
    const closed = once(response, 'close');
    message.destroy();
    await closed;
    const write = mock.method(response, 'write');
    mock.timers.tick(60_000);
    assert.equal(write.mock.callCount(), 0);
  });
});
