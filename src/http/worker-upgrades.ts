import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Socket } from 'node:net';
import { SUBPROTOCOL } from '../pipeline/detect/external/wire.ts';
import type { DetectorCatalog } from '../detectors/detector-catalog.ts';
import type { ExternalHost } from '../detectors/external-host.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import type { Guard } from './guard.ts';
import { PROBLEM_TYPE, ProblemError } from './problem.ts';

/** Path for workers of external detectors. */
const PATH = /^\/detectors\/([^/]+)$/;

/** What {@link WorkerUpgrades} is made from. */
export interface WorkerUpgradesInit {
  readonly guard: Pick<Guard, 'check'>;
  readonly registry: Pick<StreamRegistry, 'workerDetectors'>;
  readonly catalog: Pick<DetectorCatalog, 'workerToken'>;
  readonly external: Pick<ExternalHost, 'state' | 'start' | 'handOver'>;
}

/** Handles the upgrades of workers: checks access, and hands the connection over to the process of external detectors. */
export class WorkerUpgrades {
  readonly #init: WorkerUpgradesInit;

  constructor(init: WorkerUpgradesInit) {
    this.#init = init;
  }

  /** @returns false if the path is not for workers */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const [, encoded] = PATH.exec((request.url ?? '').split('?')[0] ?? '') ?? [];
    if (encoded === undefined || !(socket instanceof Socket)) return false;
    const name = decoded(encoded);
    const refusal = this.#refuse(request, name);
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return true;
    }
    this.#init.external.handOver(name, request, socket, head);
    return true;
  }

  #refuse(request: IncomingMessage, name: string): ProblemError | undefined {
    const { guard, registry, catalog, external } = this.#init;
    const forbidden = guard.check(request, catalog.workerToken(name));
    if (forbidden !== undefined) return forbidden;
    if (!registry.workerDetectors().includes(name)) {
      return new ProblemError({ status: 404, detail: `There is no detector “${name}” with the endpoint “worker”.`, code: 'detector-not-found' });
    }
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((one) => one.trim()) ?? [];
    if (!offered.includes(SUBPROTOCOL)) {
      const message = `Must offer ${SUBPROTOCOL}.`;
      return new ProblemError({ status: 400, detail: `Sec-WebSocket-Protocol: ${message}`, code: 'subprotocol', errors: [{ path: 'Sec-WebSocket-Protocol', message }] });
    }
    external.start();
    if (external.state === 'ready') return undefined;
    return new ProblemError({ status: 503, detail: 'The process of external detectors is being started; try again.', code: 'not-ready', headers: { 'Retry-After': '1' } });
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Answers an upgrade with a problem. */
function refuse(socket: Socket, problem: ProblemError): void {
  const body = JSON.stringify(problem);
  const fields = { ...problem.headers, 'Content-Type': PROBLEM_TYPE, 'Content-Length': String(Buffer.byteLength(body)), 'Cache-Control': 'no-store', Connection: 'close' };
  const head = [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`, ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`)];
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
