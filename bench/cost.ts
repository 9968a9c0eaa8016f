/**
 * CPU per frame of the stream process, beside the same decode, scale and encode written as bare libav calls, at the same time.
 * `--seconds N` for another time of measuring than 60 s each.
 */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import type { AnnotationMessage } from '../src/pipeline/annotation.ts';
import { messagesOf } from '../test/support/annotation-events.ts';
import { LiveServer } from '../test/support/live-server.ts';
import { cpuMs, descendants } from '../test/support/processes.ts';
import { SHARED_DATA } from '../test/support/shared-data.ts';
import { openReceiver } from '../test/support/whep-receiver.ts';
import type { BareProgress } from './support/bare-pipeline.ts';
import { publish } from './support/report.ts';
import { proportionalMib, threadCpu, type ThreadCpu } from './support/thread-cpu.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, write: { type: 'boolean' } } });
const MEASURED_MS = Number(values.seconds) * 1000;
const WARM_UP_MS = 15_000;
const PRESET = 'ultrafast';
/** Frames of each file. */
const FRAMES = 300;
const BARE = join(import.meta.dirname, 'support/bare-pipeline.ts');

/** What a process has used so far, in ms. */
type Used = ThreadCpu & { readonly frames: number };

interface Stream {
  state: string;
  stats: { detectors: Record<string, { state: string }>; variants: { annotated?: { frames: number } } };
}

const exec = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), 'framelock-cost-'));
const rows: (string | number)[][] = [];
try {
  // Real footage where it is, beside a pattern of ffmpeg's.
  const pattern = join(folder, 'pattern.mp4');
  await exec('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30', '-t', String(FRAMES / 30), '-c:v', 'libx264', '-pix_fmt', 'yuv420p', pattern]);
  rows.push(...(await compare('test pattern, 720p30', pattern)));
  const real = join(SHARED_DATA, 'video/derived/mosaic_mixed_1080p30_10s.mp4');
  if (existsSync(real)) rows.push(...(await compare('real footage, 1080p30', real)));
} finally {
  await rm(folder, { recursive: true, force: true });
}

await publish({
  name: 'cost',
  about:
    `Milliseconds of CPU a frame, over ${values.seconds} s after a warm-up, by the scheduler’s account of each thread: *main* (JavaScript and synchronous libav calls), *pool* (libuv’s pool and the threads of codecs), *V8* (garbage collection and compilers). ` +
    'The whole stream process (decode, number, scale, hand to a detector, join, track, draw, encode, packetise, send, tell) beside decode, scale, copy and encode as bare libav calls in one loop, both paced in real time, in the same seconds on the same machine. ' +
    `Both encode pictures with the same boxes, as the stream’s detector found them in the file; the time in which the loop draws them is not counted. x264 \`${PRESET}\` with the same bitrate, number of threads and interval of key frames. PSS is memory in MiB.`,
  columns: ['', 'total', 'main', 'pool', 'V8', 'PSS', 'ratio'],
  rows,
});
// The library of receivers keeps threads, and crashes where it is asked to end them.
process.exit();

async function compare(name: string, path: string): Promise<(string | number)[][]> {
  await using server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: dirname(path) } });
  await server.call('POST', '/api/streams', { id: 'cost', source: path, detectors: ['street-nano'], sync: 'exact', encoder: { preset: PRESET } });
  await server.until<Stream>('cost', ({ stats }) => stats.detectors['street-nano']?.state === 'ready');
  const receiver = await openReceiver(server.url, 'cost', () => undefined);
  const messages = join(folder, 'messages.json');
  await writeFile(messages, JSON.stringify(await seen(server)));
  const bare = fork(BARE, [path, messages, PRESET]);
  try {
    await sleep(WARM_UP_MS);
    // One that stands by, or compiles ahead, has done less.
    const [pid] = descendants(server.pid, 'stream-process').map((one) => one.pid).sort((one, other) => cpuMs(other) - cpuMs(one));
    if (pid === undefined) throw new Error(`The stream process is not there:\n${server.log.slice(-3000)}`);
    const read = async (): Promise<[Used, Used]> => {
      bare.send('read');
      const [[{ frames, drawMs }], { stats }] = await Promise.all([once(bare, 'message') as Promise<[BareProgress]>, server.call<Stream>('GET', '/api/streams/cost')]);
      const [ours, theirs] = [threadCpu(pid), threadCpu(bare.pid!)];
      return [{ ...ours, frames: stats.variants.annotated!.frames }, { ...theirs, main: theirs.main - drawMs, frames }];
    };
    const before = await read();
    await sleep(MEASURED_MS);
    const after = await read();
    const [ours, theirs] = [perFrame(before[0], after[0]), perFrame(before[1], after[1])];
    return [
      [`${name}: stream process`, ...cells(ours), Math.round(proportionalMib(pid)), (total(ours) / total(theirs)).toFixed(2)],
      [`${name}: bare libav`, ...cells(theirs), Math.round(proportionalMib(bare.pid!)), '1.00'],
    ];
  } finally {
    receiver.close();
    bare.kill();
    await once(bare, 'exit');
  }
}

/** What the detector sees on the frames of the file, wherever in it the first of them lies. */
async function seen(server: LiveServer): Promise<AnnotationMessage[]> {
  const messages: AnnotationMessage[] = [];
  for await (const message of messagesOf(server, 'cost')) {
    messages.push(message);
    if (messages.length === FRAMES) break;
  }
  return messages;
}

function perFrame(before: Used, after: Used): ThreadCpu {
  const of = (key: keyof ThreadCpu): number => (after[key] - before[key]) / (after.frames - before.frames);
  return { main: of('main'), pool: of('pool'), v8: of('v8') };
}

function total({ main, pool, v8 }: ThreadCpu): number {
  return main + pool + v8;
}

function cells(cpu: ThreadCpu): string[] {
  return [total(cpu), cpu.main, cpu.pool, cpu.v8].map((value) => value.toFixed(2));
}
