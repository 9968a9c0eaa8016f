import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux gives to those who name none: no connection of anybody gets one of these by chance, also while its owner is away. */
const FIRST = 20_000;
const LAST = 32_000;

/** A port that nobody has now, neither of TCP nor of UDP. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if ((await isFreeTcp(port)) && (await isFreeUdp(port))) return port;
  }
}

async function isFreeTcp(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const free = await once(server, 'listening').then(() => true, () => false);
  if (!free) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/** Whether nobody has it on loopback. */
export async function isFreeUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4').bind(port, '127.0.0.1');
  const free = await once(socket, 'listening').then(() => true, () => false);
  socket.close();
  return free;
}
