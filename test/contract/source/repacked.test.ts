import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual, promisify } from 'node:util';
import { nalType, splitAnnexB } from '../../../src/pipeline/rtp/annexb.ts';
import type { StreamView } from '../../../src/streams/view.ts';
import { comparePictures, joinBetweenKeys } from '../../support/clean-pictures.ts';
import { LiveServer } from '../../support/live-server.ts';
import { numberClip, numberIn, type NumberedClip } from '../../support/numbered-clip.ts';
import { WhepPictures, type SeenPicture } from '../../support/whep-pictures.ts';

const exec = promisify(execFile);
const SIZE = { width: 512, height: 288 };
/** Four seconds with one key frame, at the start. */
const MOVING = ['-f', 'lavfi', '-i', 'testsrc2=size=512x288:rate=25:duration=4'];
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '250', '-sc_threshold', '0', '-threads', '1'];
const CLIPS = {
  baseline: [...X264, '-profile:v', 'baseline'],
  'b-frames': [...X264, '-bf', '2', '-b_strategy', '0'],
};
/** Pictures that are looked at. */
const SEEN = 30;

type Clean = StreamView['stats']['variants']['clean'];

/** Slices of the pictures of a clip, in the order of decoding. */
async function slicesOf({ path }: NumberedClip): Promise<Buffer[]> {
  const { stdout } = await exec('ffmpeg', ['-v', 'error', '-i', path, '-c', 'copy', '-f', 'h264', '-'], { encoding: 'buffer', maxBuffer: 64 << 20 });
  return slicesIn(stdout);
}

function slicesIn(stream: Buffer): Buffer[] {
  return splitAnnexB(stream).filter((nal) => nalType(nal) === 1 || nalType(nal) === 5);
}

describe('the clean variant of what a source sends as H.264', { timeout: 280_000 }, () => {
  let folder: string;
  let server: LiveServer;
  const clips = {} as Record<keyof typeof CLIPS, NumberedClip>;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-repacked-'));
    for (const name of ['baseline', 'b-frames'] as const) clips[name] = await numberClip(MOVING, join(folder, `${name}.mp4`), { ...SIZE, coding: CLIPS[name] });
    server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: folder } });
    for (const [name, { path }] of Object.entries(clips)) await server.call('POST', '/api/streams', { id: name, source: `file://${path}`, detectors: [], onDemand: true });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const until = (id: string, wanted: (clean: NonNullable<Clean>) => boolean): Promise<StreamView> =>
    server.until<StreamView>(id, ({ stats }) => stats.variants.clean !== undefined && wanted(stats.variants.clean));

  const compare = (id: keyof typeof CLIPS, viewer: WhepPictures, wanted?: Parameters<typeof comparePictures>[4]): Promise<void> => comparePictures(server, id, clips[id], viewer, wanted);

  test('is sent as it is, byte for byte, each picture with the timestamp of its message', async () => {
    const slices = await slicesOf(clips.baseline);
    assert.equal(slices.length, clips.baseline.frames);
    await using viewer = await WhepPictures.open(server.url, 'baseline', 'clean');
    // Somebody who comes is served by the encoder until the source's next key frame.
    const same = (picture: SeenPicture, number: number): boolean => isDeepStrictEqual(slicesIn(picture.coded), [slices[number]]);
    await compare('baseline', viewer, same);
    const { stats } = await until('baseline', ({ forwarded, bitrate }) => forwarded && bitrate > 0);
    const { encoder, encoded } = stats.variants.clean!;
    assert.deepEqual([encoder, encoded], [undefined, undefined]);

    await using second = await joinBetweenKeys(server, 'baseline', viewer);
    await compare('baseline', second, same);
  });

  test('is encoded while something has to be hidden', async () => {
    await using viewer = await WhepPictures.open(server.url, 'baseline', 'clean');
    await until('baseline', ({ forwarded }) => forwarded);
    await server.call('PATCH', '/api/streams/baseline', { privacy: { classes: ['person'] } });
    await until('baseline', ({ encoded }) => encoded === 'privacy');
    // What was sent before may still be on its way.
    await viewer.sees((picture) => numberIn(picture) === undefined);
    for (let seen = 0; seen < SEEN; seen++) assert.equal(numberIn(await viewer.sees()), undefined, 'nothing can be read where nobody looks for what is to be hidden');
    await server.call('PATCH', '/api/streams/baseline', { privacy: { classes: [] } });
    await until('baseline', ({ forwarded }) => forwarded);
    await viewer.sees((picture) => numberIn(picture) !== undefined);
  });

  test('is encoded where it has B-frames, and says so', async () => {
    await using viewer = await WhepPictures.open(server.url, 'b-frames', 'clean');
    await compare('b-frames', viewer);
    const { stats } = await until('b-frames', ({ encoder }) => encoder !== undefined);
    const { forwarded, encoded } = stats.variants.clean!;
    assert.deepEqual([forwarded, encoded], [false, 'b-frames']);
  });

  test('is encoded where that is set', async () => {
    await server.call('POST', '/api/streams', { id: 'set', source: `file://${clips.baseline.path}`, detectors: [], encoder: { forward: false } });
    await using viewer = await WhepPictures.open(server.url, 'set', 'clean');
    await viewer.sees();
    await until('set', ({ encoded, encoder }) => encoded === 'setting' && encoder !== undefined);
  });
});
