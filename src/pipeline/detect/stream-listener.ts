import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';

/** Longest path of a unix socket, in bytes (`sun_path` of Linux, less its end). */
const MAX_SOCKET_PATH = 107;

/** One side of a conversation with a stream process. */
export interface StreamConnection {
  /** Idempotent. */
  close(): void;
}

/** Listens for stream processes on a unix socket. */
export class StreamListener {
  readonly #server: Server;
  readonly #connections = new Set<StreamConnection>();

  private constructor(accept: (socket: Socket) => StreamConnection) {
    this.#server = createServer((socket) => {
      const connection = accept(socket);
      this.#connections.add(connection);
      socket.once('close', () => this.#connections.delete(connection));
    });
  }

  /**
   * A socket that a dead process left behind is replaced. Only this user may connect.
   * @throws Error where the path can't be listened on
   */
  static async listen(path: string, accept: (socket: Socket) => StreamConnection): Promise<StreamListener> {
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
      throw new Error(`The path of the detector's socket is longer than ${MAX_SOCKET_PATH} bytes; choose a shorter data folder: ${path}`);
    }
    await rm(path, { force: true });
    const listener = new StreamListener(accept);
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', reject);
      listener.#server.listen(path, resolve);
    });
    await chmod(path, 0o600);
    return listener;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
