import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import type { TransportListenInfo } from 'mediasoup/types';
import type { WebRtcOptions } from './options.ts';

/** Requested socket buffer, in bytes: an IDR frame to many viewers is a burst. The kernel's limit may be lower. */
const SOCKET_BUFFER = 4_194_304;

/**
 * The sockets of one worker: UDP and TCP on every address.
 *
 * An ICE candidate needs an address that a viewer can send to, so a wildcard without an announced address becomes the addresses of
 * the machine, loopback last.
 *
 * @param offset added to the port: the worker's index
 */
export function listenInfos(
  { port, listenIps, announcedAddress }: WebRtcOptions,
  offset: number,
  interfaces = networkInterfaces(),
): TransportListenInfo[] {
  const ips = announcedAddress === undefined ? listenIps.flatMap((ip) => expand(ip, interfaces)) : listenIps;
  return [...new Set(ips)].flatMap((ip) =>
    (['udp', 'tcp'] as const).map((protocol) => ({
      protocol,
      ip,
      ...(announcedAddress === undefined ? {} : { announcedAddress }),
      ...(port === 0 ? {} : { port: port + offset }),
      ...(protocol === 'udp' ? { sendBufferSize: SOCKET_BUFFER, recvBufferSize: SOCKET_BUFFER } : {}),
    })),
  );
}

function expand(ip: string, interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string[] {
  const family = { '0.0.0.0': 'IPv4', '::': 'IPv6' }[ip];
  if (family === undefined) return [ip];
  return (
    Object.values(interfaces)
      .flatMap((addresses) => addresses ?? [])
      // A link-local address is useless without its zone, which a candidate can't carry.
      .filter((address) => address.family === family && !address.address.startsWith('fe80:'))
      .sort((a, b) => Number(a.internal) - Number(b.internal))
      .map((address) => address.address)
  );
}
