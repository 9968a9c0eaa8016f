import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Time limit of pending answers when the server closes, ms. */
const GRACE_MS = 1000;

/** The server could not listen; the message says what to do. */
export class ListenError extends Error {
  readonly code = 'http-listen';
}

/** The one HTTP port. */
export class HttpServer {
  /** For handlers of upgrades (WebSocket), which are attached before it listens. */
  readonly server: Server;
  /** All connections, including upgraded ones, which the server itself no longer tracks. */
  readonly #sockets = new Set<Socket>();
  #closed: Promise<void> | undefined;

  constructor(handler: RequestListener) {
    this.server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000 }, handler);
    this.server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /**
   * @returns the address to show
   * @throws ListenError if the address is in use or not this machine's
   */
  async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      const fail = (cause: Error): void => reject(listenError(cause, host, port));
      this.server.once('error', fail);
      this.server.listen(port, host, () => {
        this.server.off('error', fail);
        resolve();
      });
    });
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  /** The bound port; 0 before. */
  get port(): number {
    return (this.server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** Accepts no new connections, waits briefly for pending answers, and closes all connections. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      const timer = setTimeout(() => this.#sockets.forEach((socket) => socket.destroy()), GRACE_MS);
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
