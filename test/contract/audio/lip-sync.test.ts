import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeFlashAndBeep } from '../../support/flash-and-beep.ts';
import { inStep, LipSyncStage } from './lip-sync.ts';

/** Sound of each kind that sources have: what makes it, and what is said of it. */
const CLIPS = [
  { name: 'aac.mp4', audio: ['-c:a', 'aac', '-ac', '2'], info: { codec: 'aac', sampleRate: 48_000, channels: 2 } },
  { name: 'g711.mkv', audio: ['-c:a', 'pcm_mulaw', '-ar', '8000', '-ac', '1'], info: { codec: 'pcm_mulaw', sampleRate: 8000, channels: 1 } },
  { name: 'opus.mkv', audio: ['-c:a', 'libopus'], info: { codec: 'opus', sampleRate: 48_000, channels: 1 } },
  { name: 'mp3.ts', audio: ['-c:a', 'libmp3lame', '-ar', '44100'], info: { codec: 'mp3', sampleRate: 44_100, channels: 1 } },
] as const;

describe('the sound of a file', () => {
  let stage: LipSyncStage;
  before(async () => {
    stage = await LipSyncStage.open();
  });
  after(() => stage[Symbol.asyncDispose]());

  for (const { name, audio, info } of CLIPS) {
    it(`of ${name} is in step with the picture, also after a loop`, async () => {
      const path = join(stage.folder, name);
      await makeFlashAndBeep(path, audio, 4);
      const id = name.replace('.', '-');
      assert.deepEqual((await stage.add(id, path)).audio, info);
      inStep(await stage.measure(id, 7));
      await stage.server.call('DELETE', `/api/streams/${id}`);
    });
  }

  it('is measured for what it is, where it is late by itself', async () => {
    const path = join(stage.folder, 'late.mp4');
    await makeFlashAndBeep(path, ['-c:a', 'aac', '-af', 'adelay=200:all=1'], 4);
    await stage.add('late', path);
    inStep(await stage.measure('late', 3, 200));
    await stage.server.call('DELETE', '/api/streams/late');
  });

  it('is not offered where there is none', async () => {
    const path = join(stage.folder, 'mute.mp4');
    await makeFlashAndBeep(path, ['-an'], 4);
    assert.equal((await stage.add('mute', path)).audio, undefined);
    await using viewer = await stage.listen('mute');
    assert.match(viewer.answer, /^m=audio 0 /m);
    await viewer.receives(10);
    await stage.server.call('DELETE', '/api/streams/mute');
  });
});
