import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { DEFAULT_MODEL, ModelShelf, ModelStore } from '../../../src/models/index.ts';
import { ModelRunner } from '../../../src/pipeline/detect/model-runner.ts';
import type { SeenObject } from '../../../src/pipeline/detect/read-outputs.ts';
import { constantDetector, type OnnxConstant } from '../../support/onnx-model.ts';
import { SHARED_DATA, withoutSharedData } from '../../support/shared-data.ts';

const BUNDLED = join(import.meta.dirname, '../../../models');

/** One box of YOLOv8 in the middle, of the second of two labels. */
const MODEL = constantDetector([{ name: 'output0', dims: [1, 6, 8], floats: sparse(48, { 0: 32, 8: 32, 16: 32, 24: 16, 40: 0.75 }) }], {
  metadata: { names: "{0: 'cat', 1: 'dog'}" },
});
const SHA256 = createHash('sha256').update(MODEL).digest('hex');

function sparse(length: number, values: Record<number, number>): number[] {
  return Array.from({ length }, (_, i) => values[i] ?? 0);
}

class Folders {
  readonly root: string;
  readonly bundled: string;
  readonly data: string;
  readonly extra: string;

  constructor(root: string) {
    this.root = root;
    this.bundled = join(root, 'bundled');
    this.data = join(root, 'data');
    this.extra = join(root, 'extra');
  }

  async write(path: string, content: Buffer | object): Promise<string> {
    const target = join(this.root, path);
    await mkdir(join(target, '..'), { recursive: true });
    await writeFile(target, Buffer.isBuffer(content) ? content : stringify(content));
    return target;
  }

  store(bundled = this.bundled): ModelStore {
    return new ModelStore({ bundledDir: bundled, dataDir: this.data, extraDir: this.extra });
  }
}

async function setUp(t: TestContext): Promise<Folders> {
  const root = await mkdtemp(join(tmpdir(), 'framelock-models-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  return new Folders(root);
}

const KNOWN = { name: 'pets', family: 'yolov8', labels: ['cat', 'dog'], input: { width: 64, height: 64, layout: 'nchw' }, sha256: SHA256, licence: 'MIT' };

describe('a file without a manifest', () => {
  const FAMILIES: Record<string, { outputs: (OnnxConstant & { ints?: number[] })[]; seen: SeenObject[] }> = {
    yolox: {
      outputs: [{ name: 'output', dims: [1, 84, 6], floats: sparse(504, { [80 * 6]: 0.5, [80 * 6 + 1]: 0.5, [80 * 6 + 4]: 1, [80 * 6 + 5]: 1 }) }],
      seen: [{ label: 'object', score: 1, box: [0, 0, 0.5, 0.5] }],
    },
    yolov8: {
      outputs: [{ name: 'output', dims: [1, 252, 85], floats: sparse(252 * 85, { 0: 32, 1: 32, 2: 32, 3: 64, 4: 1, 7: 1 }) }],
      seen: [{ label: 'car', score: 1, box: [0.25, 0, 0.5, 1] }],
    },
    end2end: {
      outputs: [{ name: 'output0', dims: [1, 5, 6], floats: sparse(30, { 0: 16, 1: 32, 2: 48, 3: 64, 4: 1, 5: 2 }) }],
      seen: [{ label: 'car', score: 1, box: [0.25, 0.5, 0.5, 0.5] }],
    },
    detr: {
      outputs: [
        { name: 'labels', dims: [1, 1], ints: [7] },
        { name: 'boxes', dims: [1, 1, 4], floats: [0.25, 0.5, 0.75, 1] },
        { name: 'scores', dims: [1, 1], floats: [1] },
      ],
      seen: [{ label: 'truck', score: 1, box: [0.25, 0.5, 0.5, 0.5] }],
    },
    ssd: {
      outputs: [
        { name: 'scores', dims: [1, 2, 2], floats: [1, 0, 0, 1] },
        { name: 'boxes', dims: [1, 2, 4], floats: [0, 0, 1, 1, 0.5, 0.5, 1, 0.75] },
      ],
      seen: [{ label: 'face', score: 1, box: [0.5, 0.5, 0.5, 0.25] }],
    },
    fastestdet: {
      outputs: [{ name: 'out', dims: [1, 85, 4, 4], floats: sparse(85 * 16, { 5: 1, [5 * 16 + 5]: 1 }) }],
      seen: [{ label: 'person', score: 1, box: [0, 0, 0.5, 0.5] }],
    },
  };
  for (const [family, { outputs, seen }] of Object.entries(FAMILIES)) {
    test(`of the family ${family} is understood from its outputs, and run`, async (t) => {
      const folders = await setUp(t);
      await folders.write('extra/thing.onnx', constantDetector(outputs));
      const model = await folders.store().resolve('thing');
      assert.equal(model.manifest.family, family);
      const runner = await ModelRunner.load(model, { threads: 1, providers: ['cpu'] });
      const [result] = await runner.run([{ picture: new Uint8Array(64 * 64 * 3), content: [0, 0, 64, 64] }]);
      await runner.release();
      assert.deepEqual(result, seen);
    });
  }

  test('is known again by its content, under its own name', async (t) => {
    const folders = await setUp(t);
    await folders.write('bundled/pets/model.yaml', KNOWN);
    await folders.write('extra/copy.onnx', MODEL);
    const store = folders.store();
    assert.deepEqual((await store.list()).map(({ name, state, licence }) => ({ name, state, licence })), [
      { name: 'copy', state: 'ready', licence: 'MIT' },
      { name: 'pets', state: 'ready', licence: 'MIT' },
    ]);
    assert.equal((await store.resolve('pets')).file, join(folders.extra, 'copy.onnx'));
    assert.equal((await store.resolve('copy')).manifest.name, 'copy');
  });

  test('that can’t be understood is listed with what it lacks, and disturbs no other', async (t) => {
    const folders = await setUp(t);
    await folders.write('extra/odd.onnx', constantDetector([{ name: 'features', dims: [1, 3], floats: [1, 2, 3] }]));
    await folders.write('extra/junk.onnx', Buffer.from('junk'));
    await folders.write('extra/pets.onnx', MODEL);
    await folders.write('extra/with space.onnx', MODEL);
    const infos = await folders.store().list();
    assert.deepEqual(infos.map(({ name, state, error }) => [name, state, error?.code]), [
      ['junk', 'broken', 'model-broken'],
      ['odd', 'broken', 'model-ambiguous'],
      ['pets', 'ready', undefined],
      ['with space', 'broken', 'model-broken'],
    ]);
    await assert.rejects(folders.store().resolve('odd'), { code: 'model-ambiguous', message: /`family`/ });
  });
});

describe('a manifest', () => {
  test('beside a file is used, and a wrong setting in it is named', async (t) => {
    const folders = await setUp(t);
    await folders.write('extra/pets.onnx', MODEL);
    await folders.write('extra/pets.yaml', { labels: ['Katze', 'Hund'], threshold: 0.6 });
    assert.deepEqual((await folders.store().resolve('pets')).manifest.labels, ['Katze', 'Hund']);
    await folders.write('extra/pets.yaml', { threshold: 6 });
    await assert.rejects(folders.store().resolve('pets'), { code: 'model-broken', message: /pets\.yaml: threshold: / });
  });

  test('whose file is another than it says is broken', async (t) => {
    const folders = await setUp(t);
    await folders.write('bundled/pets/model.yaml', KNOWN);
    await folders.write('bundled/pets/pets.onnx', Buffer.concat([MODEL, Buffer.from([0])]));
    await assert.rejects(folders.store().resolve('pets'), { code: 'model-broken', message: /sha256 differs/ });
  });

  test('without a file says how to get it', async (t) => {
    const folders = await setUp(t);
    await folders.write('bundled/pets/model.yaml', { ...KNOWN, url: 'https://example.org/pets.onnx' });
    const [info] = await folders.store().list();
    assert.equal(info?.state, 'not-downloaded');
    assert.equal(info?.labels?.length, 2);
    await assert.rejects(folders.store().resolve('pets'), { code: 'model-not-downloaded', message: /framelock models get pets/ });
    await assert.rejects(folders.store().resolve('cars'), { code: 'model-unknown', message: /no model cars\. Known are: pets/ });
  });
});

describe('adding', () => {
  test('keeps a copy of file and manifest', async (t) => {
    const folders = await setUp(t);
    const file = await folders.write('elsewhere/x.onnx', MODEL);
    await folders.write('elsewhere/x.yaml', { threshold: 0.9 });
    const store = folders.store();
    const model = await store.add(file, { name: 'pets' });
    await rm(file);
    assert.equal(model.file, join(folders.data, 'models/pets.onnx'));
    assert.equal((await store.resolve('pets')).manifest.threshold, 0.9);
    await assert.rejects(store.add(file, { name: 'pets' }), { message: /There is a model pets already/ });
  });

  test('keeps nothing of what can’t be used', async (t) => {
    const folders = await setUp(t);
    await folders.write('bundled/pets/model.yaml', { ...KNOWN, sha256: '0'.repeat(64) });
    const store = folders.store();
    await assert.rejects(store.add(await folders.write('x.onnx', MODEL.subarray(0, 80)), { name: 'x' }), { code: 'model-broken', message: /cut off/ });
    await assert.rejects(store.add(join(folders.root, 'none.onnx'), { name: 'x' }), { code: 'model-broken', message: /There is no file/ });
    await assert.rejects(store.add(await folders.write('y.onnx', MODEL), { name: '../y' }), { code: 'model-broken', message: /is no name/ });
    await assert.rejects(store.add(await folders.write('z.onnx', MODEL), { name: 'pets' }), { code: 'model-broken', message: /not the file of the known model/ });
    assert.equal(existsSync(join(folders.data, 'models')), false);
  });
});

describe('fetching', () => {
  async function served(t: TestContext): Promise<{ folders: Folders; requests: string[] }> {
    const folders = await setUp(t);
    const requests: string[] = [];
    const server = createServer((request, response) => {
      requests.push(request.url!);
      response.end(request.url === '/model.onnx' ? MODEL : undefined);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    await folders.write(`bundled/${DEFAULT_MODEL}/model.yaml`, { ...KNOWN, name: DEFAULT_MODEL, url: `http://127.0.0.1:${port}/model.onnx` });
    return { folders, requests };
  }

  test('asks once, however often it is asked for, and not again', async (t) => {
    const { folders, requests } = await served(t);
    const store = folders.store();
    await Promise.all([store.get(DEFAULT_MODEL), store.get(DEFAULT_MODEL)]);
    const { file } = await store.get(DEFAULT_MODEL);
    assert.equal(file, join(folders.data, 'models', `${DEFAULT_MODEL}.onnx`));
    assert.deepEqual(requests, ['/model.onnx']);
    assert.deepEqual((await store.list()).map(({ name, origin, state }) => ({ name, origin, state })), [{ name: DEFAULT_MODEL, origin: 'bundled', state: 'ready' }]);
  });

  test('the default happens behind the server’s back, which hears of it', async (t) => {
    const { folders } = await served(t);
    const shelf = await ModelShelf.open(folders.store(), pino({ level: 'silent' }));
    const states = [shelf.list()[0]!.state];
    shelf.on('changed', () => states.push(shelf.list()[0]!.state));
    await shelf.fetchDefault();
    await shelf.fetchDefault();
    assert.deepEqual(states, ['not-downloaded', 'downloading', 'ready']);
  });

  test('that fails says what to do, and leaves the rest as it is', async (t) => {
    const folders = await setUp(t);
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await folders.write(`bundled/${DEFAULT_MODEL}/model.yaml`, { ...KNOWN, name: DEFAULT_MODEL, url: `http://127.0.0.1:${port}/model.onnx` });
    await assert.rejects(folders.store().get(DEFAULT_MODEL), { code: 'model-download', message: /ECONNREFUSED.*framelock models add FILE --name/ });
    const shelf = await ModelShelf.open(folders.store(), pino({ level: 'silent' }));
    await shelf.fetchDefault();
    assert.equal(shelf.list()[0]!.state, 'not-downloaded');
  });
});

test('checking runs the model and says what it saw of it', async (t) => {
  const folders = await setUp(t);
  await folders.write('extra/pets.onnx', MODEL);
  const { facts, model, assumed } = await folders.store().check('pets');
  assert.deepEqual(facts.outputs, [{ name: 'output0', type: 'float32', dims: [1, 6, 8] }]);
  assert.deepEqual(model.manifest.labels, ['cat', 'dog']);
  assert.ok(assumed.includes('input.color'));
  assert.ok(facts.runMs !== undefined && facts.runMs >= 0);
});

test('the models that come with Framelock have whole manifests', async (t) => {
  const folders = await setUp(t);
  const infos = await folders.store(BUNDLED).list();
  for (const name of ['yolox-nano', 'deimv2-atto', 'deimv2-femto']) {
    const info = infos.find((one) => one.name === name);
    assert.equal(info?.error, undefined);
    assert.equal(info?.licence, 'Apache-2.0');
    assert.equal(info?.labels?.length, 80);
    assert.equal(info?.assumed, undefined);
  }
});

test('real files without manifests are understood, and known ones recognised', { skip: withoutSharedData }, async (t) => {
  const folders = await setUp(t);
  const store = new ModelStore({ bundledDir: BUNDLED, dataDir: folders.data, extraDir: join(SHARED_DATA, 'models') });
  const infos = await store.list();
  const families = Object.fromEntries(infos.filter(({ state, origin }) => state === 'ready' && origin === 'folder').map(({ name, family }) => [name, family]));
  assert.deepEqual(families, {
    FastestDet_352: 'fastestdet',
    deimv2_hgnetv2_atto_coco: 'detr',
    deimv2_hgnetv2_femto_coco: 'detr',
    light_person_detector: 'yolox',
    nanodet_m_416: 'gfl',
    picodet_s_320_coco: 'gfl',
    'ultraface_version-RFB-320': 'ssd',
    yolox_nano_416: 'yolox',
  });
  assert.equal(infos.find(({ name }) => name === 'yunet_n_320_320')?.error?.code, 'model-ambiguous');
  for (const name of ['yolox-nano', 'deimv2-atto', 'deimv2-femto']) assert.equal(infos.find((info) => info.name === name)?.state, 'ready');
});
