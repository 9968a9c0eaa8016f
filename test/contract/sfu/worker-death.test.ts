import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { Viewer } from '../../../src/sfu/viewer.ts';
import { RtpViewer } from '../../support/rtp-viewer.ts';
import { leasesOf } from '../../support/leases.ts';
import { bridge, Feeder, startSfu, watch } from '../../support/sfu.ts';

describe('the death of a media worker', () => {
  it('ends its viewers, asks for the stream at a new target, and lets the viewers back in', async () => {
    const sfu = await startSfu();
    const broadcast = sfu.broadcast('gate');
    await using feeder = new Feeder(broadcast);
    let opened: Viewer | undefined;
    await using viewer = await RtpViewer.open(bridge(broadcast, 'annotated', (one) => (opened = one)));
    await viewer.receives(5);
    const [pid] = sfu.workerPids;
    const events: string[] = [];
    sfu.on('workerdied', (index) => events.push(`died ${index}`)).on('rebuilt', (index) => events.push(`rebuilt ${index}`));
    const ended = once(opened!, 'close');
    const again = once(leasesOf(broadcast), 'start');
    process.kill(pid!, 'SIGKILL');
    assert.deepEqual(await ended, ['worker-died']);
    assert.equal(sfu.ready, false);
    // A viewer that comes back at once waits for the worker instead of being turned away.
    const coming = RtpViewer.open(bridge(broadcast));
    const [rendition, target] = await again;
    assert.deepEqual(rendition, { variant: 'annotated', codec: 'H264' });
    assert.notEqual(target.ssrc, feeder.sources[0]!.target.ssrc);
    await using back = await coming;
    await back.receives(5);
    assert.deepEqual(events, ['died 0', 'rebuilt 0']);
    assert.ok(sfu.ready);
    assert.notDeepEqual(sfu.workerPids, [pid]);
    await sfu.close();
  });

  it('asks for nothing that nobody needs', async () => {
    const sfu = await startSfu({ lingerMs: 1 });
    const broadcast = sfu.broadcast('gate');
    const leases = leasesOf(broadcast);
    const stopped = once(leases, 'stop');
    (await watch(sfu, broadcast, 'clean')).close();
    await stopped;
    let asked = 0;
    leases.on('start', () => (asked += 1));
    const rebuilt = once(sfu, 'rebuilt');
    process.kill(sfu.workerPids[0]!, 'SIGKILL');
    await rebuilt;
    const other = await watch(sfu, sfu.broadcast('other'), 'clean');
    assert.equal(asked, 0);
    other.close();
    await sfu.close();
  });

  it('leaves viewers of streams on other workers alone, and ends those whose video came from it', async () => {
    const sfu = await startSfu({ workers: 2, viewersPerWorker: 1 });
    const [here, there] = [sfu.broadcast('here'), sfu.broadcast('there')];
    await using _feeds = new Feeder(here);
    await using _others = new Feeder(there);
    const piped: Viewer[] = [];
    const kept: Viewer[] = [];
    await using atHome = await RtpViewer.open(bridge(here, 'annotated', (one) => piped.push(one)));
    await using abroad = await RtpViewer.open(bridge(here, 'annotated', (one) => piped.push(one)));
    await using other = await RtpViewer.open(bridge(there, 'annotated', (one) => kept.push(one)));
    for (const viewer of [atHome, abroad, other]) await viewer.receives(3);
    const ends = piped.map((one) => once(one, 'close'));
    process.kill(sfu.workerPids[here.home.index]!, 'SIGKILL');
    assert.deepEqual(await Promise.all(ends), [['worker-died'], ['worker-died']]);
    await other.receives(5);
    assert.equal(kept[0]!.closed, false);
    await sfu.close();
  });

  it('is survived again and again', async () => {
    const sfu = await startSfu();
    const broadcast = sfu.broadcast('gate');
    // What nobody needs any more lingers, and is made again like anything that is needed.
    await watch(sfu, broadcast, 'annotated');
    for (let death = 0; death < 4; death++) {
      const again = once(leasesOf(broadcast), 'start');
      process.kill(sfu.workerPids[0]!, 'SIGKILL');
      await again;
    }
    await sfu.close();
  });
});
