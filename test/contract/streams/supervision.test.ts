import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, describe, it } from 'node:test';
import { alive, children, openDescriptors, rig, settings, type Rig } from './harness.ts';
import { Stream } from '../../../src/streams/stream.ts';
import { ANNOTATED, StandInBroadcast, TestLog, QUICK } from '../../support/server.ts';

/** For processes that hang: they are not waited for any longer than it takes to be sure. */
const HANGS = { silenceMs: 1000 };

let running: Rig[] = [];
function start(...given: Parameters<typeof rig>): Rig {
  const made = rig(...given);
  running.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(running.map(({ stream }) => stream.close()));
  running = [];
});
after(() => assert.deepEqual(children(), []));

describe('a stream', () => {
  it('goes from connecting to live, and tells viewers about each frame', async () => {
    const { stream, broadcast, states, until, annotation } = start(settings());
    const [announced] = (await once(broadcast, 'announced')) as [{ seq: number }];
    assert.equal(announced.seq, 0);
    await until(({ state }) => state === 'live');
    assert.deepEqual(states, ['connecting', 'live']);
    assert.equal((await annotation()).stream, 'test');
    assert.deepEqual(stream.record.video, { codec: 'fake', width: 64, height: 48, fps: 100 });
    while (stream.record.stats === undefined) await once(stream, 'changed');
    assert.equal(stream.record.stats.fps, 100);
  });

  it('gives its process the whole plan', async () => {
    const { log, stream } = start(settings());
    const told = await log.findTold('test', 'start');
    const { onDemand: _onDemand, idleAfterMs: _idleAfterMs, ...plan } = stream.settings;
    assert.deepEqual(told['plan'], { ...plan, stream: 'test', firstSeq: 0, lineTotals: {} });
  });

  it('is stopped, with its process gone, once closed, and may be closed twice', async () => {
    const { stream, until } = start(settings());
    await until(({ state }) => state === 'live');
    const { pid } = stream;
    assert.equal(alive(pid), true);
    await Promise.all([stream.close(), stream.close()]);
    assert.equal(alive(pid), false);
    assert.equal(stream.status.state, 'stopped');
    assert.equal(stream.record.restarts, 0);
  });

  it('shows what its source says is wrong, and is not restarted for it', async () => {
    const { stream, until } = start(settings('failed'), { silenceMs: 1000 });
    const { problem } = await until(({ state }) => state === 'failed');
    assert.deepEqual(problem, { code: 'source-invalid', message: 'This is no media.' });
    for (let reports = 0; reports < 40; reports++) await once(stream, 'changed');
    assert.equal(stream.record.restarts, 0);
    assert.equal(stream.status.state, 'failed');
  });

  it('is stopped when a file has played once, and plays it again when asked', async () => {
    const { stream, states, until } = start(settings('ended'));
    await until(({ state }) => state === 'stopped');
    assert.equal(stream.pid, undefined);
    stream.retry();
    await until(({ state }) => state === 'live');
    await until(({ state }) => state === 'stopped');
    assert.deepEqual(states, ['connecting', 'live', 'stopped', 'connecting', 'live', 'stopped']);
    assert.equal(stream.record.restarts, 0);
  });

  it('keeps credentials of its source out of the log', async () => {
    const given = settings('talkative', { url: 'demo://admin:hunter2@street?fake=talkative' });
    const { log } = start(given);
    await log.find(({ msg }) => msg?.startsWith('opening ') === true);
    const lines = log.records.filter(({ msg }) => msg !== 'told');
    assert.doesNotMatch(JSON.stringify(lines), /hunter2|admin/);
  });
});

describe('a stream whose process is killed', () => {
  it('is back by itself, with numbers that go on', async () => {
    const { stream, until, annotation } = start(settings());
    const before = await annotation(({ seq }) => seq >= 5);
    const { pid } = stream;
    process.kill(pid!, 'SIGKILL');
    const { problem, retryAt } = await until(({ state }) => state === 'retrying');
    assert.equal(problem?.code, 'process-exited');
    assert.match(problem.message, /SIGKILL/);
    assert(retryAt !== undefined);
    const after_ = await annotation();
    assert.notEqual(stream.pid, pid);
    assert(after_.seq >= before.seq + 30, `${before.seq} → ${after_.seq}`);
    assert.equal(stream.record.restarts, 1);
    assert.equal(stream.status.state, 'live');
    assert.equal(stream.record.dropped >= 1, true);
  });

  it('has its variants again, with RTP numbers that go on', async () => {
    const { stream, broadcast, log, until } = start(settings());
    const target = { host: '127.0.0.1', port: 9, ssrc: 5, payloadType: 108, extensions: { absCaptureTime: 1, playoutDelay: 2 } };
    broadcast.start(ANNOTATED, target);
    await until(({ state }) => state === 'live');
    while (stream.record.stats?.outputs[0] === undefined) await once(stream, 'changed');
    const [{ sequence = 0 }] = stream.record.stats.outputs;
    process.kill(stream.pid!, 'SIGKILL');
    await until(({ state }) => state === 'retrying');
    await until(({ state }) => state === 'live');
    const again = await log.find(({ msg, command }) => {
      if (msg !== 'told') return false;
      const { type, firstSequence = 0 } = command as { type: string; firstSequence?: number };
      return type === 'output-open' && firstSequence > 0;
    });
    const { firstSequence, ...rest } = again['command'] as { firstSequence: number };
    assert.deepEqual(rest, { type: 'output-open', id: 1, output: { of: 'video', rendition: ANNOTATED, sink: { type: 'rtp', target } } });
    assert(firstSequence >= sequence + 500, `${sequence} → ${firstSequence}`);
  });
});

describe('a stream whose process misbehaves', () => {
  it('is restarted when the process ends at once, each time, and waits longer each time', async () => {
    const { stream, log, until } = start(settings('exit'));
    while (stream.record.restarts < 4) await once(stream, 'status');
    const waits = log.records.flatMap(({ waitMs }) => (typeof waitMs === 'number' ? [waitMs] : []));
    assert(waits.length >= 4);
    assert(waits[0] !== undefined && waits[0] >= 5 && waits[0] <= 10, `${waits.join()}`);
    assert(waits[3] !== undefined && waits[3] >= 25 && waits[3] <= 50, `${waits.join()}`);
    assert.match((await until(({ state }) => state === 'retrying')).problem?.message ?? '', /code 3/);
  });

  it('is restarted when it stops in its tracks', async () => {
    const { stream, until } = start(settings(), HANGS);
    await until(({ state }) => state === 'live');
    const { pid } = stream;
    process.kill(pid!, 'SIGSTOP');
    const { problem } = await until(({ state }) => state === 'retrying');
    assert.equal(problem?.code, 'process-hung');
    assert.equal(alive(pid), false);
    await until(({ state }) => state === 'live');
  });

  it('is restarted when its frames stop, though it still reports', async () => {
    const { until } = start(settings('frozen'), HANGS);
    await until(({ state }) => state === 'live');
    assert.equal((await until(({ state }) => state === 'retrying')).problem?.code, 'process-hung');
  });

  it('is restarted when it says nothing after its start', async () => {
    const { until } = start(settings('silent'), HANGS);
    assert.equal((await until(({ state }) => state === 'retrying')).problem?.code, 'process-hung');
  });

  it('is restarted when all that it says is no message, which is logged once a second at most', async () => {
    const { log, until } = start(settings('garbage'), HANGS);
    assert.equal((await until(({ state }) => state === 'retrying')).problem?.code, 'process-hung');
    const complaints = log.records.filter(({ msg }) => msg?.includes('invalid message') === true);
    assert(complaints.length >= 1 && complaints.length <= 5, `${complaints.length} complaints`);
  });

  it('is ended all the same when the process neither obeys nor heeds SIGTERM', async () => {
    const { stream, until } = start(settings('stubborn'));
    await until(({ state }) => state === 'live');
    const { pid } = stream;
    await stream.close();
    assert.equal(alive(pid), false);
  });

  it('is ended all the same when the process is stopped in its tracks', async () => {
    const { stream, until } = start(settings());
    await until(({ state }) => state === 'live');
    const { pid } = stream;
    process.kill(pid!, 'SIGSTOP');
    await stream.close();
    assert.equal(alive(pid), false);
  });

  it('keeps trying when its program can’t even be started', async () => {
    const log = new TestLog();
    const stream = new Stream({
      id: 'none',
      settings: settings(),
      broadcast: new StandInBroadcast(),
      logger: log.logger,
      program: { entry: '/nowhere/program.ts', launcher: () => [] },
      timing: QUICK,
    });
    while (stream.record.restarts < 2) await once(stream, 'status');
    await stream.close();
  });

  it('can be closed during a wait', async () => {
    const { stream, until } = start(settings('exit'), { backoffFirstMs: 3_600_000, backoffMostMs: 3_600_000 });
    await until(({ state }) => state === 'retrying');
    await stream.close();
    assert.equal(stream.status.state, 'stopped');
  });

  it('skips a wait when somebody asks', async () => {
    const { stream, until } = start(settings('exit'), { backoffFirstMs: 3_600_000, backoffMostMs: 3_600_000 });
    await until(({ state }) => state === 'retrying');
    stream.retry();
    while (stream.record.restarts < 2) await once(stream, 'status');
  });
});

describe('fifty streams that come and go', () => {
  it('leave no process and no descriptor behind', async () => {
    const cycle = async (): Promise<void> => {
      const { stream, until } = rig(settings());
      await until(({ state }) => state === 'live');
      await stream.close();
    };
    await cycle();
    await settled();
    const before = openDescriptors();
    for (let round = 0; round < 25; round++) await Promise.all([cycle(), cycle()]);
    assert.deepEqual(children(), []);
    const limit = AbortSignal.timeout(30_000);
    while (openDescriptors() > before && !limit.aborted) await settled();
    assert.ok(openDescriptors() <= before, `${openDescriptors()} descriptors are open, and were ${before}`);
  });
});

/** Pipes of a process that is gone are closed in the turns of the event loop after its end. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
