import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ROOT } from '../../../scripts/lib/paths.mjs';
import { SetupError } from '../../../scripts/lib/say.mjs';
import { compilers } from '../../../scripts/mediasoup-worker/build.mjs';
import { workerPath } from '../../../scripts/mediasoup-worker/index.mjs';
import { PATCHES, writePatched } from '../../../scripts/mediasoup-worker/patches.mjs';
import { prebuiltUrl } from '../../../scripts/mediasoup-worker/prebuilt.mjs';

const PACKAGE = join(ROOT, 'node_modules', 'mediasoup');
const GIB = 2 ** 30;

describe('the recipe of the mediasoup worker', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-recipe-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('patches copies of the installed package’s sources and leaves the package alone', async () => {
    await writePatched(join(PACKAGE, 'worker'), folder);
    for (const { file, from, to } of PATCHES) {
      const [original, patched] = await Promise.all([readFile(join(PACKAGE, 'worker', file), 'utf8'), readFile(join(folder, file), 'utf8')]);
      assert.equal(patched, original.replace(from, to));
      assert.notEqual(patched, original);
      assert.equal(original.includes(to), false);
    }
  });

  it('stops where a source is not what its patch was made for', async () => {
    const { file, from } = PATCHES[0]!;
    for (const text of ['something else', `${from} and again ${from}`]) {
      await mkdir(dirname(join(folder, 'worker', file)), { recursive: true });
      await writeFile(join(folder, 'worker', file), text);
      await assert.rejects(writePatched(join(folder, 'worker'), join(folder, 'patched')), (error) => {
        assert.ok(error instanceof SetupError);
        assert.match(error.message, /DtlsTransport\.cpp/);
        assert.ok(error.advice.includes(from));
        return true;
      });
    }
  });

  it('keeps what it makes in the cache, by version, platform and recipe', async () => {
    const { version } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8')) as { version: string };
    const before = process.env['FRAMELOCK_CACHE_DIR'];
    process.env['FRAMELOCK_CACHE_DIR'] = folder;
    try {
      const [kind, place = '', file] = relative(folder, workerPath()).split(sep);
      assert.deepEqual([kind, file], ['mediasoup-worker', 'mediasoup-worker']);
      assert.equal(place.replace(/-[0-9a-f]{12}$/, ''), `${version}-${process.platform}-${process.arch}`);
    } finally {
      if (before === undefined) delete process.env['FRAMELOCK_CACHE_DIR'];
      else process.env['FRAMELOCK_CACHE_DIR'] = before;
    }
  });

  it('looks for a prebuilt one where its project’s own install script does', () => {
    const manifest = { version: '3.27.1', repository: { url: 'git+https://example.org/versatica/mediasoup.git' } };
    const machine = { platform: 'linux', arch: 'arm64', kernel: '6.12.0-9-cloud' };
    const releases = 'https://example.org/versatica/mediasoup/releases/download';
    assert.equal(prebuiltUrl(manifest, machine), `${releases}/3.27.1/mediasoup-worker-3.27.1-linux-arm64-kernel6.tgz`);
    assert.equal(prebuiltUrl(manifest, { ...machine, platform: 'darwin' }), `${releases}/3.27.1/mediasoup-worker-3.27.1-darwin-arm64.tgz`);
    assert.equal(prebuiltUrl(manifest, { ...machine, base: 'http://mirror' }), 'http://mirror/3.27.1/mediasoup-worker-3.27.1-linux-arm64-kernel6.tgz');
  });

  it('runs no more compilers than there are cores and memory for', () => {
    assert.equal(compilers(2, 64 * GIB), 2);
    assert.equal(compilers(16, 4 * GIB), 3);
    assert.equal(compilers(4, GIB / 2), 1);
  });
});
