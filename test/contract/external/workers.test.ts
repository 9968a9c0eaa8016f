import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import { SUBPROTOCOL } from '../../../src/pipeline/detect/external/wire.ts';
import { readTimecode } from '../../../src/demo/timecode.ts';
import type { CatalogEntry } from '../../../src/detectors/catalog-entry.ts';
import type { StreamView } from '../../../src/streams/view.ts';
import { messagesOf } from '../../support/annotation-events.ts';
import { descendants, type Descendant } from '../../support/processes.ts';
import { coded, DetectorWorker, numberOf, type WorkerFrame } from '../../support/detector-worker.ts';
import { LiveServer } from '../../support/live-server.ts';

const TOKEN = 'for-the-test';
/** Of the detector `theirs`. */
const THEIRS = 'for-their-workers';
/** The longest that there is. */
const DEADLINE_MS = 5000;

let server: LiveServer;
before(async () => {
  server = await LiveServer.start({ token: TOKEN });
  await server.call('POST', '/api/detectors', { name: 'mine', endpoint: 'worker' });
  await server.call('POST', '/api/detectors', { name: 'theirs', endpoint: 'worker', token: THEIRS });
  await server.call('POST', '/api/streams', { id: 'coded', source: 'demo://street?timecode=1&fps=15', detectors: ['mine'], deadlineMs: 1000 });
  await server.until<StreamView>('coded', ({ state, stats }) => state === 'live' && stats.detectors['mine']?.state === 'waiting');
});
after(() => server[Symbol.asyncDispose]());

/** Reads messages until one is as wanted; each must follow the one before it, with results of its own frame only. */
async function follow(wanted: (message: AnnotationMessage) => boolean | void): Promise<void> {
  let last: number | undefined;
  for await (const message of messagesOf(server, 'coded')) {
    assert.ok(last === undefined || message.seq === last + 1, `after frame ${last} came ${message.seq}`);
    last = message.seq;
    const age = message.detectors['mine']?.age;
    for (const detection of message.detections.filter(({ label }) => label === 'number')) {
      assert.equal(numberOf(detection), (message.seq - (age ?? 0)) % 1000, `a result of another frame on ${message.seq}, of age ${age}`);
    }
    if (wanted(message) === true) return;
  }
}

const own = ({ detectors, detections }: AnnotationMessage): boolean => detectors['mine']?.age === 0 && detections.length > 0;

describe('the frames that a worker gets', () => {
  it('are JPEG in its size and quality, with the identity of the frame', async () => {
    using worker = await DetectorWorker.connect(server, { format: 'jpeg', width: 640, height: 640, quality: 95 });
    const { picture, format, width, height, source, region, stream, seq, capturedAt, rtp } = await worker.frame();
    assert.deepEqual({ format, width, height, source, region, stream }, { format: 'jpeg', width: 640, height: 360, source: { width: 1280, height: 720 }, region: [0, 0, 1, 1], stream: 'coded' });
    assert.equal(Math.round(capturedAt * 90) % 2 ** 32, rtp);
    const { data, info } = await sharp(picture).resize(1280, 720, { kernel: 'nearest' }).greyscale().raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height], [1280, 720]);
    assert.deepEqual(readTimecode(data, 1280), { seq, capturedAt: Math.floor(capturedAt) });
  });

  it('are pixels, where it wants that, stretched to its size or made to fit', async () => {
    for (const [wishes, size] of [
      [{ format: 'rgb', width: 320, height: 320, resize: 'stretch' }, [320, 320]],
      [{ format: 'rgb', width: 3840, height: 2160 }, [1280, 720]],
    ] as const) {
      using worker = await DetectorWorker.connect(server, wishes);
      const { picture, width, height } = await worker.frame();
      assert.deepEqual([width, height], size);
      assert.equal(picture.length, width * height * 3);
    }
  });

  it('are no more than its rate and its credits', async () => {
    using slow = await DetectorWorker.connect(server, { format: 'rgb', width: 64, height: 64, fps: 4 });
    slow.work();
    for (let n = 0; n < 8; n += 1) await slow.frame();
    // One that comes late is made up for by the next, so that only many of them tell their rate: 7 at 4 a second, less one that was late.
    const times = slow.frames.map(({ capturedAt }) => capturedAt - slow.frames[0]!.capturedAt);
    assert.ok(times[7]! > 1400, times.join());
    slow[Symbol.dispose]();

    using idle = await DetectorWorker.connect(server, { format: 'rgb', width: 64, height: 64, credits: 3 });
    while (idle.frames.length < 3) await idle.frame();
    await follow(after30());
    assert.equal(idle.frames.length, 3, 'without an answer there are no more');
  });

  it('show the region that is looked at, and boxes come back to where they belong in the frame', async () => {
    await server.call('PATCH', '/api/detectors/mine', { region: [0.5, 0.5, 0.25, 0.5] });
    try {
      using worker = await DetectorWorker.connect(server, { format: 'rgb', width: 320, height: 360 });
      let frame = await worker.frame();
      // The stream may hear of the region after the worker.
      for (; frame.region[0] === 0; frame = await worker.frame()) worker.answer(frame);
      assert.deepEqual([frame.width, frame.height, frame.region], [320, 360, [0.5, 0.5, 0.25, 0.5]]);
      worker.answer(frame, [{ label: 'half', box: [0.5, -0.5, 1, 1] }]);
      await follow(({ detections }) => {
        const half = detections.find(({ label }) => label === 'half');
        if (half !== undefined) assert.deepEqual([half.box, half.score], [[0.625, 0.5, 0.125, 0.25], 1]);
        return half !== undefined;
      });
    } finally {
      await server.call('PATCH', '/api/detectors/mine', { region: null });
    }
  });
});

describe('results', () => {
  it('belong to their frame, whichever of two workers gave them, and both have their share', async () => {
    using one = await DetectorWorker.connect(server, { format: 'rgb', width: 64, height: 64 });
    using two = await DetectorWorker.connect(server, { format: 'jpeg', width: 128, height: 128 });
    await server.until<StreamView>('coded', ({ stats }) => stats.detectors['mine']?.workers === 2);
    // Each keeps its frames for longer than it takes until the next comes: one alone would miss every other one.
    for (const worker of [one, two]) worker.on('frame', (frame) => setTimeout(() => worker.answer(frame, [coded(frame.seq)]), 90));
    one.frames.forEach((frame) => one.answer(frame));
    two.frames.forEach((frame) => two.answer(frame));
    let seen = 0;
    await follow((message) => {
      if (own(message)) seen += 1;
      return seen === 30;
    });
    const numbers = [one, two].map(({ frames }) => frames.map(({ seq }) => seq));
    assert.equal(new Set(numbers.flat()).size, numbers.flat().length, 'a frame was given twice');
    assert.ok(numbers.every(({ length }) => length > 8), numbers.map(({ length }) => length).join());
  });

  it('of a worker that dies are lost at once, and the other one goes on', async () => {
    const dying = await DetectorWorker.connect(server, { format: 'rgb', width: 64, height: 64 });
    using other = await DetectorWorker.connect(server, { format: 'rgb', width: 64, height: 64 });
    const frame = await dying.frame();
    const before_ = await lost();
    dying[Symbol.dispose]();
    other.work();
    await follow((message) => message.seq > frame.seq && own(message));
    await server.until<StreamView>('coded', ({ stats }) => (stats.detectors['mine']?.lost ?? 0) > before_ && stats.detectors['mine']?.workers === 1);
  });

  it('are shown as they age while nobody is there, and the stream says that it waits', async () => {
    const worker = await DetectorWorker.connect(server, { format: 'rgb', width: 64, height: 64 });
    worker.work();
    await follow(own);
    worker[Symbol.dispose]();
    // Until then, results that it has given may be on their way.
    await server.until<StreamView>('coded', ({ stats }) => stats.detectors['mine']?.state === 'waiting' && stats.detectors['mine'].workers === 0);
    const ages: number[] = [];
    await follow(({ detectors }) => ages.push(detectors['mine']!.age) > 20);
    assert.deepEqual(ages, ages.map((_age, n) => ages[0]! + n));
    assert.equal((await server.call<CatalogEntry>('GET', '/api/detectors/mine')).stats?.state, 'waiting');
    using back = await DetectorWorker.connect(server, { format: 'rgb', width: 64, height: 64 });
    back.work();
    await follow(own);
    await server.until<StreamView>('coded', ({ stats }) => {
      const { state, workers, fps = 0, roundTripMs = 0 } = stats.detectors['mine']!;
      return state === 'ready' && workers === 1 && fps > 0 && roundTripMs > 0;
    });
  });

  it('that take their time hold up no video where it does not wait', async () => {
    await server.call('PATCH', '/api/streams/coded', { sync: 'predict', deadlineMs: DEADLINE_MS });
    try {
      using worker = await DetectorWorker.connect(server, { format: 'rgb', width: 64, height: 64 });
      let [results, answered, age] = [0, 0, Infinity];
      await follow(({ seq, capturedAt, detectors }) => {
        // Answered when it has been shown: video that waited would do so until its deadline.
        const frame = worker.frames[answered];
        if (frame !== undefined && seq >= frame.seq) {
          const delay = Date.now() - capturedAt;
          assert.ok(delay < 0.8 * DEADLINE_MS, `a frame left ${delay} ms after it was captured`);
          worker.answer(frame, [{ label: 'late', box: [0.4, 0.4, 0.2, 0.2] }]);
          answered += 1;
        }
        const now = detectors['mine']?.age ?? Infinity;
        if (now < age) results += 1;
        age = now;
        return results === 4;
      });
      assert.ok(answered > 1);
    } finally {
      await server.call('PATCH', '/api/streams/coded', { sync: 'exact', deadlineMs: 1000 });
    }
  });

  it('are shared out among streams, so that each gets its turn', async () => {
    await server.call('POST', '/api/streams', { id: 'second', source: 'demo://street?width=320&height=180&fps=30', detectors: ['mine'], deadlineMs: 500 });
    try {
      using worker = await DetectorWorker.connect(server, { format: 'rgb', width: 64, height: 64 });
      worker.frames.forEach((frame) => worker.answer(frame));
      worker.on('frame', (frame) => setTimeout(() => worker.answer(frame), 30));
      while ((await worker.frame()).stream !== 'second');
      const turns: string[] = [];
      while (turns.length < 40) turns.push((await worker.frame()).stream);
      // The first ones are those of a process that has just begun.
      const slower = turns.slice(10).filter((stream) => stream === 'coded').length;
      assert.ok(slower >= 10 && slower <= 20, `${slower} of 30 frames were of the slower stream: ${turns.join(' ')}`);
    } finally {
      await server.call('DELETE', '/api/streams/second');
    }
  });
});

describe('who may not connect', () => {
  for (const [what, init, status, said] of [
    ['without a token', { headers: {} }, 401, /token/i],
    ['with a wrong token', { headers: { Authorization: 'Bearer wrong' } }, 401, /token is wrong/i],
    ['with the token of another detector', { headers: { Authorization: `Bearer ${THEIRS}` } }, 401, /token is wrong/i],
    ['without the token of the detector', { name: 'theirs', headers: {} }, 401, /token/i],
    ['under a name that nobody has', { name: 'nobody' }, 404, /nobody/],
    ['under the name of a model', { name: 'street-nano' }, 404, /street-nano/],
    ['without the subprotocol', { protocols: [] }, 400, /Sec-WebSocket-Protocol.*framelock\.detector\.v1/],
    ['with another subprotocol', { protocols: ['framelock.detector.v9'] }, 400, /Sec-WebSocket-Protocol/],
  ] as const) {
    it(`is refused ${what}, with ${status} and the reason`, async () => {
      await assert.rejects(DetectorWorker.connect(server, {}, init), ({ message }: Error) => message.startsWith(String(status)) && said.test(message));
    });
  }

  it('but with a token of the detector’s own, or the server’s, which is not in the log', async () => {
    for (const token of [THEIRS, TOKEN]) {
      using worker = await DetectorWorker.connect(server, {}, { name: 'theirs', headers: { Authorization: `Bearer ${token}` } });
      assert.equal(worker.socket.protocol, SUBPROTOCOL);
    }
    const elsewhere = await fetch(`${server.url}/api/detectors`, { headers: { Authorization: `Bearer ${THEIRS}` } });
    assert.equal(elsewhere.status, 401, 'it opens nothing else');
    assert.doesNotMatch(server.log, new RegExp(THEIRS));
  });

  it('but the token may stand in the address', async () => {
    using worker = await DetectorWorker.connect(server, {}, { name: `mine?access_token=${TOKEN}`, headers: {}, protocols: ['other', SUBPROTOCOL] });
    assert.equal(worker.socket.protocol, SUBPROTOCOL);
  });
});

describe('a hostile worker', () => {
  for (const [what, hello, path] of [
    ['a format that there is not', { format: 'png' }, 'format'],
    ['too many credits', { credits: 5 }, 'credits'],
    ['a picture that is too large', { width: 100_000 }, 'width'],
    ['no rate', { fps: 0 }, 'fps'],
    ['a field that there is not', { colour: 'red' }, 'colour'],
  ] as const) {
    it(`that asks for ${what} hears which field is wrong, and is sent away`, async () => {
      using worker = await DetectorWorker.connect(server, null);
      worker.say({ type: 'hello', ...hello });
      const { code, errors, message } = await worker.heardOf('error');
      assert.equal(code, 'invalid');
      assert.deepEqual(errors.map((error) => error.path), [path]);
      assert.ok(message.startsWith(`${path}: `), message);
      assert.equal((await worker.closed()).code, 4400);
    });
  }

  const box = [0.1, 0.1, 0.1, 0.1];
  for (const [what, text, code, path] of [
    ['no JSON', () => '{"type":', 'no-json', undefined],
    ['NaN', ({ seq }: WorkerFrame) => `{"type":"result","stream":"coded","seq":${seq},"detections":[{"label":"x","box":[NaN,0,1,1]}]}`, 'no-json', undefined],
    ['a box beyond all bounds', of([{ label: 'x', box: [1e9, 0, 1, 1] }]), 'invalid', 'detections[0].box[0]'],
    ['a box without a size', of([{ label: 'x', box: [0, 0, 1] }]), 'invalid', 'detections[0].box'],
    ['a box turned inside out', of([{ label: 'x', box: [0, 0, -1, 1] }]), 'invalid', 'detections[0].box[2]'],
    ['a label without an end', of([{ label: 'x'.repeat(101), box }]), 'invalid', 'detections[0].label'],
    ['a score above one', of([{ label: 'x', box }, { label: 'x', score: 7, box }]), 'invalid', 'detections[1].score'],
    ['too many detections', of(Array.from({ length: 1001 }, () => ({ label: 'x', box }))), 'invalid', 'detections'],
    ['another frame', ({ seq }: WorkerFrame) => result(seq + 1), 'unknown-frame', 'seq'],
    ['another stream', ({ seq }: WorkerFrame) => result(seq, [], 'other'), 'unknown-frame', 'stream'],
    ['a number that is none', () => result('7'), 'invalid', 'seq'],
    ['a type that there is not', () => JSON.stringify({ type: 'resolut' }), 'invalid', 'type'],
    ['a second hello', () => JSON.stringify({ type: 'hello' }), 'out-of-order', undefined],
  ] as const) {
    it(`that says ${what} hears what is wrong; video goes on, and so does it`, async () => {
      using worker = await DetectorWorker.connect(server, { format: 'rgb', width: 64, height: 64 });
      worker.say(text(await worker.frame()));
      const error = await worker.heardOf('error');
      assert.equal(error.code, code);
      if (path !== undefined) assert.deepEqual([error.errors[0]?.path, error.message.startsWith(`${path}: `)], [path, true], error.message);
      worker.work();
      await follow(own);
    });
  }

  it('that says nothing right for long is sent away', async () => {
    using worker = await DetectorWorker.connect(server, {});
    for (let n = 0; n < 10; n += 1) worker.say('nonsense');
    assert.equal((await worker.closed()).code, 4400);
    assert.equal(worker.heard.filter(({ type }) => type === 'error').length, 10);
  });

  it('that answers before its hello is sent away', async () => {
    using worker = await DetectorWorker.connect(server, null);
    worker.answer({ stream: 'coded', seq: 1 });
    assert.equal((await worker.heardOf('error')).code, 'out-of-order');
    assert.equal((await worker.closed()).code, 4400);
  });

  it('that sends a million detections is cut off', async () => {
    using worker = await DetectorWorker.connect(server, { format: 'rgb', width: 64, height: 64 });
    worker.answer(await worker.frame(), Array.from({ length: 1_000_000 }, () => ({ label: 'x', box })));
    assert.equal((await worker.closed()).code, 1009);
    await follow(after30());
  });

  it('that sends bytes hears that texts are spoken', async () => {
    using worker = await DetectorWorker.connect(server, {});
    worker.socket.send(Buffer.alloc(10));
    assert.match((await worker.heardOf('error')).message, /binary/);
  });

  it('that never answers is sent away after ten seconds, and its frame is lost', async () => {
    using worker = await DetectorWorker.connect(server, { format: 'rgb', width: 64, height: 64 });
    const before_ = await lost();
    const { seq } = await worker.frame();
    const { code, reason } = await worker.closed();
    assert.equal(code, 4408);
    assert.match(reason, new RegExp(`Frame ${seq} of “coded”`));
    await server.until<StreamView>('coded', ({ stats }) => (stats.detectors['mine']?.lost ?? 0) > before_);
  });

  it('can’t come in any number', async () => {
    const workers = await Promise.all(Array.from({ length: 16 }, () => DetectorWorker.connect(server, { width: 64, height: 64 })));
    using more = await DetectorWorker.connect(server, null);
    assert.equal((await more.closed()).code, 4429);
    for (const worker of workers) worker[Symbol.dispose]();
    await server.until<StreamView>('coded', ({ stats }) => stats.detectors['mine']?.workers === 0);
  });
});

describe('the process of external detectors', () => {
  it('leaves no worker waiting whose connection was on its way to it when it was killed', async () => {
    const [{ pid }] = descendants(server.pid, 'external-process') as [Descendant];
    process.kill(pid, 'SIGSTOP');
    const connecting = [1, 2, 3].map(() => DetectorWorker.connect(server, null));
    // What is asked after them, one thing after the other, is answered after they were handed over.
    for (const _one of connecting) await server.call('GET', '/api/detectors/mine');
    process.kill(pid, 'SIGKILL');
    for (const { status } of await Promise.allSettled(connecting)) assert.equal(status, 'rejected');
  });

  it('comes back when it is killed, takes workers again, and video goes on meanwhile', async () => {
    using _worker = DetectorWorker.keepAtWork(server, { format: 'rgb', width: 64, height: 64 });
    await follow(own);
    const [{ pid }] = descendants(server.pid, 'external-process') as [Descendant];
    let killed = false;
    let aged = false;
    await follow((message) => {
      if (!killed) killed = process.kill(pid, 'SIGKILL');
      const now = descendants(server.pid, 'external-process');
      const another = now.length === 1 && now[0]!.pid !== pid;
      aged ||= another && message.detectors['mine']!.age > 0;
      return aged && own(message);
    });
  });
});

describe('a detector', () => {
  it('that is removed sends its workers away', async () => {
    await server.call('POST', '/api/detectors', { name: 'brief', endpoint: 'worker' });
    using worker = await DetectorWorker.connect(server, {}, { name: 'brief' });
    await server.call('DELETE', '/api/detectors/brief');
    assert.equal((await worker.closed()).code, 4404);
  });
});

describe('a server that ends', () => {
  it('tells its workers, and does not wait for them', async () => {
    using worker = await DetectorWorker.connect(server, { format: 'rgb', width: 64, height: 64 });
    await worker.frame();
    assert.equal(await server.end(), 0, 'it did not end in order');
    assert.equal((await worker.closed()).code, 1001);
  });
});

function of(detections: unknown): (frame: WorkerFrame) => string {
  return ({ seq }) => result(seq, detections);
}

function result(seq: unknown, detections: unknown = [], stream = 'coded'): string {
  return JSON.stringify({ type: 'result', stream, seq, detections });
}

/** True for the 30th message. */
function after30(): () => boolean {
  let count = 0;
  return () => (count += 1) > 30;
}

async function lost(): Promise<number> {
  return (await server.call<StreamView>('GET', '/api/streams/coded')).stats.detectors['mine']?.lost ?? 0;
}
