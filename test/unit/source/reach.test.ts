import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reachOf, ReachGuard } from '../../../src/pipeline/source/reach.ts';

const REACHES: Record<string, string[]> = {
  loopback: ['127.0.0.1', '127.255.0.9', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1'],
  'link-local': ['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254'],
  private: ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', 'fd00::1', '::ffff:192.168.1.1'],
  public: ['8.8.8.8', '172.32.0.1', '2001:4860:4860::8888', '::ffff:8.8.8.8'],
};

for (const [reach, ips] of Object.entries(REACHES)) {
  test(`${ips.join(', ')} are ${reach}`, () => assert.deepEqual(ips.map(reachOf), ips.map(() => reach)));
}

test('an address leads to hosts that are as far as itself or farther, and to none that is nearer', async () => {
  const order = ['127.0.0.1', '169.254.1.1', '192.168.1.1', '8.8.8.8'];
  for (const [i, from] of order.entries()) {
    const guard = new ReachGuard(from);
    for (const [k, to] of order.entries()) {
      if (k >= i) assert.equal((await guard.resolve(to)).address, to);
      else await assert.rejects(guard.resolve(to), { code: 'source-address' });
    }
  }
});

test('a name is held to what it stands for', async () => {
  await assert.rejects(new ReachGuard('8.8.8.8').resolve('localhost'), { code: 'source-address' });
});
