import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { join, normalize } from 'node:path';
import type { TlsFiles } from './certificate.ts';

/** What answers a path. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

const TYPES: Record<string, string> = { m3u8: 'application/vnd.apple.mpegurl', mpd: 'application/dash+xml', ts: 'video/mp2t', mp4: 'video/mp4', m4s: 'video/mp4' };

export interface WebServerOptions {
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** HTTPS, with this certificate. */
  readonly tls?: TlsFiles;
}

/** A web server of the test, which notes what it was asked for. */
export class WebServer implements AsyncDisposable {
  readonly asked: string[] = [];
  readonly port: number;
  readonly #close: () => Promise<void>;

  private constructor(port: number, close: () => Promise<void>) {
    this.port = port;
    this.#close = close;
  }

  /** @param answer to every request */
  static async open(answer: Answer, { host = '127.0.0.1', port = 0, tls }: WebServerOptions = {}): Promise<WebServer> {
    const sockets = new Set<Socket>();
    const server = tls === undefined ? createServer() : createSecureServer({ cert: readFileSync(tls.certificate), key: readFileSync(tls.key) });
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.listen(port, host);
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('A TCP server has a port');
    const self = new WebServer(address.port, async () => {
      if (!server.listening) return;
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      self.asked.push(request.url ?? '');
      void Promise.resolve(answer(request, response)).catch(() => response.destroy());
    });
    return self;
  }

  kill(): Promise<void> {
    return this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

/** Files of a folder, with ranges. */
export function files(folder: string): Answer {
  return async (request, response) => {
    const name = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found?.isFile() !== true) return void response.writeHead(404).end();
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const start = Number(from ?? 0);
    const end = to === undefined || to === '' ? found.size - 1 : Math.min(Number(to), found.size - 1);
    response.writeHead(from === undefined ? 200 : 206, {
      'content-type': TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
      'content-length': end - start + 1,
      'accept-ranges': 'bytes',
      ...(from === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${found.size}` }),
    });
    createReadStream(join(folder, name), { start, end }).pipe(response);
  };
}
