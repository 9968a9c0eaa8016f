import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { pino } from 'pino';
import { ModelHost, type Job } from '../../../src/pipeline/detect/model-host.ts';
import type { BatchResult, LoadedModel } from '../../../src/pipeline/detect/loaded-model.ts';
import type { InputFrame } from '../../../src/pipeline/detect/model-runner.ts';

/** A fake of a model's thread: runs end when the test says so. */
class FakeThread implements LoadedModel {
  readonly provider: string;
  readonly skipped = [];
  readonly batches: boolean;
  readonly ended: Promise<Error | undefined>;
  readonly runs: { labels: number[]; end: () => void; fail: (error: Error) => void }[] = [];
  #end: (error?: Error) => void = () => undefined;

  constructor(batches: boolean, provider = 'cpu') {
    this.batches = batches;
    this.provider = provider;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  run(frames: readonly InputFrame[]): Promise<BatchResult> {
    return new Promise((resolve, reject) => {
      const labels = frames.map(({ picture }) => picture[0]!);
      const results = labels.map((label) => [{ label: String(label), score: 1, box: [0, 0, 1, 1] as [number, number, number, number] }]);
      this.runs.push({ labels, end: () => resolve({ results, inferenceMs: 10 }), fail: reject });
    });
  }

  async close(): Promise<void> {
    for (const { fail } of this.runs) fail(new Error('The thread was ended'));
    this.#end();
  }

  die(error: Error): void {
    this.runs.at(-1)?.fail(error);
    this.#end(error);
  }
}

const hosts: ModelHost[] = [];
afterEach(() => Promise.all(hosts.splice(0).map((host) => host.close())));

function setUp({ batches = false, maxBatch, batchDelayMs }: { batches?: boolean; maxBatch?: number; batchDelayMs?: number } = {}) {
  const thread = new FakeThread(batches);
  const host = new ModelHost('model', thread, { maxBatch, batchDelayMs, logger: pino({ level: 'silent' }), onHang: () => assert.fail() });
  hosts.push(host);
  const log: string[] = [];
  const job = (label: number): Job => ({
    frame: { picture: Uint8Array.of(label), content: [0, 0, 1, 1] },
    done: ({ seen }) => log.push(`${label} saw ${seen[0]!.label}`),
    dropped: () => log.push(`${label} dropped`),
    failed: (error) => log.push(`${label} failed: ${error.message}`),
  });
  return { thread, host, log, job };
}

/** Everything that was promised has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('frames that wait for a model', () => {
  test('are at most one a client: the newest', async () => {
    const { thread, host, log, job } = setUp();
    const client = { stream: 's' };
    for (const label of [1, 2, 3]) host.submit(client, job(label));
    assert.deepEqual(log, ['2 dropped']);
    thread.runs[0]!.end();
    await settled();
    thread.runs[1]!.end();
    await settled();
    assert.deepEqual(log, ['2 dropped', '1 saw 1', '3 saw 3']);
  });

  test('keep their place in the row when a newer one takes it', async () => {
    const { thread, host, job } = setUp();
    const [busy, first, second] = [{ stream: 'a' }, { stream: 'b' }, { stream: 'c' }];
    host.submit(busy, job(1));
    host.submit(first, job(2));
    host.submit(second, job(3));
    host.submit(first, job(4));
    for (let run = 0; run < 3; run += 1) {
      thread.runs[run]!.end();
      await settled();
    }
    assert.deepEqual(thread.runs.map(({ labels }) => labels), [[1], [4], [3]]);
  });

  test('of several clients are run together, each with its own result', async () => {
    const { thread, host, log, job } = setUp({ batches: true, maxBatch: 2 });
    for (const label of [1, 2, 3, 4]) host.submit({ stream: String(label) }, job(label));
    for (let run = 0; run < 3; run += 1) {
      thread.runs[run]!.end();
      await settled();
    }
    assert.deepEqual(thread.runs.map(({ labels }) => labels), [[1], [2, 3], [4]]);
    assert.deepEqual(log, ['1 saw 1', '2 saw 2', '3 saw 3', '4 saw 4']);
    assert.deepEqual(host.takeStats(), { name: 'model', provider: 'cpu', passedOver: [], fps: 4, inferenceMs: 10, batch: 4 / 3 });
    assert.equal(host.takeStats().fps, 0);
  });

  test('are run one by one on a CPU where nothing else is asked for, because each would have its result as late as the last', async () => {
    const { thread, host, job } = setUp({ batches: true });
    for (const label of [1, 2, 3]) host.submit({ stream: String(label) }, job(label));
    for (let run = 0; run < 3; run += 1) {
      thread.runs[run]!.end();
      await settled();
    }
    assert.deepEqual(thread.runs.map(({ labels }) => labels), [[1], [2], [3]]);
  });

  test('are forgotten when their client leaves', async () => {
    const { thread, host, job } = setUp();
    const client = { stream: 's' };
    host.submit({ stream: 'a' }, job(1));
    host.submit(client, job(2));
    host.withdraw(client);
    thread.runs[0]!.end();
    await settled();
    assert.equal(thread.runs.length, 1);
  });
});

describe('a batch', () => {
  const FOREVER_MS = 1e9;

  test('leaves when everybody who brings frames has one in it', async () => {
    const { thread, host, job } = setUp({ batches: true, maxBatch: 8, batchDelayMs: FOREVER_MS });
    const [a, b] = [{ stream: 'a' }, { stream: 'b' }];
    host.submit(a, job(1));
    // Nobody else is known yet; from now on there are two.
    host.submit(b, job(2));
    thread.runs[0]!.end();
    await settled();
    assert.equal(thread.runs.length, 1, 'the second waits for the first one’s next');
    host.submit(a, job(3));
    await settled();
    assert.deepEqual(thread.runs.map(({ labels }) => labels), [[1], [2, 3]]);
  });

  test('leaves when it is full', async () => {
    const { thread, host, job } = setUp({ batches: true, maxBatch: 2, batchDelayMs: FOREVER_MS });
    const owners = ['a', 'b', 'c', 'd'].map((stream) => ({ stream }));
    owners.forEach((owner, i) => host.submit(owner, job(i)));
    thread.runs[0]!.end();
    await settled();
    assert.deepEqual(thread.runs.map(({ labels }) => labels), [[0], [1, 2]]);
  });

  test('leaves when its first frame has waited for long enough', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { thread, host, job } = setUp({ batches: true, maxBatch: 8, batchDelayMs: 10_000 });
    host.submit({ stream: 'a' }, job(1));
    host.submit({ stream: 'b' }, job(2));
    thread.runs[0]!.end();
    await settled();
    assert.equal(thread.runs.length, 1);
    t.mock.timers.tick(10_000);
    await settled();
    assert.deepEqual(thread.runs.map(({ labels }) => labels), [[1], [2]]);
  });

  test('does not wait for one that is gone', async () => {
    const { thread, host, job } = setUp({ batches: true, maxBatch: 8, batchDelayMs: FOREVER_MS });
    const [a, b] = [{ stream: 'a' }, { stream: 'b' }];
    host.submit(a, job(1));
    host.submit(b, job(2));
    thread.runs[0]!.end();
    await settled();
    host.withdraw(a);
    await settled();
    assert.deepEqual(thread.runs.map(({ labels }) => labels), [[1], [2]]);
  });
});

test('streams take turns, whatever the number of detectors that they have', async () => {
  const { thread, host, job } = setUp();
  const busy = Array.from({ length: 5 }, () => ({ stream: 'busy' }));
  const quiet = { stream: 'quiet' };
  for (const owner of busy) host.submit(owner, job(1));
  host.submit(quiet, job(2));
  for (let run = 0; run < 20; run += 1) {
    thread.runs[run]!.end();
    await settled();
    // Everybody always has a next frame.
    for (const owner of busy) host.submit(owner, job(1));
    host.submit(quiet, job(2));
  }
  const quietRuns = thread.runs.slice(0, 20).filter(({ labels }) => labels[0] === 2).length;
  assert.equal(quietRuns, 10);
});

test('a run that fails fails its frames, and the next goes on', async () => {
  const { thread, host, log, job } = setUp();
  host.submit({ stream: 'a' }, job(1));
  host.submit({ stream: 'b' }, job(2));
  thread.runs[0]!.fail(new Error('no'));
  await settled();
  thread.runs[1]!.end();
  await settled();
  assert.deepEqual(log, ['1 failed: no', '2 saw 2']);
});

test('when the thread ends by itself, what waits fails and nothing more is taken', async () => {
  const { thread, host, log, job } = setUp();
  host.submit({ stream: 'a' }, job(1));
  host.submit({ stream: 'b' }, job(2));
  thread.die(new Error('crash'));
  await host.ended;
  host.submit({ stream: 'c' }, job(3));
  assert.deepEqual(log.toSorted(), ['1 failed: crash', '2 failed: The model model was unloaded', '3 failed: The model model was unloaded']);
});

/** A fake of a model's process, which can be ended whatever it does. */
class FakeProcess extends FakeThread {
  readonly reasons: string[] = [];

  constructor() {
    super(false, 'webgpu');
  }

  readonly abandon = (reason: string): void => {
    this.reasons.push(reason);
    this.die(new Error(reason));
  };
}

describe('a model that is run by another from now on', () => {
  test('loses no frame: the run that is under way ends where it began', async () => {
    const { thread, host, log, job } = setUp();
    host.submit({ stream: 'a' }, job(1));
    host.submit({ stream: 'b' }, job(2));
    const process = new FakeProcess();
    const replaced = host.replace(process);
    assert.deepEqual([host.provider, log], ['webgpu', []]);
    thread.runs[0]!.end();
    await replaced;
    await settled();
    process.runs[0]!.end();
    await settled();
    assert.deepEqual(log, ['1 saw 1', '2 saw 2']);
    assert.deepEqual([thread.runs.length, process.runs.length], [1, 1]);
    assert.equal(host.takeStats().provider, 'webgpu');
  });

  test('is told of by what was passed over before', () => {
    const { host } = setUp();
    host.passOver({ provider: 'webgpu', reason: 'takes longer' });
    assert.deepEqual(host.takeStats().passedOver, [{ provider: 'webgpu', reason: 'takes longer' }]);
  });

  test('is ended when three frames fail one after the other, with what they failed of', async () => {
    const { host, log, job } = setUp();
    const process = new FakeProcess();
    await host.replace(process);
    for (const [label, fails] of [true, true, false, true, true, true].entries()) {
      assert.deepEqual(process.reasons, []);
      host.submit({ stream: 'a' }, job(label));
      if (fails) process.runs.at(-1)!.fail(new Error('lost'));
      else process.runs.at(-1)!.end();
      await settled();
    }
    await host.ended;
    assert.deepEqual(process.reasons, ['3 frames failed one after the other: lost']);
    assert.deepEqual(log, ['0 failed: lost', '1 failed: lost', '2 saw 2', '3 failed: lost', '4 failed: lost', '5 failed: lost']);
  });

  test('is ended when a run hangs, and nothing else is', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { host, log, job } = setUp();
    const process = new FakeProcess();
    await host.replace(process);
    host.submit({ stream: 'a' }, job(1));
    t.mock.timers.tick(60_000);
    await host.ended;
    assert.deepEqual([process.reasons, log], [['A run hangs'], ['1 failed: A run hangs']]);
  });

  test('is closed at once where it is not wanted any more', async () => {
    const { host } = setUp();
    await host.close();
    const process = new FakeProcess();
    await host.replace(process);
    assert.equal(await process.ended, undefined);
  });
});
