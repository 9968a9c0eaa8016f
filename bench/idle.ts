/** What a stream costs that nothing looks at, beside the same stream with a viewer, and an ffmpeg that only copies it. */
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freeUdpPort } from '../test/support/free-udp-port.ts';
import { LiveServer } from '../test/support/live-server.ts';
import { openReceiver } from '../test/support/whep-receiver.ts';
import { ms, publish } from './support/report.ts';

const MEASURED_MS = 30_000;
const SETTLE_MS = 8000;
const CLOCK_TICKS_PER_S = 100;

interface Stream {
  state: string;
  stats: { process: { pid: number } };
}

const folder = await mkdtemp(join(tmpdir(), 'framelock-idle-'));
const film = join(folder, 'film.mp4');
const coding = ['-c:v', 'libx264', '-preset', 'veryfast', '-b:v', '3M', '-bf', '0', '-g', '60', '-pix_fmt', 'yuv420p'];
await promisify(execFile)('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30', '-t', '30', ...coding, film]);
const rows: (string | number)[][] = [];
{
  const [port, copied] = [await freeUdpPort(), await freeUdpPort()];
  const outputs = [port, copied].flatMap((one) => ['-c', 'copy', '-f', 'mpegts', `udp://127.0.0.1:${one}?pkt_size=1316`]);
  const sender = spawn('ffmpeg', ['-v', 'error', '-re', '-stream_loop', '-1', '-i', film, ...outputs], { stdio: 'ignore' });
  await using server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: folder } });
  await server.call('POST', '/api/streams', { id: 'idle', source: `udp://127.0.0.1:${port}`, detectors: [] });
  const { stats } = await server.until<Stream>('idle', ({ state, stats }) => state === 'live' && stats.process.pid > 0);
  const { pid } = stats.process;
  rows.push(['stream process, nothing looks at it', ...(await measure(pid))]);
  const close = (await openReceiver(server.url, 'idle', () => undefined)).close;
  rows.push(['stream process, one viewer of `annotated`', ...(await measure(pid))]);
  close();
  const copy = spawn('ffmpeg', ['-v', 'error', '-i', `udp://127.0.0.1:${copied}`, '-c', 'copy', '-f', 'null', '-'], { stdio: 'ignore' });
  rows.push(['`ffmpeg -c copy` to nowhere', ...(await measure(copy.pid!))]);
  copy.kill('SIGKILL');
  sender.kill('SIGKILL');
}
await rm(folder, { recursive: true });

await publish({
  name: 'idle',
  about: 'A 720p30 stream of H.264 with 3 Mbit/s, that comes as MPEG-TS in datagrams, without a detector: share of one core, and memory (PSS).',
  columns: ['', '% of a core', 'PSS, MiB'],
  rows,
});

/** Share of one core in per cent, and MiB. */
async function measure(pid: number): Promise<[string, string]> {
  await sleep(SETTLE_MS);
  const [before, from] = [ticksOf(pid), performance.now()];
  await sleep(MEASURED_MS);
  const seconds = (performance.now() - from) / 1000;
  const share = ((ticksOf(pid) - before) / CLOCK_TICKS_PER_S / seconds) * 100;
  const pss = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]) / 1024;
  return [ms(share), ms(pss)];
}

/** User and system time so far. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
