import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, after, describe, it } from 'node:test';
import { SpareProcess } from '../../../src/streams/spare-process.ts';
import { Stream } from '../../../src/streams/stream.ts';
import { FAKE_STREAM, QUICK, StandInBroadcast, TestLog } from '../../support/server.ts';
import { alive, children, settings } from './harness.ts';

describe('a spare stream process', () => {
  let ending: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(ending.map((end) => end()));
    ending = [];
  });
  after(() => assert.deepEqual(children(), []));

  function spareOf(log: TestLog, launcher: readonly string[] = []): SpareProcess {
    const spare = new SpareProcess({ entry: FAKE_STREAM, launcher, logger: log.logger, settleMs: 1 });
    ending.push(() => spare.close());
    return spare;
  }

  function streamWith(spare: SpareProcess, log: TestLog, fake = 'live'): Stream {
    const program = { entry: FAKE_STREAM, launcher: () => [], spare };
    const stream = new Stream({ id: 'test', settings: settings(fake), broadcast: new StandInBroadcast(), logger: log.logger, program, timing: QUICK });
    ending.push(() => stream.close());
    return stream;
  }

  async function live(stream: Stream): Promise<void> {
    while (stream.status.state !== 'live') await once(stream, 'status');
  }

  it('is there once it is wanted, becomes the process of the next stream, and has a successor', async () => {
    const log = new TestLog();
    const spare = spareOf(log);
    assert.equal(spare.pid, undefined);
    spare.wanted = true;
    await once(spare, 'ready');
    const { pid } = spare;
    const stream = streamWith(spare, log);
    assert.equal(stream.pid, pid);
    await live(stream);
    const next = spare.pid === undefined || spare.pid === pid ? once(spare, 'ready') : undefined;
    await log.findTold('test', 'start');
    await next;
    assert.notEqual(spare.pid, pid);
  });

  it('is taken while it still starts, too', async () => {
    const log = new TestLog();
    const spare = spareOf(log);
    spare.wanted = true;
    while (spare.pid === undefined) await new Promise(setImmediate);
    const { pid } = spare;
    const stream = streamWith(spare, log);
    await live(stream);
    assert.equal(stream.pid, pid);
  });

  it('is not taken by a stream whose process is confined otherwise', async () => {
    const log = new TestLog();
    const spare = spareOf(log, ['/usr/bin/env', 'CONFINED=1']);
    spare.wanted = true;
    await once(spare, 'ready');
    const { pid } = spare;
    const stream = streamWith(spare, log);
    await live(stream);
    assert.notEqual(stream.pid, pid);
    assert.equal(spare.pid, pid);
  });

  it('is replaced when it ends by itself, and ends when it is wanted no longer', async () => {
    const log = new TestLog();
    const spare = spareOf(log);
    spare.wanted = true;
    await once(spare, 'ready');
    const first = spare.pid!;
    process.kill(first, 'SIGKILL');
    await once(spare, 'ready');
    const second = spare.pid!;
    assert.notEqual(second, first);
    spare.wanted = false;
    while (alive(second)) await new Promise(setImmediate);
    assert.equal(spare.pid, undefined);
  });

  it('says nothing of a source’s credentials once a stream has it', async () => {
    const log = new TestLog();
    const spare = spareOf(log);
    spare.wanted = true;
    await once(spare, 'ready');
    const program = { entry: FAKE_STREAM, launcher: () => [], spare };
    const url = 'demo://user:right-secret@street?fake=talkative';
    const stream = new Stream({ id: 'test', settings: settings('live', { url }), broadcast: new StandInBroadcast(), logger: log.logger, program, timing: QUICK });
    ending.push(() => stream.close());
    await log.find(({ msg }) => msg?.startsWith('opening ') === true);
    assert.doesNotMatch(JSON.stringify(log.records.filter(({ msg }) => msg !== 'told')), /right-secret|user/);
  });
});
