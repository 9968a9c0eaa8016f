import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** Above the ports that Linux and mediasoup give to those who name none. */
const FIRST = 61_000;
const LAST = 65_534;

/** A UDP port that nobody has now, nor gets by chance before it is used; even, with the one after it for RTCP. */
export async function freeUdpPort(): Promise<number> {
  for (;;) {
    const port = FIRST + 2 * Math.floor((Math.random() * (LAST - FIRST)) / 2);
    const socket = createSocket('udp4');
    const bound = await Promise.race([once(socket.bind(port, '127.0.0.1'), 'listening').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false);
    socket.close();
    if (bound) return port;
  }
}
