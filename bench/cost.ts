/** CPU per frame of the stream process, beside the same decode, scale and encode written as bare libav calls, at the same time. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LiveServer } from '../test/support/live-server.ts';
import { SHARED_DATA } from '../test/support/shared-data.ts';
import { openReceiver } from '../test/support/whep-receiver.ts';
import { ms, publish } from './support/report.ts';

const exec = promisify(execFile);
const MEASURED_MS = 20_000;
const BARE = join(import.meta.dirname, 'support/bare-pipeline.ts');

/** Real footage where it is, else a pattern of ffmpeg's. */
const folder = await mkdtemp(join(tmpdir(), 'framelock-cost-'));
const pattern = join(folder, 'pattern.mp4');
await exec('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30', '-t', '10', '-c:v', 'libx264', '-pix_fmt', 'yuv420p', pattern]);
const real = join(SHARED_DATA, 'video/derived/mosaic_mixed_1080p30_10s.mp4');
const files = [
  { name: 'test pattern, 720p30', path: pattern },
  ...(existsSync(real) ? [{ name: 'real footage, 1080p30', path: real }] : []),
];

interface Stream {
  state: string;
  stats: { process: { cpuUs: number }; detectors: Record<string, { state: string }>; variants: { annotated?: { frames: number } } };
}

const rows: (string | number)[][] = [];
for (const { name, path } of files) {
  await using server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: dirname(path) } });
  await server.call('POST', '/api/streams', { id: 'cost', source: path, detectors: ['street-nano'], sync: 'exact' });
  await server.until<Stream>('cost', ({ stats }) => stats.detectors['street-nano']?.state === 'ready');
  const receiver = await openReceiver(server.url, 'cost', () => undefined);
  await sleep(3000);
  const read = async (): Promise<{ frames: number; cpuUs: number }> => {
    const { stats } = await server.call<Stream>('GET', '/api/streams/cost');
    return { frames: stats.variants.annotated!.frames, cpuUs: stats.process.cpuUs };
  };
  const before = await read();
  const { stdout } = await exec(process.execPath, [BARE, path, String(MEASURED_MS)]);
  const after = await read();
  receiver.close();
  const bare = JSON.parse(stdout) as { frames: number; cpuUs: number };
  const ours = (after.cpuUs - before.cpuUs) / (after.frames - before.frames) / 1000;
  const theirs = bare.cpuUs / bare.frames / 1000;
  rows.push([name, ms(ours), ms(theirs), (ours / theirs).toFixed(2)]);
}
await rm(folder, { recursive: true });

await publish({
  name: 'cost',
  about:
    'Milliseconds of CPU a frame: the whole stream process (decode, number, scale, hand to a detector, join, draw, encode, packetise, send, tell) beside decode, scale and encode as bare libav calls in one loop, both paced in real time, in the same seconds on the same machine.',
  columns: ['', 'stream process', 'bare libav', 'ratio'],
  rows,
});
