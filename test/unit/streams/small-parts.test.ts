import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import { describe, it, mock } from 'node:test';
import { Backoff } from '../../../src/util/backoff.ts';
import { allocatorEnvironment } from '../../../src/processes/allocator-environment.ts';
import { childEnvironment } from '../../../src/processes/child-environment.ts';
import { ChildLog } from '../../../src/processes/child-log.ts';
import { Demand } from '../../../src/streams/demand.ts';
import { Exclusive } from '../../../src/util/exclusive.ts';
import { Heartbeat } from '../../../src/processes/heartbeat.ts';
import { scrubberFor } from '../../../src/processes/scrub.ts';
import { SequenceKeeper } from '../../../src/streams/sequence-keeper.ts';
import { Wake } from '../../../src/util/wake.ts';
import { TestLog } from '../../support/server.ts';

describe('a back-off', () => {
  it('doubles up to its cap, and leaves out at most half by chance', () => {
    const longest = new Backoff({ first: 250, most: 10_000, random: () => 1 });
    assert.deepEqual(Array.from({ length: 8 }, () => longest.next()), [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    const shortest = new Backoff({ first: 250, most: 10_000, random: () => 0 });
    assert.deepEqual(Array.from({ length: 3 }, () => shortest.next()), [125, 250, 500]);
  });

  it('starts again once mended, and never overflows', () => {
    const backoff = new Backoff({ first: 250, most: 10_000, random: () => 1 });
    for (let index = 0; index < 5000; index++) assert(backoff.next() <= 10_000);
    backoff.reset();
    assert.equal(backoff.next(), 250);
  });
});

describe('a heartbeat', () => {
  it('calls out once, after so many ticks without a sign', () => {
    mock.timers.enable({ apis: ['setInterval'] });
    let dead = 0;
    const heartbeat = new Heartbeat(1000, 3, () => dead++);
    mock.timers.tick(2000);
    heartbeat.beat();
    mock.timers.tick(2000);
    assert.equal(dead, 0);
    mock.timers.tick(1000);
    assert.equal(dead, 1);
    mock.timers.tick(60_000);
    assert.equal(dead, 1);
    mock.timers.reset();
  });

  it('waits longer where that is expected, and not at all when stopped', () => {
    mock.timers.enable({ apis: ['setInterval'] });
    let dead = 0;
    const heartbeat = new Heartbeat(1000, 3, () => dead++);
    heartbeat.expect(10);
    mock.timers.tick(9000);
    assert.equal(dead, 0);
    heartbeat.stop();
    mock.timers.tick(9000);
    assert.equal(dead, 0);
    mock.timers.reset();
  });
});

describe('the demand for a stream', () => {
  it('is always there where the stream does not run on demand', () => {
    const demand = new Demand(() => assert.fail());
    demand.configure(false, 100);
    demand.set('viewers', true);
    demand.set('viewers', false);
    assert.equal(demand.wanted, true);
  });

  it('outlives the last of several needs by a while', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const changes: boolean[] = [];
    const demand: Demand = new Demand(() => changes.push(demand.wanted));
    demand.configure(true, 1000);
    assert.equal(demand.wanted, false);
    demand.set('viewers', true);
    const release = demand.hold();
    demand.set('viewers', false);
    mock.timers.tick(5000);
    assert.equal(demand.wanted, true);
    release();
    release();
    mock.timers.tick(999);
    assert.equal(demand.wanted, true);
    mock.timers.tick(1);
    assert.equal(demand.wanted, false);
    assert.deepEqual(changes, [false, true, false]);
    mock.timers.reset();
  });

  for (const [idleAfterMs, keptMs] of [[10_000, 10_000], [0, 5000]] as const) {
    it(`is kept up for ${keptMs} ms by somebody about to come, where it lasts ${idleAfterMs} ms after the last`, () => {
      mock.timers.enable({ apis: ['setTimeout'] });
      const demand = new Demand(() => undefined);
      demand.configure(true, idleAfterMs);
      demand.touch();
      mock.timers.tick(keptMs - 100);
      demand.touch();
      mock.timers.tick(keptMs - 1);
      assert.equal(demand.wanted, true);
      mock.timers.tick(1);
      assert.equal(demand.wanted, false);
      mock.timers.reset();
    });
  }

  it('ends with whoever was about to come, when they have come and gone', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const demand = new Demand(() => undefined);
    demand.configure(true, 1000);
    demand.touch();
    demand.set('viewers', true);
    demand.set('viewers', false);
    mock.timers.tick(1000);
    assert.equal(demand.wanted, false);
    mock.timers.reset();
  });
});

describe('RTP sequence numbers of a new process', () => {
  const [VIDEO, AUDIO] = [1, 2];
  const report = (sequence: number): Parameters<SequenceKeeper['note']>[0] => ({
    outputs: [
      { id: VIDEO, dropped: 0, sequence },
      { id: AUDIO, dropped: 0, sequence: sequence + 7 },
    ],
  });

  it('begin behind all that the one before it can have sent, across the wrap', () => {
    const keeper = new SequenceKeeper();
    assert.deepEqual([keeper.next(VIDEO), keeper.next(AUDIO)], [0, 0]);
    keeper.note(report(100));
    keeper.note(report(400));
    assert.equal(keeper.next(VIDEO), 400 + 500 + 600);
    assert.equal(keeper.next(AUDIO), 407 + 500 + 600);
    keeper.note(report(65_400));
    keeper.note(report(65_400));
    assert.equal(keeper.next(VIDEO), 65_400 + 500 - 65_536);
  });

  it('move on even when no process lives to its first report', () => {
    const keeper = new SequenceKeeper();
    const firsts = [1, 2, 3].map(() => keeper.next(VIDEO));
    assert.deepEqual(firsts, [0, 500, 1000]);
  });
});

describe('a wake-up', () => {
  it('is not lost when it comes before the wait', async () => {
    const wake = new Wake();
    wake.signal();
    wake.signal();
    await wake.wait();
    let woken = false;
    const waiting = wake.wait().then(() => (woken = true));
    await Promise.resolve();
    assert.equal(woken, false);
    wake.signal();
    await waiting;
  });

  it('comes at the latest when asked for', async () => {
    await new Wake().wait(1);
  });
});

describe('exclusive work', () => {
  it('happens in the order it was asked for on one key, whatever became of the work before', async () => {
    const exclusive = new Exclusive();
    const done: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = exclusive.run('a', async () => {
      await gate.promise;
      done.push('a1');
      throw new Error('broken');
    });
    const second = exclusive.run('a', async () => void done.push('a2'));
    await exclusive.run('b', async () => void done.push('b'));
    gate.resolve();
    await assert.rejects(first, /broken/);
    await second;
    assert.deepEqual(done, ['b', 'a1', 'a2']);
  });
});

describe('credentials', () => {
  it('are taken out of every text, wherever they stand', () => {
    const scrub = scrubberFor('rtsp://admin:p%40ss%21word@cam.local/stream?x=1');
    const shown = scrub("can't open rtsp://admin:p%40ss%21word@cam.local/stream, sent p@ss!word and http://a:b@c/?token=abc&x=1");
    assert.doesNotMatch(shown, /p@ss|p%40ss|abc|a:b/);
    assert.match(shown, /cam\.local\/stream/);
    assert.match(shown, /x=1/);
  });

  it('of other programs stay out of child processes', () => {
    assert.deepEqual(childEnvironment({ PATH: '/bin', FRAMELOCK_TOKEN: 'x', TURN_PASSWORD: 'y', CUDA_VISIBLE_DEVICES: '0' }), {
      PATH: '/bin',
      CUDA_VISIBLE_DEVICES: '0',
    });
  });
});

describe('the memory of a stream process', () => {
  it('is held together, unless the server was told otherwise', () => {
    assert.deepEqual(allocatorEnvironment({ MALLOC_ARENA_MAX: '4', FRAMELOCK_TOKEN: 'x' }), { MALLOC_ARENA_MAX: '4', MALLOC_MMAP_THRESHOLD_: '262144' });
  });
});

describe('what a child process writes', () => {
  it('becomes log lines with its own level where it says one, bounded and without credentials', async () => {
    const log = new TestLog();
    const pipe = new PassThrough();
    new ChildLog(log.logger, scrubberFor('rtsp://u:secret@h/')).follow(pipe, 'warn');
    pipe.write('half a li');
    pipe.write('ne with secret\n{"level":50,"time":1,"pid":2,"hostname":"h","msg":"own","code":7}\n{"level":"x"}\n');
    pipe.end(`${'y'.repeat(10_000)}`);
    await once(pipe, 'end');
    const [first, second, third, last] = log.records;
    assert.equal(first?.msg, 'half a line with ***');
    assert.equal(first?.level, 40);
    assert.deepEqual([second?.level, second?.msg, second?.['code'], second?.['pid']], [50, 'own', 7, undefined]);
    assert.equal(third?.msg, '{"level":"x"}');
    assert.equal(last?.msg?.length, 4096);
  });

  it('is cut off when it is too much', async () => {
    const log = new TestLog();
    const pipe = new PassThrough();
    new ChildLog(log.logger, (text) => text).follow(pipe, 'info');
    pipe.end('line\n'.repeat(100_000));
    await once(pipe, 'end');
    assert(log.records.length < 1000, `${log.records.length} lines were logged`);
  });
});
