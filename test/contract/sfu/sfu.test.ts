import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startSfu, watch } from '../../support/sfu.ts';

describe('an SFU', () => {
  it('leaves no worker behind when it is closed', async () => {
    const sfu = await startSfu({ workers: 2 });
    const pids = sfu.workerPids;
    assert.equal(pids.length, 2);
    await Promise.all([sfu.close(), sfu.close()]);
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.throws(() => sfu.broadcast('late'), { code: 'closed' });
  });

  it('says why it can’t start', async () => {
    await assert.rejects(startSfu({ workerBin: '/nonexistent/worker' }), /ENOENT|spawn/);
    await assert.rejects(startSfu({ webrtc: { port: 0, listenIps: ['203.0.113.1'] } }), /bind|address/i);
  });

  it('holds nothing of 200 viewers who came and went', async () => {
    const sfu = await startSfu();
    const broadcast = sfu.broadcast('gate');
    const viewer = await watch(sfu, broadcast, 'annotated');
    const [before] = await sfu.stats();
    const visit = async (i: number): Promise<void> => {
      const payloadTypes = i % 4 === 0 ? ({ codec: 'H264', media: 96, rtx: 97 } as const) : ({ codec: 'H264', media: 108, rtx: 109 } as const);
      const { rtpCapabilities } = sfu;
      const { codecs = [], headerExtensions = [] } = rtpCapabilities;
      const own = codecs.map((codec) => ({
        ...codec,
        ...(codec.preferredPayloadType === 108 ? { preferredPayloadType: payloadTypes.media } : {}),
      }));
      const viewer = await broadcast.addViewer({ variant: 'annotated', rtpCapabilities: { codecs: own, headerExtensions }, payloadTypes, data: true });
      await viewer.resume();
      viewer.close();
    };
    for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 10 }, (_, i) => visit(i)));
    assert.equal(broadcast.viewers, 1);
    const [after] = await sfu.stats();
    assert.equal(after!.viewers, 1);
    assert.equal(after!.objects, before!.objects);
    viewer.close();
    await sfu.close();
  });
});
