import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Log } from 'node-av/lib';
import { AV_LOG_QUIET } from 'node-av/constants';
import { FrameNumberer, type FrameId } from '../../../src/pipeline/frame.ts';
import { fileSource } from '../../../src/pipeline/source/file-source.ts';
import { SourceError, type Source } from '../../../src/pipeline/source/source.ts';
import { SHARED_DATA, withoutSharedData } from '../../support/shared-data.ts';

Log.setLevel(AV_LOG_QUIET);

const ODD = join(SHARED_DATA, 'odd');

/** Files that hold no picture that can be had, and what must be said of them. */
const UNREADABLE: Record<string, string> = {
  'streamio_broken.mp4': 'source-invalid',
  'streamio_empty.flv': 'source-invalid',
  'filetype_corrupt.mkv': 'source-invalid',
  'filetype_moov_only_cut.mov': 'source-invalid',
  'exo_invalid_vp9.webm': 'source-invalid',
  'derived/truncated_50pct_moov_missing.mp4': 'source-invalid',
  'derived/random_64k.mp4': 'source-invalid',
  'derived/empty.mp4': 'source-invalid',
  'derived/text_named.mp4': 'source-invalid',
  'derived/audio_only.m4a': 'source-no-video',
};

/** Upright sizes of files whose coded size, orientation or pixels are special. */
const SIZES: Record<string, [number, number]> = {
  'decord_rot90.mov': [320, 568],
  'decord_rot180.mov': [568, 320],
  'decord_rot270.mov': [320, 568],
  'exo_rot90_cif.mp4': [288, 352],
  'streamio_sideways movie.mov': [480, 640],
  'derived/odd_size_641x359.mkv': [641, 359],
  'exo_vp9_161x121.webm': [161, 121],
  'derived/interlaced_tff_h264_1080i.mp4': [1920, 1080],
  'derived/prores_422_10bit_1080p_5f.mov': [1920, 1080],
};

function source(path: string, roots: string[], loop = false): Source {
  return fileSource(pathToFileURL(path), { numberer: new FrameNumberer(), loop, mediaRoots: roots });
}

async function errorOf(opening: Promise<unknown>): Promise<SourceError> {
  const error = await opening.then(() => undefined, (reason: unknown) => reason);
  assert.ok(error instanceof SourceError, `expected a SourceError, got ${String(error)}`);
  return error;
}

describe('odd and broken files', { skip: withoutSharedData }, () => {
  const files = withoutSharedData
    ? []
    : readdirSync(ODD, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(ODD.length + 1))
        .sort();

  for (const file of files) {
    const expected = UNREADABLE[file];
    if (expected !== undefined) {
      test(`${file} is refused as ${expected}`, async () => {
        const one = source(join(ODD, file), [ODD]);
        const error = await errorOf(one.open(new AbortController().signal));
        assert.equal(error.code, expected);
        assert.match(error.message, /\.$/);
        await one.close();
      });
      continue;
    }
    test(`${file} gives upright planar pictures of its own size`, async () => {
      const one = source(join(ODD, file), [ODD]);
      const video = await one.open(new AbortController().signal);
      const size = SIZES[file];
      if (size !== undefined) assert.deepEqual([video.width, video.height], size);
      const frame = await one.next();
      assert.ok(frame?.picture !== undefined);
      const { width, height, planes, strides } = frame.picture;
      assert.deepEqual([width, height], [video.width, video.height]);
      const rows = [height, Math.ceil(height / 2), Math.ceil(height / 2)];
      planes.forEach((plane, i) => assert.ok(plane.length >= strides[i]! * (rows[i]! - 1) + (i === 0 ? width : Math.ceil(width / 2))));
      frame.picture.release();
      await one.close();
    });
  }
});

describe('where files may be read from', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-files-'));
    await writeFile(join(folder, 'text.mp4'), 'not media');
    await symlink('/etc/hostname', join(folder, 'way-out.mp4'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const path of ['/etc/passwd', '../outside.mp4', 'way-out.mp4']) {
    test(`${path} is refused, because it lies outside`, async () => {
      const error = await errorOf(source(join(folder, path).startsWith(folder) && !path.startsWith('/') ? join(folder, path) : path, [folder]).open(new AbortController().signal));
      assert.equal(error.code, 'source-address');
      assert.match(error.message, /mediaRoots/);
    });
  }

  test('a file that is not there is not found, which may change', async () => {
    const error = await errorOf(source(join(folder, 'later.mp4'), [folder]).open(new AbortController().signal));
    assert.equal(error.code, 'source-not-found');
    assert.equal(error.lasting, false);
  });
});

test('a short file loops with numbers that go on and times that only grow', { skip: withoutSharedData }, async () => {
  const one = source(join(ODD, 'decord_rot90.mov'), [ODD], true);
  await one.open(new AbortController().signal);
  const ids: FrameId[] = [];
  for (let i = 0; i < 8; i++) {
    const frame = await one.next();
    assert.ok(frame?.picture !== undefined);
    ids.push(frame.id);
    frame.picture.release();
  }
  await one.close();
  assert.deepEqual(ids.map(({ seq }) => seq), [0, 1, 2, 3, 4, 5, 6, 7]);
  ids.slice(1).forEach((id, i) => assert.ok(id.capturedAt > ids[i]!.capturedAt));
});
