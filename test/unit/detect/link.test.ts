import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { pino } from 'pino';
import type { Box } from '../../../src/pipeline/annotation.ts';
import { DetectorLink, InputScaler, type DetectorOutcome, type DetectorState, type ResolvedDetector } from '../../../src/pipeline/detect/index.ts';
import { DetectorRequest, MessageReader, writeMessage, type DetectorAnswer } from '../../../src/pipeline/detect/protocol.ts';
import { flatPicture, manifestOf } from '../../support/detect.ts';

interface Asked {
  readonly request: DetectorRequest;
  readonly payload: Buffer;
  readonly socket: Socket;
}

/** A fake of the detector process: hands what it is asked to the test, and answers what the test says. */
class FakeDetector {
  readonly path = join(tmpdir(), `framelock-${randomUUID()}.sock`);
  readonly #asked: Asked[] = [];
  readonly #sockets = new Set<Socket>();
  #waiting: (() => void) | undefined;
  #server: Server | undefined;

  async start(): Promise<void> {
    await rm(this.path, { force: true });
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      const reader = new MessageReader(1 << 20, (header, payload) => {
        this.#asked.push({ request: DetectorRequest.parse(header), payload, socket });
        this.#waiting?.();
      });
      socket.on('data', (chunk) => reader.push(chunk)).on('error', () => undefined);
    });
    this.#server.listen(this.path);
    await once(this.#server, 'listening');
  }

  async next(): Promise<Asked> {
    while (this.#asked.length === 0) await new Promise<void>((resolve) => (this.#waiting = resolve));
    return this.#asked.shift()!;
  }

  async die(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    if (this.#server?.listening) await new Promise<void>((resolve) => this.#server!.close(() => resolve()));
  }
}

const OPENED: DetectorAnswer = { type: 'opened', provider: 'cpu', batches: false };
const frame = (seq: number) => ({ seq, rtp: seq * 3000, capturedAt: seq * 33 });
const PICTURE = flatPicture(64, 64, 100);

async function setUp(t: TestContext, detector: Partial<ResolvedDetector> = {}, running = true) {
  const server = new FakeDetector();
  if (running) await server.start();
  const scaler = new InputScaler();
  const link = new DetectorLink({
    stream: 'gate',
    detector: { name: 'pets', model: { name: 'model', file: '/model.onnx', manifest: manifestOf() }, ...detector },
    socketPath: server.path,
    logger: pino({ level: 'silent' }),
    scaler,
  });
  const states: DetectorState[] = [];
  link.on('state', (state) => states.push(state));
  t.after(async () => {
    link.close();
    scaler.close();
    await server.die();
  });
  return { server, link, states };
}

async function untilState(link: DetectorLink, state: DetectorState): Promise<void> {
  while (link.state !== state) await once(link, 'state');
}

async function ready(t: TestContext, detector: Partial<ResolvedDetector> = {}) {
  const set = await setUp(t, detector);
  const { socket } = await set.server.next();
  writeMessage(socket, OPENED);
  await untilState(set.link, 'ready');
  return set;
}

describe('a frame that is offered', () => {
  test('passes until the model is open', async (t) => {
    const { server, link, states } = await setUp(t);
    assert.equal(link.offer(frame(1), PICTURE), undefined);
    const { request, socket } = await server.next();
    assert.equal(request.type, 'open');
    assert.equal(link.offer(frame(2), PICTURE), undefined);
    writeMessage(socket, OPENED);
    await untilState(link, 'ready');
    assert.deepEqual(states, ['loading', 'ready']);
    assert.notEqual(link.offer(frame(3), PICTURE), undefined);
  });

  test('comes back with the detector’s name, and the next may come then', async (t) => {
    const { server, link } = await ready(t, { threshold: 0.5, classes: ['dog'] });
    const taken = link.offer(frame(1), PICTURE);
    assert.equal(link.offer(frame(2), PICTURE), undefined, 'one at a time');
    const { request, payload, socket } = await server.next();
    assert.deepEqual(request, { type: 'infer', id: 1, content: [0, 0, 64, 64], threshold: 0.25, classes: ['dog'] }, 'the tracker is given weak ones too');
    assert.equal(payload.length, 64 * 64 * 3);
    assert.deepEqual(new Set(payload), new Set([100]));
    const [dog, doubtful] = [0.7, 0.3].map((score) => ({ label: 'dog', score, box: [0.1, 0.2, 0.3, 0.4] as Box }));
    writeMessage(socket, { type: 'result', id: 1, detections: [dog!, doubtful!], queueMs: 1, inferenceMs: 5, batch: 1 });
    assert.deepEqual(await taken, { status: 'done', detections: [{ detector: 'pets', ...dog! }], weak: [{ detector: 'pets', ...doubtful! }], inferenceMs: 5 });
    assert.deepEqual(link.stats(), { state: 'ready', fps: 1, inferenceMs: 5, offered: 2, taken: 1, skipped: 1, queueMs: 1, batch: 1 });
    assert.notEqual(link.offer(frame(3), PICTURE), undefined);
  });

  test('may be drawn upon at once', async (t) => {
    const { server, link } = await ready(t);
    const picture = flatPicture(64, 64, 100);
    void link.offer(frame(1), picture);
    picture.planes[0].fill(0);
    assert.deepEqual(new Set((await server.next()).payload), new Set([100]));
  });

  test('passes when the rate of the detector says so', async (t) => {
    const { server, link } = await ready(t, { every: 2 });
    const taken = link.offer(frame(1), PICTURE);
    const { socket } = await server.next();
    writeMessage(socket, { type: 'result', id: 1, detections: [], queueMs: 0, inferenceMs: 1, batch: 1 });
    await taken;
    assert.equal(link.offer(frame(2), PICTURE), undefined);
    assert.notEqual(link.offer(frame(3), PICTURE), undefined);
    assert.equal(link.offer(frame(5), PICTURE), undefined, 'it is busy');
    const { offered, taken: looked, skipped, batch, queueMs } = link.stats();
    assert.deepEqual({ offered, looked, skipped, batch, queueMs }, { offered: 4, looked: 2, skipped: 1, batch: 1, queueMs: 0 });
  });

  test('is looked at otherwise when that is asked for, over the same connection', async (t) => {
    const { server, link } = await ready(t, { every: 2 });
    link.configure({ threshold: 0.7, classes: ['cat'] });
    for (const seq of [1, 2]) {
      const taken = link.offer(frame(seq), PICTURE);
      const { request, socket } = await server.next();
      assert.deepEqual(request.type === 'infer' ? [request.threshold, request.classes] : request, [0.35, ['cat']]);
      writeMessage(socket, { type: 'result', id: seq, detections: [], queueMs: 0, inferenceMs: 1, batch: 1 });
      await taken;
    }
  });

  test('of which only a region is looked at has its boxes on the whole frame', async (t) => {
    const { server, link } = await ready(t, { region: [0.5, 0.25, 0.5, 0.75] });
    const taken = link.offer(frame(1), PICTURE);
    const { socket } = await server.next();
    writeMessage(socket, { type: 'result', id: 1, detections: [{ label: 'cat', score: 1, box: [0.5, 0, 0.5, 1] }], queueMs: 0, inferenceMs: 1, batch: 1 });
    const outcome = (await taken) as Extract<DetectorOutcome, { status: 'done' }>;
    assert.deepEqual(outcome.detections[0]!.box, [0.75, 0.25, 0.25, 0.75]);
  });

  test('is lost with a reason when it is dropped, or fails', async (t) => {
    const { server, link } = await ready(t);
    const first = link.offer(frame(1), PICTURE);
    const { socket } = await server.next();
    writeMessage(socket, { type: 'dropped', id: 1 });
    assert.equal((await first)!.status, 'lost');
    const second = link.offer(frame(2), PICTURE);
    await server.next();
    writeMessage(socket, { type: 'error', id: 2, code: 'run-failed', message: 'It broke' });
    assert.deepEqual(await second, { status: 'lost', reason: 'It broke' });
    assert.equal(link.state, 'ready');
  });
});

describe('a detector process that goes away', () => {
  test('loses the frame that it had, and is gone back to when it is there again', async (t) => {
    const { server, link, states } = await ready(t);
    const taken = link.offer(frame(1), PICTURE);
    await server.next();
    await server.die();
    assert.equal((await taken)!.status, 'lost');
    await untilState(link, 'connecting');
    assert.equal(link.offer(frame(2), PICTURE), undefined);
    await server.start();
    const { request, socket } = await server.next();
    assert.equal(request.type, 'open');
    writeMessage(socket, OPENED);
    await untilState(link, 'ready');
    assert.notEqual(link.offer(frame(3), PICTURE), undefined);
    assert.deepEqual(states, ['loading', 'ready', 'connecting', 'loading', 'ready']);
  });

  test('need not be there at first', async (t) => {
    const { server, link } = await setUp(t, {}, false);
    assert.equal(link.offer(frame(1), PICTURE), undefined);
    await server.start();
    assert.equal((await server.next()).request.type, 'open');
    assert.equal(link.stats().error, undefined);
  });

  test('and one that talks nonsense is left', async (t) => {
    const { server, link } = await ready(t);
    const taken = link.offer(frame(1), PICTURE);
    const { socket } = await server.next();
    socket.write(Buffer.from([2, 0, 0, 0, 0x7b, 0x7d, 0, 0, 0, 0]));
    assert.equal((await taken)!.status, 'lost');
    assert.equal((await server.next()).request.type, 'open', 'it connects anew');
  });
});

test('a model that can’t be used is failed, with the reason', async (t) => {
  const { server, link } = await setUp(t);
  const { socket } = await server.next();
  writeMessage(socket, { type: 'error', code: 'model-invalid', message: 'model.onnx is not an ONNX file' });
  await untilState(link, 'failed');
  assert.deepEqual(link.stats(), { state: 'failed', error: { code: 'model-invalid', message: 'model.onnx is not an ONNX file' }, fps: 0, inferenceMs: 0, offered: 0, taken: 0, skipped: 0, queueMs: 0, batch: 0 });
  assert.equal(link.offer(frame(1), PICTURE), undefined);
});

test('closing loses the frame that is looked at, closes the connection, and may be done twice', async (t) => {
  const { server, link } = await ready(t);
  const taken = link.offer(frame(1), PICTURE);
  const { socket } = await server.next();
  const closed = once(socket, 'close');
  link.close();
  link.close();
  assert.deepEqual(await taken, { status: 'lost', reason: 'The detector was closed' });
  assert.equal(link.offer(frame(2), PICTURE), undefined);
  await closed;
});
