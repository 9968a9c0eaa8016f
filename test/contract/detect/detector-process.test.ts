import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import type { ResolvedDetector } from '../../../src/pipeline/detect/index.ts';
import type { ModelManifest } from '../../../src/pipeline/detect/manifest.ts';
import { DetectorHarness, untilState } from '../../support/detector-harness.ts';
import { flatPicture, manifestOf } from '../../support/detect.ts';
import { constantDetector, hungryModel, meanDetector } from '../../support/onnx-model.ts';

const FRACTIONS: ModelManifest = manifestOf({ family: 'yolov8', threshold: 0, input: { scale: 1 / 255 }, nms: 0.5 });

function detectorOf(name: string, file: string, manifest: ModelManifest = FRACTIONS): ResolvedDetector {
  return { name, model: { name: manifest.name, file, manifest }, classes: ['cat'], threshold: 0.01 };
}

async function scoreOf(harness: DetectorHarness, link: ReturnType<DetectorHarness['link']>, luma: number): Promise<number> {
  const outcome = await harness.see(link, flatPicture(64, 64, luma));
  assert.equal(outcome.status, 'done');
  return outcome.status === 'done' ? Math.round(outcome.detections[0]!.score * 100) / 100 : Number.NaN;
}

test('the process says which execution providers work, the CPU at least', async (t) => {
  const harness = await DetectorHarness.create(t);
  const ready = await harness.start({ providers: ['no-such-provider', 'cpu'] });
  assert.deepEqual(ready, { type: 'ready', providers: ['cpu'] });
});

test('frames of several streams share one loaded model and get each their own result', async (t) => {
  const harness = await DetectorHarness.create(t);
  await harness.start();
  const file = await harness.file('mean.onnx', meanDetector());
  const links = ['a', 'b', 'c', 'd'].map((name) => harness.link(detectorOf(name, file)));
  await Promise.all(links.map((link) => untilState(link, 'ready')));
  let frames = 0;
  const counted = harness.event((event) => {
    if (event.type !== 'stats') return false;
    assert.ok(event.models.length <= 1, 'one model for all streams');
    frames += event.models[0]?.fps ?? 0;
    return frames === 20;
  });
  for (let round = 0; round < 5; round += 1) {
    const scores = await Promise.all(links.map((link, i) => scoreOf(harness, link, 51 * (i + 1))));
    assert.deepEqual(scores, [0.2, 0.4, 0.6, 0.8]);
  }
  const stats = await counted;
  assert.ok(stats.type === 'stats');
  assert.deepEqual(stats.models.map(({ name, provider }) => ({ name, provider })), [{ name: 'model', provider: 'cpu' }]);
});

test('boxes come back as fractions of the frame, letterboxed or not', async (t) => {
  const harness = await DetectorHarness.create(t);
  await harness.start();
  const file = await harness.file('mean.onnx', meanDetector());
  const link = harness.link(detectorOf('a', file, { ...FRACTIONS, input: { ...FRACTIONS.input, resize: 'letterbox' } }));
  await untilState(link, 'ready');
  // The model's box is 16…48 in both directions; the picture fills the rows 16…48.
  const outcome = await harness.see(link, flatPicture(128, 64, 255));
  assert.ok(outcome.status === 'done');
  assert.deepEqual(outcome.detections[0]!.box, [0.25, 0, 0.5, 1]);
});

describe('a model that can’t be used', () => {
  const whole = meanDetector();
  const cases: Record<string, { content: Buffer | undefined; code: string; message: RegExp; manifest?: ModelManifest }> = {
    'that is random bytes': { content: Buffer.from(Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251)), code: 'model-invalid', message: /is not an ONNX file/ },
    'that is cut off': { content: whole.subarray(0, 90), code: 'model-invalid', message: /is cut off/ },
    'with a graph of nonsense': { content: Buffer.from('08083a03414243420210 0b'.replace(' ', ''), 'hex'), code: 'model-invalid', message: /can't be loaded/ },
    'that wants terabytes': { content: hungryModel(), code: 'model-too-large', message: /needs more memory/ },
    'that is not there': { content: undefined, code: 'model-missing', message: /There is no file/ },
    'of another family': { content: whole, code: 'model-mismatch', message: /not those of the family yolox/, manifest: { ...FRACTIONS, family: 'yolox' } },
    'of another size': { content: whole, code: 'model-mismatch', message: /its manifest says \[1, 3, 32, 32\]/, manifest: manifestOf({ input: { width: 32, height: 32 } }) },
  };
  let harness: DetectorHarness;
  let good: ReturnType<DetectorHarness['link']>;
  before(async () => {
    harness = await DetectorHarness.open();
    await harness.start();
    good = harness.link(detectorOf('good', await harness.file('good.onnx', whole)));
    await untilState(good, 'ready');
  });
  after(() => harness.close());

  for (const [what, { content, code, message, manifest }] of Object.entries(cases)) {
    test(`${what} fails with a sentence, and others run on`, async () => {
      const name = what.replaceAll(' ', '-');
      const path = content === undefined ? join(harness.folder, 'none.onnx') : await harness.file(`${name}.onnx`, content);
      const bad = harness.link(detectorOf(name, path, manifest));
      await untilState(bad, 'failed');
      assert.equal(bad.error?.code, code);
      assert.match(bad.error?.message ?? '', message);
      bad.close();
      assert.equal(await scoreOf(harness, good, 102), 0.4);
      assert.ok(harness.running);
    });
  }
});

test('after kill -9 the frame in flight is lost, and frames are taken again once the process is back', async (t) => {
  const harness = await DetectorHarness.create(t);
  await harness.start();
  const file = await harness.file('mean.onnx', meanDetector());
  const links = ['a', 'b'].map((name) => harness.link(detectorOf(name, file)));
  await Promise.all(links.map((link) => untilState(link, 'ready')));
  const taken = links.map((link) => harness.see(link, flatPicture(64, 64, 100)));
  await harness.kill();
  for (const outcome of await Promise.all(taken)) assert.ok(outcome.status === 'lost' || outcome.status === 'done');
  await Promise.all(links.map((link) => untilState(link, 'connecting')));
  await harness.start();
  await Promise.all(links.map((link) => untilState(link, 'ready')));
  assert.equal(await scoreOf(harness, links[1]!, 204), 0.8);
});

describe('a client that breaks the rules', () => {
  const frames: Record<string, Buffer> = {
    'with garbage': Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    'with a picture before the model': Buffer.concat([message('{"type":"infer","id":1,"content":[0,0,1,1]}'), Buffer.alloc(4)]),
    'with a payload that is not allowed yet': Buffer.concat([message('{}'), Buffer.from([1, 0, 0, 0])]),
    'with a request that does not exist': Buffer.concat([message('{"type":"shutdown"}'), Buffer.alloc(4)]),
  };
  let harness: DetectorHarness;
  before(async () => {
    harness = await DetectorHarness.open();
    await harness.start();
  });
  after(() => harness.close());

  for (const [how, bytes] of Object.entries(frames)) {
    test(`${how} is told and disconnected`, async () => {
      const socket = connect(harness.socketPath);
      let answer = '';
      socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
      socket.write(bytes);
      await once(socket, 'close');
      assert.match(answer, /"code":"protocol"/);
      assert.ok(harness.running);
    });
  }
});

describe('the process ends', () => {
  for (const how of ['SIGTERM', { type: 'stop' }] as const) {
    test(`when it is told to by ${typeof how === 'string' ? how : 'a message'}, with a model loaded`, async (t) => {
      const harness = await DetectorHarness.create(t);
      await harness.start();
      const link = harness.link(detectorOf('a', await harness.file('mean.onnx', meanDetector())));
      await untilState(link, 'ready');
      assert.deepEqual(await harness.kill(how), { code: 0, signal: null });
    });
  }

  test('when its parent is killed', async (t) => {
    const harness = await DetectorHarness.create(t);
    const entry = join(import.meta.dirname, '../../../src/pipeline/detect/detector-process.ts');
    const options = JSON.stringify({ socket: harness.socketPath, providers: ['cpu'] });
    const script = `require('node:child_process').fork(${JSON.stringify(entry)}, [${JSON.stringify(options)}]).on('message', ({ type }) => console.log(type))`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, FRAMELOCK_LOG_LEVEL: 'silent' } });
    await once(createInterface(parent.stdout), 'line');
    const socket = connect(harness.socketPath);
    await once(socket, 'connect');
    const gone = once(socket, 'close');
    parent.kill('SIGKILL');
    await gone;
  });
});

test('a model without a fixed output is read by what it gives', async (t) => {
  const harness = await DetectorHarness.create(t);
  await harness.start();
  const content = constantDetector([
    { name: 'labels', dims: [1, 2], ints: [1, 0] },
    { name: 'boxes', dims: [1, 2, 4], floats: [0.25, 0.25, 0.75, 0.5, 0, 0, 1, 1] },
    { name: 'scores', dims: [1, 2], floats: [0.9, 0.1] },
  ]);
  const manifest = manifestOf({ family: 'detr', threshold: 0.5 });
  const link = harness.link({ name: 'a', model: { name: 'detr', file: await harness.file('detr.onnx', content), manifest } });
  await untilState(link, 'ready');
  const outcome = await harness.see(link, flatPicture(640, 480, 0));
  assert.ok(outcome.status === 'done');
  assert.deepEqual(outcome.detections.map(({ label, box }) => ({ label, box })), [{ label: 'dog', box: [0.25, 0.25, 0.5, 0.25] }]);
});

function message(header: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(header));
  return Buffer.concat([length, Buffer.from(header)]);
}
