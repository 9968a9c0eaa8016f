import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { isLoopback } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { Guard } from '../../http/guard.ts';
import { WorkerUpgrades } from '../../http/worker-upgrades.ts';
import type { Pools } from '../../pipeline/detect/external/pools.ts';
import { LIMITS, SUBPROTOCOL } from '../../pipeline/detect/external/wire.ts';
import { DetectRunError } from './detect-run-error.ts';

/** Address for workers to connect to. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Accepts workers of detectors at `/detectors/NAME`, with the same rules and answers as a server. */
export class WorkerListener {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /**
   * @param names detectors that workers may connect for
   * @throws DetectRunError if it can't listen on the address
   */
  static async open({ host, port }: ListenAddress, names: readonly string[], pools: Pools, { http, auth, detectors }: Pick<Config, 'http' | 'auth' | 'detectors'>): Promise<WorkerListener> {
    if (auth.token === undefined && !isLoopback(host)) throw new DetectRunError(`Workers can connect to ${host} only with a token: set auth.token or FRAMELOCK_TOKEN, or listen on 127.0.0.1.`);
    const sockets = new WebSocketServer({ noServer: true, maxPayload: LIMITS.messageBytes, perMessageDeflate: false, handleProtocols: () => SUBPROTOCOL });
    const upgrades = new WorkerUpgrades({
      guard: new Guard({ http: { ...http, host }, auth }),
      registry: { workerDetectors: () => [...names] },
      catalog: { workerToken: (name) => detectors[name]?.token },
      external: {
        state: 'ready',
        start: () => undefined,
        handOver: (name, request, socket, head) => sockets.handleUpgrade(request, socket, head, (webSocket) => pools.connect(name, webSocket)),
      },
    });
    const server = createServer((_request, response) => void response.writeHead(426, { Upgrade: 'websocket' }).end());
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      if (!upgrades.take(request, socket, head)) socket.destroy();
    });
    try {
      await once(server.listen(port, host), 'listening');
    } catch (cause) {
      throw new DetectRunError(`Can’t listen on ${host}:${port}: ${(cause as Error).message}.`, { cause });
    }
    return new WorkerListener(server);
  }

  /** The address for workers of a detector. */
  addressOf(detector: string): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    return `ws://${family === 'IPv6' ? `[${address}]` : address}:${port}/detectors/${detector}`;
  }

  close(): void {
    this.#server.close();
  }
}
