import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { constantDetector } from '../../support/onnx-model.ts';

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts');
let folder: string;
let file: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'framelock-cli-'));
  file = join(folder, 'pets.onnx');
  const model = constantDetector([{ name: 'output0', dims: [1, 6, 8], floats: Array.from({ length: 48 }, () => 0) }], { metadata: { names: "{0: 'cat', 1: 'dog'}" } });
  await writeFile(file, model);
});
after(() => rm(folder, { recursive: true, force: true }));

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env['PATH'], FRAMELOCK_DATA_DIR: join(folder, 'data') };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { env, cwd: folder }, (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }));
  });
}

test('a model is added, listed and checked', async () => {
  const added = await run('models', 'add', file);
  assert.deepEqual(added, { code: 0, stdout: 'pets was added: family yolov8, 2 labels\n', stderr: '' });
  const listed = await run('models', 'list');
  assert.match(listed.stdout, /^NAME +STATE +FAMILY/);
  assert.match(listed.stdout, /^pets +ready +yolov8 +64×64 +2 labels +added$/m);
  const checked = await run('models', 'check', 'pets');
  assert.equal(checked.code, 0);
  assert.match(checked.stdout, /^pets works\n(.*\n)*outputs +output0 float32 \[1, 6, 8\]\n/);
  assert.match(checked.stdout, /labels +cat, dog\n/);
});

test('everything can be had as JSON', async () => {
  const { code, stdout } = await run('models', 'list', '--json');
  assert.equal(code, 0);
  const names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  assert.ok(names.includes('yolox-nano'));
});

test('what can’t be done exits with 1 and a sentence', async () => {
  const unknown = await run('models', 'check', 'nope');
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /^There is no model nope\. Known are: /);
  const junk = join(folder, 'junk.onnx');
  await writeFile(junk, 'junk');
  assert.deepEqual(await run('models', 'add', junk), { code: 1, stdout: '', stderr: 'junk.onnx is not an ONNX file\n' });
});

test('a command line that is not understood exits with 2 and help', async () => {
  for (const args of [['models', 'frobnicate'], ['models', 'get'], ['--no-such-option']]) {
    const { code, stderr } = await run(...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, /error: /);
  }
  assert.equal((await run('--help')).code, 0);
});

test('a configuration that is wrong is said', async () => {
  const { code, stderr } = await run('--config', join(folder, 'none.yaml'), 'models', 'list');
  assert.equal(code, 1);
  assert.match(stderr, /none\.yaml/);
});
