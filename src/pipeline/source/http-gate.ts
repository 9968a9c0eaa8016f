import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { ReachGuard } from './reach.ts';

/** What a path of {@link ownPlaylist} holds; undefined where nothing is there. */
export type OwnPlaylists = (path: string) => Promise<string | undefined>;

export interface HttpGateOptions {
  /** An answer that was asked for already, and is given to the first request: some senders have but one client in their life. */
  readonly begun?: IncomingMessage | undefined;
  readonly own?: OwnPlaylists | undefined;
}

/** The host of playlists that are made here; no name of the network ends like this (RFC 6761 §6.4). */
const OWN_HOST = 'playlists.invalid';
/** Where such a playlist is. */
export const ownPlaylist = (path: string): string => `http://${OWN_HOST}${path}`;

/**
 * The way by which libav reads HTTP: a proxy on the loopback interface that resolves each host itself and connects only to where the guard
 * allows. So redirects, segments and keys are held to the same rule, whatever libav makes of a playlist.
 */
export class HttpGate {
  readonly #guard: ReachGuard;
  readonly #server = createServer((incoming, answer) => void this.#forward(incoming, answer));
  readonly #sockets = new Set<Socket>();
  readonly #own: OwnPlaylists;
  #begun: IncomingMessage | undefined;

  private constructor(guard: ReachGuard, { begun, own = () => Promise.resolve(undefined) }: HttpGateOptions) {
    this.#guard = guard;
    this.#begun = begun;
    this.#own = own;
    this.#server.on('connection', (socket) => this.#hold(socket));
    this.#server.on('connect', (incoming, socket, head) => void this.#tunnel(incoming, socket as Socket, head));
  }

  static async open(guard: ReachGuard, options: HttpGateOptions = {}): Promise<HttpGate> {
    const gate = new HttpGate(guard, options);
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  /** As libav's option `http_proxy`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#begun?.destroy();
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #forward(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url!) : undefined;
    if (url?.protocol !== 'http:') return void answer.writeHead(400).end();
    if (url.hostname === OWN_HOST) return this.#give(url.pathname, answer);
    const begun = this.#begun;
    this.#begun = undefined;
    if (begun !== undefined) return relay(begun, answer);
    const to = await this.#guard.resolve(url.hostname).catch(() => undefined);
    if (to === undefined) return void answer.writeHead(403).end();
    const { 'proxy-connection': _hop, ...headers } = incoming.headers;
    const onward = request(url, {
      agent: false,
      method: incoming.method ?? 'GET',
      headers,
      lookup: (_host, { all }, done) => (all === true ? done(null, [to]) : done(null, to.address, to.family)),
    });
    onward.once('socket', (socket) => this.#hold(socket));
    onward.once('response', (response) => relay(response, answer));
    onward.once('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
    answer.once('close', () => onward.destroy());
    onward.end();
  }

  async #give(path: string, answer: ServerResponse): Promise<void> {
    const text = await this.#own(path).catch(() => undefined);
    if (text === undefined) return void answer.writeHead(404).end();
    answer.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl', 'content-length': Buffer.byteLength(text) }).end(text);
  }

  async #tunnel(incoming: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const url = URL.canParse(`https://${incoming.url ?? ''}`) ? new URL(`https://${incoming.url}`) : undefined;
    socket.on('error', () => socket.destroy());
    const to = url === undefined ? undefined : await this.#guard.resolve(url.hostname).catch(() => undefined);
    if (url === undefined || to === undefined) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const onward = connect({ host: to.address, port: Number(url.port || 443) });
    this.#hold(onward);
    onward.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      pipeline(socket, onward, socket, () => onward.destroy());
    });
    onward.once('error', () => socket.destroy());
    socket.once('close', () => onward.destroy());
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

function relay(from: IncomingMessage, to: ServerResponse): void {
  to.writeHead(from.statusCode ?? 502, from.headers);
  to.flushHeaders();
  pipeline(from, to, () => from.destroy());
}
