import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ModelProbe, probeProviders } from '../../../src/pipeline/detect/model-probe.ts';
import { endlessModel, hungryModel, meanDetector } from '../../support/onnx-model.ts';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'framelock-probe-'));
});
after(() => rm(folder, { recursive: true }));

async function file(name: string, content: Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

test('a file tells its inputs, and its outputs as a run gives them', async () => {
  const { facts, sha256 } = await new ModelProbe().facts(await file('mean.onnx', meanDetector()));
  assert.deepEqual(facts.inputs, [{ name: 'images', type: 'float32', dims: ['batch', 3, 64, 64] }]);
  assert.deepEqual(facts.outputs, [{ name: 'output0', type: 'float32', dims: [1, 6, 8] }]);
  assert.equal(typeof facts.runMs, 'number');
  assert.match(sha256, /^[0-9a-f]{64}$/);
});

test('what was learnt is remembered over restarts, by content', async () => {
  const cacheDir = join(folder, 'cache');
  const first = await new ModelProbe({ cacheDir }).facts(await file('one.onnx', meanDetector()));
  // No process is started within no time: what comes now was remembered.
  const again = await new ModelProbe({ cacheDir, timeoutMs: 0 }).facts(await file('copy.onnx', meanDetector()));
  assert.deepEqual(again, first);
  assert.equal((await readdir(cacheDir)).length, 1);
});

test('a file that never ends is stopped', async () => {
  const probe = new ModelProbe({ timeoutMs: 1500 });
  await assert.rejects(probe.facts(await file('endless.onnx', endlessModel())), { code: 'model-timeout', message: /within 1\.5 s/ });
});

test('a file that wants terabytes is refused', async () => {
  await assert.rejects(new ModelProbe().facts(await file('hungry.onnx', hungryModel())), { code: 'model-too-large' });
});

test('a process that dies without a word is a crash of the model', { skip: process.platform === 'win32' }, async () => {
  // With so little memory Node itself can't begin.
  const probe = new ModelProbe({ memoryBytes: 1 << 20 });
  await assert.rejects(probe.facts(await file('mean.onnx', meanDetector())), { code: /^model-(crashed|too-large)$/ });
});

test('providers that do not work are passed over with a reason', async () => {
  const { works, skipped } = await probeProviders(['no-such-provider']);
  assert.deepEqual(works, ['cpu']);
  assert.deepEqual(skipped.map(({ provider }) => provider), ['no-such-provider']);
  assert.notEqual(skipped[0]!.reason, '');
});
