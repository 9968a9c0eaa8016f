import { lookup as resolveHost } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { SourceError } from './source.ts';

/** From where an address can be reached, from the nearest to the farthest. */
const NEAR_TO_FAR = ['loopback', 'link-local', 'private', 'public'] as const;
export type Reach = (typeof NEAR_TO_FAR)[number];

const SUBNETS: readonly [Reach, string, number, 'ipv4' | 'ipv6'][] = [
  ['loopback', '127.0.0.0', 8, 'ipv4'],
  ['loopback', '0.0.0.0', 8, 'ipv4'],
  ['loopback', '::1', 128, 'ipv6'],
  ['loopback', '::', 128, 'ipv6'],
  ['link-local', '169.254.0.0', 16, 'ipv4'],
  ['link-local', 'fe80::', 10, 'ipv6'],
  ['private', '10.0.0.0', 8, 'ipv4'],
  ['private', '172.16.0.0', 12, 'ipv4'],
  ['private', '192.168.0.0', 16, 'ipv4'],
  ['private', '100.64.0.0', 10, 'ipv4'],
  ['private', 'fc00::', 7, 'ipv6'],
];

const BLOCKS = NEAR_TO_FAR.slice(0, -1).map((reach) => {
  const block = new BlockList();
  for (const [of, net, prefix, family] of SUBNETS) if (of === reach) block.addSubnet(net, prefix, family);
  return [reach, block] as const;
});

/** @param ip without brackets; IPv4 inside of IPv6 counts as the IPv4 address it is */
export function reachOf(ip: string): Reach {
  const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
  return BLOCKS.find(([, block]) => block.check(ip, family))?.[0] ?? 'public';
}

/**
 * Where an address may lead to: what a person typed may be anywhere, but what it leads to (redirects, parts of a playlist) is never nearer than
 * the address itself, so that no server on the network can make this one read from itself or its neighbours (CWE-918).
 */
export class ReachGuard {
  readonly #host: string;
  #nearest: Promise<number> | undefined;

  /** @param host of the address that a person typed */
  constructor(host: string) {
    this.#host = bare(host);
  }

  /**
   * The IP address to connect to: resolved here once, so that a name can't change its meaning between the check and the connection.
   * @throws SourceError `source-address` where it must not be followed to, `source-not-found` where the name is unknown
   */
  async resolve(host: string): Promise<{ address: string; family: number }> {
    const found = await addresses(bare(host));
    const nearest = await (this.#nearest ??= addresses(this.#host).then((all) => Math.min(...all.map(({ address }) => rank(address)))));
    const allowed = found.find(({ address }) => rank(address) >= nearest);
    if (allowed !== undefined) return allowed;
    throw new SourceError('source-address', `It leads to ${bare(host)}, which is ${reachOf(found[0]!.address)}: an address may lead only to hosts that are no nearer than itself.`);
  }
}

function rank(ip: string): number {
  return NEAR_TO_FAR.indexOf(reachOf(ip));
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

async function addresses(host: string): Promise<{ address: string; family: number }[]> {
  const literal = isIP(host);
  if (literal !== 0) return [{ address: host, family: literal }];
  const found = await resolveHost(host, { all: true }).catch((cause: unknown) => {
    throw new SourceError('source-not-found', `No host has the name ${host}.`, { cause });
  });
  return found;
}
