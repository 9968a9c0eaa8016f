import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readMetadata } from '../../../src/pipeline/detect/onnx-file.ts';
import { constantDetector } from '../../support/onnx-model.ts';

const MODEL = constantDetector([{ name: 'output', dims: [1, 1, 6], floats: [0, 0, 0, 0, 0, 0] }], { metadata: { names: "{0: 'cat'}", author: '示例' } });
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'framelock-onnx-'));
});
after(() => rm(folder, { recursive: true }));

async function metadataOf(content: Buffer): Promise<Record<string, string>> {
  const path = join(folder, 'file.onnx');
  await writeFile(path, content);
  return readMetadata(path);
}

test('metadata is read without loading the graph', async () => {
  assert.deepEqual(await metadataOf(MODEL), { names: "{0: 'cat'}", author: '示例' });
});

test('a file that ends too early is said to be cut off', async () => {
  await assert.rejects(metadataOf(MODEL.subarray(0, 60)), { code: 'model-invalid', message: /file\.onnx is cut off/ });
});

test('wherever a file is cut, it is refused or has all of its graph', async () => {
  // The graph is followed by the operator set: field 8, of two bytes.
  const graphEnd = MODEL.indexOf(Buffer.from([0x42, 0x02, 0x10, 11]));
  for (let length = 0; length < MODEL.length; length += 1) {
    const read = await metadataOf(MODEL.subarray(0, length)).catch((error: unknown) => error);
    if (read instanceof Error) assert.equal((read as Error & { code: string }).code, 'model-invalid');
    else assert.ok(length >= graphEnd, `cut at ${length}`);
  }
});

for (const [what, content] of Object.entries({
  empty: Buffer.alloc(0),
  text: Buffer.from('this is no model\n'.repeat(100)),
  zeros: Buffer.alloc(4096),
  'a picture': Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
  'another protobuf message': Buffer.from('0a0568656c6c6f', 'hex'),
})) {
  test(`${what} is not an ONNX file`, async () => {
    await assert.rejects(metadataOf(content), { code: 'model-invalid', message: 'file.onnx is not an ONNX file' });
  });
}

test('a file that is not there is said to be missing', async () => {
  await assert.rejects(readMetadata(join(folder, 'none.onnx')), { code: 'model-missing' });
});
