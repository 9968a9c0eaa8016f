import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A TCP connection's way through this process, whose rate can be throttled while it is used. */
export class Relay implements AsyncDisposable {
  /** Bytes a second that pass in each direction of each connection. */
  rate = Infinity;
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** @param to port on this machine that it leads to */
  static async open(to: number): Promise<Relay> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const relay = new Relay(server);
    server.on('connection', (socket) => relay.#lead(socket, connect(to, '127.0.0.1')));
    return relay;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #lead(near: Socket, far: Socket): void {
    for (const [from, to] of [[near, far], [far, near]] as const) {
      this.#sockets.add(from);
      from.on('error', () => undefined).once('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(this.#throttle()).pipe(to);
    }
  }

  #throttle(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        if (this.rate === Infinity) done(null, chunk);
        else setTimeout(() => done(null, chunk), (chunk.length / this.rate) * 1000);
      },
    });
  }
}
