/**
 * Entry of the process of external detectors: gives frames to algorithms of others, which come to it by WebSocket or are asked by HTTP,
 * so that what they send is read away from everything else. Its argument is an `ExternalOptions`, what it tells its parent an
 * `ExternalEvent`; stream processes talk to it over its unix socket (`frame-protocol.ts`).
 */
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { pino } from 'pino';
import { WebSocketServer } from 'ws';
import { watchParent } from '../../parent-watch.ts';
import { ExternalCommand, ExternalOptions, type ExternalEvent } from './external-events.ts';
import { listenForFrames } from './link-connection.ts';
import { Pools } from './pools.ts';
import { LIMITS, SUBPROTOCOL } from './wire.ts';

const STATS_INTERVAL_MS = 1000;
const HEARTBEAT_MS = 15_000;
/** Milliseconds that workers are given to hear why they are sent away. */
const FAREWELL_MS = 200;

watchParent();
const logger = pino({ level: process.env['FRAMELOCK_LOG_LEVEL'] ?? 'info', base: null });
const options = ExternalOptions.parse(JSON.parse(process.argv[2] ?? '{}'));
const pools = new Pools(logger);
const sockets = new WebSocketServer({ noServer: true, maxPayload: LIMITS.messageBytes, perMessageDeflate: false, handleProtocols: () => SUBPROTOCOL });
const server = await listenForFrames(options.socket, pools, logger);
const stats = setInterval(() => send({ type: 'stats', detectors: pools.stats() }), STATS_INTERVAL_MS);
const heartbeat = setInterval(() => pools.beat(), HEARTBEAT_MS);

/** Connections that came, and are not answered yet. */
const arrived = new Map<number, () => void>();

process.on('message', (message, handle) => {
  const command = ExternalCommand.safeParse(message);
  if (!command.success) return void (handle instanceof Socket && handle.destroy());
  switch (command.data.type) {
    case 'worker':
      if (handle instanceof Socket) arrive(command.data, handle);
      return;
    case 'answer':
      arrived.get(command.data.id)?.();
      return void arrived.delete(command.data.id);
    case 'detectors':
      return pools.retain(command.data.names);
    case 'stop':
      return void close();
  }
});
process.once('SIGTERM', () => void close());
// Ctrl-C reaches the whole group of processes; the parent decides what it means.
process.on('SIGINT', () => undefined);
send({ type: 'ready' });

function arrive({ id, detector, url, headers, head }: Extract<ExternalCommand, { type: 'worker' }>, socket: Socket): void {
  const request = Object.assign(new IncomingMessage(socket), { method: 'GET', url, headers });
  socket.on('error', (error) => logger.debug({ err: error, detector }, 'a worker’s connection broke'));
  socket.setNoDelay(true);
  arrived.set(id, () => sockets.handleUpgrade(request, socket, Buffer.from(head), (webSocket) => pools.connect(detector, webSocket)));
  send({ type: 'arrived', id });
}

async function close(): Promise<void> {
  clearInterval(stats);
  clearInterval(heartbeat);
  pools.close();
  await server.close();
  setTimeout(() => process.exit(0), FAREWELL_MS);
}

/** A parent that is gone is noticed by the watch; until then nothing may be thrown here. */
function send(event: ExternalEvent): void {
  if (process.connected) process.send?.(event, undefined, undefined, () => undefined);
}
