import { isFreeUdp } from './free-port.ts';

/** Above the ports that Linux and mediasoup give to those who name none. */
const FIRST = 61_000;
const LAST = 65_534;

/** A UDP port that nobody has now, nor gets by chance before it is used; even, with the one after it for RTCP. */
export async function freeUdpPort(): Promise<number> {
  for (;;) {
    const port = FIRST + 2 * Math.floor((Math.random() * (LAST - FIRST)) / 2);
    if (await isFreeUdp(port)) return port;
  }
}
