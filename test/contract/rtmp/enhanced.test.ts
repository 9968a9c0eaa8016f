import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Demuxer, Muxer } from 'node-av/api';
import { Log } from 'node-av/lib';
import { AV_LOG_QUIET } from 'node-av/constants';
import type { VideoCodec } from '../../../src/pipeline/media/video-codec.ts';
import type { StreamView } from '../../../src/streams/view.ts';
import { freePort } from '../../support/free-port.ts';
import { LiveServer } from '../../support/live-server.ts';
import { runFfmpeg } from '../../support/media-servers.ts';
import { WhepPictures } from '../../support/whep-pictures.ts';

Log.setLevel(AV_LOG_QUIET);

const SECONDS = 60;
/** What Debian’s ffmpeg encodes, and libav’s RTMP client pushes under a four-character code. */
const CODECS = {
  hevc: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:keyint=25:bframes=0'],
  av1: ['-c:v', 'libaom-av1', '-cpu-used', '8', '-usage', 'realtime', '-g', '25'],
  vp9: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '25'],
};

/** Those that viewers of the clean variant get without an encode. */
const SENT_AS_IT_IS: Readonly<Record<string, VideoCodec>> = { av1: 'AV1', vp9: 'VP9' };

/** Pushes a file at its own speed until it ends or is told to stop. */
async function push(file: string, address: string, signal: AbortSignal): Promise<void> {
  await using input = await Demuxer.open(file);
  await using output = await Muxer.open(address, { format: 'flv', options: { flvflags: 'no_duration_filesize' } });
  const index = output.addStream(input.video()!);
  const began = performance.now();
  for await (const packet of input.packets(input.video()!.index)) {
    if (packet === null || signal.aborted) break;
    const due = (Number(packet.dts) * packet.timeBase.num * 1000) / packet.timeBase.den;
    await sleep(Math.max(0, due - (performance.now() - began)));
    await output.writePacket(packet, index);
    packet.free();
  }
}

describe('Enhanced RTMP', () => {
  let server: LiveServer;
  let address: string;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-rtmp-'));
    const port = await freePort();
    address = `rtmp://127.0.0.1:${port}/live`;
    server = await LiveServer.start({ env: { FRAMELOCK_RTMP_ENABLED: 'true', FRAMELOCK_RTMP_PORT: String(port) } });
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [codec, options] of Object.entries(CODECS)) {
    it(`takes ${codec}`, async () => {
      const file = join(folder, `${codec}.mkv`);
      await (await runFfmpeg('-f', 'lavfi', '-i', 'testsrc2=size=160x96:rate=10', '-t', String(SECONDS), '-pix_fmt', 'yuv420p', ...options, file)).ended;
      await server.call('POST', '/api/streams', { id: codec, source: 'publish://', detectors: [] });
      const stop = new AbortController();
      const pushed = push(file, `${address}/${codec}`, stop.signal);
      const { video } = await server.until<StreamView>(codec, ({ state }) => state === 'live');
      assert.deepEqual([video?.codec, video?.width, video?.height], [codec, 160, 96]);
      await using viewer = await WhepPictures.open(server.url, codec);
      await viewer.sees(({ width, height }) => width === 160 && height === 96);
      const own = SENT_AS_IT_IS[codec];
      if (own !== undefined) {
        await using clean = await WhepPictures.open(server.url, codec, 'clean', own);
        await clean.sees();
        await server.until<StreamView>(codec, ({ stats: { variants } }) => variants.clean?.codec === own && variants.clean.forwarded);
      }
      stop.abort();
      await pushed;
      await server.call('DELETE', `/api/streams/${codec}`);
    });
  }
});
