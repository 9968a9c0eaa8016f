import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { describe, it } from 'node:test';
import { listenInfos } from '../../../src/sfu/listen-infos.ts';

const INTERFACES = {
  lo: [address('127.0.0.1', 'IPv4', true), address('::1', 'IPv6', true)],
  eth0: [address('192.0.2.7', 'IPv4'), address('fe80::1', 'IPv6'), address('2001:db8::7', 'IPv6')],
};

function address(ip: string, family: 'IPv4' | 'IPv6', internal = false): NetworkInterfaceInfo {
  return { address: ip, family, internal, netmask: '', mac: '', cidr: null, ...(family === 'IPv6' ? { scopeid: 0 } : {}) } as NetworkInterfaceInfo;
}

describe('the sockets of a worker', () => {
  it('are UDP and TCP on one port, the next one for the next worker', () => {
    const infos = listenInfos({ port: 8189, listenIps: ['127.0.0.1'] }, 2, INTERFACES);
    assert.deepEqual(
      infos.map(({ protocol, ip, port }) => [protocol, ip, port]),
      [
        ['udp', '127.0.0.1', 8191],
        ['tcp', '127.0.0.1', 8191],
      ],
    );
  });

  it('leave the choice of ports to the worker for port 0', () => {
    assert.ok(listenInfos({ port: 0, listenIps: ['127.0.0.1'] }, 1, INTERFACES).every(({ port }) => port === undefined));
  });

  it('are on every address that viewers can use where a wildcard is given, those of the machine itself last', () => {
    const ips = (ip: string): string[] => listenInfos({ port: 1, listenIps: [ip] }, 0, INTERFACES).filter(({ protocol }) => protocol === 'udp').map((info) => info.ip);
    assert.deepEqual(ips('0.0.0.0'), ['192.0.2.7', '127.0.0.1']);
    assert.deepEqual(ips('::'), ['2001:db8::7', '::1']);
  });

  it('stay on the wildcard where viewers are told another address', () => {
    const infos = listenInfos({ port: 1, listenIps: ['0.0.0.0'], announcedAddress: 'video.example.org' }, 0, INTERFACES);
    assert.ok(infos.every(({ ip, announcedAddress }) => ip === '0.0.0.0' && announcedAddress === 'video.example.org'));
    assert.equal(infos.length, 2);
  });
});
