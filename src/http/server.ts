import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestListener } from 'node:http';

/** How long answers under way may take when the server closes, ms. */
const GRACE_MS = 1000;

/** The server could not begin to listen; its message says what to do. */
export class ListenError extends Error {
  readonly code = 'http-listen';
}

/** The one HTTP port. */
export class HttpServer {
  /** For upgrades (WebSocket). */
  readonly server: Server;
  /** Port that was bound. */
  readonly port: number;
  /** Address for people. */
  readonly url: string;
  #closed: Promise<void> | undefined;

  private constructor(server: Server, host: string) {
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  /** @throws ListenError where the address is taken or not this machine's */
  static async listen(handler: RequestListener, { host, port }: { host: string; port: number }): Promise<HttpServer> {
    const server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000 }, handler);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => reject(listenError(cause, host, port)));
      server.listen(port, host, resolve);
    });
    return new HttpServer(server, host);
  }

  /** Takes no new connection, gives answers under way a moment, and ends all connections. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      const timer = setTimeout(() => this.server.closeAllConnections(), GRACE_MS);
      this.server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      this.server.closeIdleConnections();
    });
    return this.#closed;
  }
}

function listenError(cause: Error, host: string, port: number): ListenError {
  const { code } = cause as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} of ${host} is taken. Set http.port (FRAMELOCK_HTTP_PORT) to a free one, or end the program that has it.`,
    EADDRNOTAVAIL: `${host} is no address of this machine. Set http.host (FRAMELOCK_HTTP_HOST).`,
    EACCES: `Port ${port} may not be used by this user. Set http.port (FRAMELOCK_HTTP_PORT) to one above 1023.`,
    ENOTFOUND: `The name ${host} is not known. Set http.host (FRAMELOCK_HTTP_HOST) to an address of this machine.`,
  };
  return new ListenError(reasons[code ?? ''] ?? `The server can’t listen on ${host}, port ${port}.`, { cause });
}
