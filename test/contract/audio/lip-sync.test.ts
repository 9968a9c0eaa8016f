import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { StreamView } from '../../../src/streams/view.ts';
import { BeatMeter } from '../../support/beat-meter.ts';
import { flashAndBeep, makeFlashAndBeep } from '../../support/flash-and-beep.ts';
import { freeUdpPort } from '../../support/free-udp-port.ts';
import { freePort } from '../../support/free-port.ts';
import { LiveServer } from '../../support/live-server.ts';
import { RtpViewer } from '../../support/rtp-viewer.ts';

/** Milliseconds by which nobody notices that sound and picture are apart (ITU-R BT.1359: 45 ms early). */
const MOST_MS = 45;
/** By how much more the sound may slip before it is cut or filled up: docs/sources.md. */
const SLIP_MS = 80;

/** Sound of each kind that sources have: what makes it, and what is said of it. */
const CLIPS = [
  { name: 'aac.mp4', audio: ['-c:a', 'aac', '-ac', '2'], info: { codec: 'aac', sampleRate: 48_000, channels: 2 } },
  { name: 'g711.mkv', audio: ['-c:a', 'pcm_mulaw', '-ar', '8000', '-ac', '1'], info: { codec: 'pcm_mulaw', sampleRate: 8000, channels: 1 } },
  { name: 'opus.mkv', audio: ['-c:a', 'libopus'], info: { codec: 'opus', sampleRate: 48_000, channels: 1 } },
  { name: 'mp3.ts', audio: ['-c:a', 'libmp3lame', '-ar', '44100'], info: { codec: 'mp3', sampleRate: 44_100, channels: 1 } },
] as const;

describe('the sound of a source', () => {
  let folder: string;
  let server: LiveServer;
  let rtmpPort: number;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-lip-sync-'));
    rtmpPort = await freePort();
    const env = { FRAMELOCK_MEDIA_ROOTS: folder, FRAMELOCK_RTMP_ENABLED: 'true', FRAMELOCK_RTMP_PORT: String(rtmpPort) };
    server = await LiveServer.start({ env });
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function add(id: string, path: string): Promise<StreamView> {
    await server.call('POST', '/api/streams', { id, source: path, detectors: [] });
    return server.until<StreamView>(id, ({ state }) => state === 'live');
  }

  function listen(id: string): Promise<RtpViewer> {
    return RtpViewer.open(
      async (offer) => {
        const response = await fetch(`${server.url}/live/${id}/whep`, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: offer });
        assert.equal(response.status, 201);
        return response.text();
      },
      { opus: 111 },
    );
  }

  /**
   * The newest of so many beats; where a busy machine has moved most of them, of up to four times as many.
   * @param late by how many milliseconds the source's own sound is late
   */
  async function measure(id: string, beats: number, late = 0): Promise<number[]> {
    await using viewer = await listen(id);
    using meter = await BeatMeter.open(viewer);
    for (let waited = beats; ; waited += beats) {
      const newest = (await meter.offsets(waited)).slice(-beats).map((offset) => offset - late);
      if (isInStep(newest) || waited === 4 * beats) return newest;
    }
  }

  for (const { name, audio, info } of CLIPS) {
    it(`of ${name} is in step with the picture, also after a loop`, async () => {
      const path = join(folder, name);
      await makeFlashAndBeep(path, audio, 4);
      const id = name.replace('.', '-');
      assert.deepEqual((await add(id, path)).audio, info);
      inStep(await measure(id, 7));
      await server.call('DELETE', `/api/streams/${id}`);
    });
  }

  it('is measured for what it is, where it is late by itself', async () => {
    const path = join(folder, 'late.mp4');
    await makeFlashAndBeep(path, ['-c:a', 'aac', '-af', 'adelay=200:all=1'], 4);
    await add('late', path);
    inStep(await measure('late', 3, 200));
    await server.call('DELETE', '/api/streams/late');
  });

  it('that comes live is in step with the picture', async () => {
    const port = await freeUdpPort();
    const arguments_ = [...flashAndBeep(60), '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '30', '-c:a', 'aac', '-f', 'mpegts'];
    const sender = spawn('ffmpeg', ['-nostdin', '-loglevel', 'error', '-re', ...arguments_, `udp://127.0.0.1:${port}?pkt_size=1316`], { stdio: 'ignore' });
    try {
      assert.equal((await add('live', `udp://127.0.0.1:${port}`)).audio?.codec, 'aac');
      inStep(await measure('live', 5));
    } finally {
      sender.kill('SIGKILL');
      await server.call('DELETE', '/api/streams/live');
    }
  });

  for (const [name, encoder] of [
    ['', ['-tune', 'zerolatency']],
    [' with B frames', ['-bf', '2']],
  ] as const) {
    it(`that is pushed by RTMP${name} is in step with the picture`, async () => {
      await server.call('POST', '/api/streams', { id: 'pushed', source: 'publish://', detectors: [] });
      const arguments_ = [...flashAndBeep(60), '-c:v', 'libx264', '-preset', 'ultrafast', ...encoder, '-g', '30', '-c:a', 'aac', '-f', 'flv'];
      const sender = spawn('ffmpeg', ['-nostdin', '-loglevel', 'error', '-re', ...arguments_, `rtmp://127.0.0.1:${rtmpPort}/live/pushed`], { stdio: 'ignore' });
      try {
        const { audio } = await server.until<StreamView>('pushed', (stream) => stream.state === 'live' && stream.audio !== undefined);
        assert.equal(audio?.codec, 'aac');
        inStep(await measure('pushed', 5));
      } finally {
        sender.kill('SIGKILL');
        await server.call('DELETE', '/api/streams/pushed');
      }
    });
  }

  it('is not offered where there is none', async () => {
    const path = join(folder, 'mute.mp4');
    await makeFlashAndBeep(path, ['-an'], 4);
    assert.equal((await add('mute', path)).audio, undefined);
    await using viewer = await listen('mute');
    assert.match(viewer.answer, /^m=audio 0 /m);
    await viewer.receives(10);
    await server.call('DELETE', '/api/streams/mute');
  });
});

/** As people see it, over some beats; a single one may be off for as long as the sound follows a picture that a busy machine has moved. */
function isInStep(offsets: readonly number[]): boolean {
  const median = offsets.toSorted((a, b) => a - b)[Math.floor(offsets.length / 2)]!;
  return Math.abs(median) <= MOST_MS && offsets.every((offset) => Math.abs(offset) <= MOST_MS + SLIP_MS);
}

function inStep(offsets: readonly number[]): void {
  assert.ok(isInStep(offsets), `beeps are later than their flashes by ${offsets.map((offset) => offset.toFixed(1)).join(', ')} ms`);
}
