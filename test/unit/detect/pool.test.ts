import assert from 'node:assert/strict';
import { describe, it, mock, type TestContext } from 'node:test';
import { Pool } from '../../../src/pipeline/detect/external/pool.ts';
import type { Detected, StreamPort } from '../../../src/pipeline/detect/external/ports.ts';
import type { FrameChoice, SeenObject } from '../../../src/pipeline/detect/external/wire.ts';
import type { OfferedFrame, Worker } from '../../../src/pipeline/detect/external/worker.ts';

const CHOICE: FrameChoice = { format: 'rgb', width: 64, height: 64, resize: 'fit', quality: 80 };

/** A stream that has a frame whenever the test says so. */
class TestStream implements StreamPort {
  readonly name: string;
  readonly wants: number[] = [];
  readonly results: { id: number; detections: Detected[] }[] = [];
  readonly losses: { id: number; reason: string }[] = [];
  readonly states: string[] = [];
  readonly #pool: Pool;
  #seq = 0;

  constructor(name: string, pool: Pool) {
    this.name = name;
    this.#pool = pool;
    pool.attach(this);
  }

  state(state: string, workers: number): void {
    this.states.push(`${state} ${workers}`);
  }

  want(id: number): void {
    this.wants.push(id);
  }

  unwant(id: number): void {
    this.wants.splice(this.wants.indexOf(id), 1);
  }

  result(id: number, detections: Detected[]): void {
    this.results.push({ id, detections });
  }

  lost(id: number, reason: string): void {
    this.losses.push({ id, reason });
  }

  /** Has a frame, which is taken if one is wanted. */
  frame(): boolean {
    const id = this.wants.shift();
    this.#seq += 1;
    if (id === undefined) return false;
    const size = { width: 1, height: 1 };
    this.#pool.frame(this, id, { stream: this.name, seq: this.#seq, rtp: 0, capturedAt: 0, ...size, source: size, region: [0, 0, 1, 1], picture: Buffer.alloc(3) });
    return true;
  }
}

/** A worker that answers when the test says so. */
class TestWorker implements Worker {
  readonly choice = CHOICE;
  readonly credits: number;
  readonly fps: number | undefined;
  readonly has: { frame: OfferedFrame; done: (seen: SeenObject[]) => void; failed: (error: Error) => void }[] = [];

  constructor(credits = 1, fps?: number) {
    this.credits = credits;
    this.fps = fps;
  }

  look(frame: OfferedFrame): Promise<SeenObject[]> {
    return new Promise((done, failed) => this.has.push({ frame, done, failed }));
  }

  async answer(...seen: SeenObject[]): Promise<void> {
    this.has.shift()!.done(seen);
    await settled();
  }
}

/** What follows from a promise has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Time that the test moves on. */
function stopTime(t: TestContext): void {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
}

describe('a pool of workers', () => {
  it('wants frames only for those that are free', async () => {
    const pool = new Pool();
    const stream = new TestStream('a', pool);
    assert.deepEqual([stream.states, stream.frame()], [['waiting 0'], false]);
    const worker = new TestWorker();
    pool.join(worker);
    assert.equal(stream.wants.length, 1);
    assert.equal(stream.frame(), true);
    assert.deepEqual(stream.wants, []);
    await worker.answer({ label: 'x', score: 1, box: [0, 0, 1, 1] });
    assert.equal(stream.results.length, 1);
    assert.equal(stream.wants.length, 1);
  });

  it('gives a worker as many frames as it has credits, whose answers may come in any order', async () => {
    const pool = new Pool();
    const stream = new TestStream('a', pool);
    const worker = new TestWorker(3);
    pool.join(worker);
    assert.deepEqual([stream.frame(), stream.frame(), stream.frame(), stream.frame()], [true, true, true, false]);
    const [first, second] = worker.has;
    second!.done([]);
    await settled();
    first!.done([]);
    await settled();
    assert.deepEqual(stream.results.map(({ id }) => id), [2, 1]);
    assert.equal(stream.wants.length, 2);
  });

  it('asks streams in turns, whatever their rates', async () => {
    const pool = new Pool();
    const [fast, slow] = [new TestStream('fast', pool), new TestStream('slow', pool)];
    const worker = new TestWorker();
    pool.join(worker);
    const order: string[] = [];
    for (let tick = 0; tick < 12; tick += 1) {
      fast.frame();
      if (tick % 2 === 0) slow.frame();
      if (worker.has[0] === undefined) continue;
      order.push(worker.has[0].frame.stream);
      await worker.answer();
    }
    const turns = order.filter((name, n) => n > 0 && name === order[n - 1]).length;
    assert.equal(turns, 0, order.join());
  });

  it('does not wait for a stream that has nothing now, which still gets the next turn', async (t) => {
    stopTime(t);
    const pool = new Pool();
    const worker = new TestWorker();
    pool.join(worker);
    const [still, live] = [new TestStream('still', pool), new TestStream('live', pool)];
    assert.deepEqual([still.wants.length, live.wants.length], [1, 0]);
    mock.timers.tick(250);
    assert.deepEqual([still.wants.length, live.wants.length], [1, 1]);
    assert.equal(live.frame(), true);
    assert.equal(still.frame(), true);
    assert.equal(worker.has.length, 1, 'a worker has no more than its credits');
    await worker.answer();
    assert.equal(worker.has[0]?.frame.stream, 'still');
  });

  it('gives up everything of a worker that goes: what waits, what was asked for, and what it gives up itself', async (t) => {
    stopTime(t);
    const pool = new Pool();
    const worker = new TestWorker();
    pool.join(worker);
    const [a, b, c] = [new TestStream('a', pool), new TestStream('b', pool), new TestStream('c', pool)];
    mock.timers.tick(250);
    mock.timers.tick(250);
    assert.deepEqual([a.frame(), b.frame()], [true, true]);
    pool.leave(worker);
    assert.deepEqual([b.losses.length, c.wants.length, c.states.at(-1)], [1, 0, 'waiting 0']);
    worker.has[0]!.failed(new Error('Gone'));
    await settled();
    assert.deepEqual(a.losses.map(({ reason }) => reason), ['Gone']);
    assert.equal(pool.stats().lost, 2);
  });

  it('answers a frame that comes too late at once', () => {
    const pool = new Pool();
    const stream = new TestStream('a', pool);
    const worker = new TestWorker();
    pool.join(worker);
    const [id] = stream.wants;
    pool.leave(worker);
    stream.wants.push(id!);
    stream.frame();
    assert.deepEqual(stream.losses.map((loss) => loss.id), [id]);
  });

  it('keeps to the rate of a worker', async (t) => {
    stopTime(t);
    const pool = new Pool();
    const stream = new TestStream('a', pool);
    const worker = new TestWorker(1, 0.001);
    pool.join(worker);
    assert.equal(stream.frame(), true);
    await worker.answer();
    assert.deepEqual(stream.wants, []);
  });

  it('sends nothing to a stream that is gone, and its turn goes to the next', async () => {
    const pool = new Pool();
    const worker = new TestWorker();
    pool.join(worker);
    const [gone, next] = [new TestStream('gone', pool), new TestStream('next', pool)];
    gone.frame();
    pool.detach(gone);
    await worker.answer();
    assert.deepEqual([gone.results, next.wants.length], [[], 1]);
  });

  it('cuts boxes off at the picture, and leaves out those outside of it', async () => {
    const pool = new Pool();
    const stream = new TestStream('a', pool);
    const worker = new TestWorker();
    pool.join(worker);
    stream.frame();
    const box = (...values: [number, number, number, number]): SeenObject => ({ label: 'x', score: 1, box: values });
    await worker.answer(box(-0.5, 0.25, 1, 1), box(1.5, 0, 0.5, 0.5), box(0.5, 0.5, 0, 0.1));
    assert.deepEqual(stream.results[0]?.detections.map((one) => one.box), [[0, 0.25, 0.5, 0.75]]);
  });
});
