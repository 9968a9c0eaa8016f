import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FlvFeed } from './flv-feed.ts';

const LOOPBACK = '127.0.0.1';
/** Milliseconds that readers get to disconnect after their feed is withdrawn. */
const LEAVE_MS = 2000;
/** Most connections: one per stream process, and closing ones. */
const MAX_CONNECTIONS = 4096;

interface Offered {
  readonly feed: FlvFeed;
  readonly readers: Set<ServerResponse>;
}

/** Serves pushed media to stream processes: HTTP on loopback, each feed at an unguessable path. */
export class FlvOutlet {
  readonly #server: Server;
  readonly #offered = new Map<string, Offered>();

  private constructor() {
    this.#server = createServer((request, response) => this.#serve(request, response));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** @throws Error if no port can be bound */
  static async open(): Promise<FlvOutlet> {
    const outlet = new FlvOutlet();
    outlet.#server.listen(0, LOOPBACK);
    await once(outlet.#server, 'listening');
    return outlet;
  }

  /** @returns the URL of the feed, and a function that withdraws it */
  offer(feed: FlvFeed): { readonly url: string; readonly withdraw: () => void } {
    const path = `/${randomBytes(24).toString('hex')}`;
    const offered: Offered = { feed, readers: new Set() };
    this.#offered.set(path, offered);
    const withdraw = (): void => {
      if (!this.#offered.delete(path)) return;
      // Stream processes are told separately why it ends; give them time to disconnect first.
      setTimeout(() => {
        for (const reader of offered.readers) reader.destroy();
      }, LEAVE_MS).unref();
    };
    return { url: `http://${LOOPBACK}:${(this.#server.address() as AddressInfo).port}${path}`, withdraw };
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #serve({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
    const offered = method === 'GET' ? this.#offered.get(url) : undefined;
    if (offered === undefined) {
      response.writeHead(404, { Connection: 'close' }).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': 'video/x-flv', Connection: 'close' });
    response.flushHeaders();
    // A reader may disconnect during a write; `close` handles that.
    response.on('error', () => undefined);
    offered.readers.add(response);
    response.once('close', () => offered.readers.delete(response));
    offered.feed.attach(response);
  }
}
