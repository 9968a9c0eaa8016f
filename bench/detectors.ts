/**
 * What one more detector on a stream costs, and one more stream with a detector of its own; and joining and drawing what several detectors saw.
 * `--seconds N` for another time of measuring than 20 s each.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { messagesOf } from '../test/support/annotation-events.ts';
import { LiveServer } from '../test/support/live-server.ts';
import { cpuMs, descendants } from '../test/support/processes.ts';
import { streetClip } from '../test/support/street-clip.ts';
import { openReceiver } from '../test/support/whep-receiver.ts';
import { composingMs } from './support/composing.ts';
import { ms, percentile, publish } from './support/report.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' }, write: { type: 'boolean' } } });
const MEASURED_MS = Number(values.seconds) * 1000;
const NUMBERS = [1, 2, 3, 10];
const FRAMES = 300;

const folder = await mkdtemp(join(tmpdir(), 'framelock-detectors-'));
const rows: (string | number)[][] = [];
try {
  // A file costs a stream what a camera does; to generate the street would cost more than all that is measured.
  const film = join(folder, 'street.mp4');
  await streetClip(film, FRAMES, { seed: 7, width: 1280, height: 720, fps: 30, density: 0.6 });
  rows.push(await measure(film, 'none', 1, 0));
  for (const number of NUMBERS) rows.push(await measure(film, plural(number, 'detector'), 1, number));
  for (const number of NUMBERS.slice(1)) rows.push(await measure(film, `${plural(number, 'stream')}, one each`, number, 1));
} finally {
  await rm(folder, { recursive: true, force: true });
}

await publish({
  name: 'detectors',
  about:
    'Streams of 720p30 from a file, each watched by one viewer, with `street-nano` as each of their detectors on every frame that it has time for, `exact`. CPU milliseconds of all stream processes and of the detector process, for each frame of a stream; ' +
    'frames a second that a detector looks at, and that leave a stream; the share of results in messages that are of the very frame. Composing and drawing, alone in one process: joining, tracking and merging what the detectors saw, ten moving things each, and drawing it with labels and scores, milliseconds.',
  columns: ['detectors', 'stream process', 'detector process', 'detector fps', 'stream fps', 'own results', 'composing and drawing p50', 'p95'],
  rows,
});

async function measure(film: string, name: string, streams: number, detectors: number): Promise<(string | number)[]> {
  await using server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: folder } });
  const ids = Array.from({ length: streams }, (_, i) => `cost-${i}`);
  const names = Array.from({ length: detectors }, (_, i) => `d${i + 1}`);
  const chosen = names.map((name) => ({ name, model: 'street-nano' }));
  for (const id of ids) await server.call('POST', '/api/streams', { id, source: film, detectors: chosen, sync: 'exact' });
  const abort = new AbortController();
  const counts = { frames: 0, results: 0, own: 0 };
  const ready = ids.map((id) => follow(server, id, names, counts, abort.signal));
  const receivers = await Promise.all(ids.map((id) => openReceiver(server.url, id, () => undefined)));
  await Promise.all(ready.map(({ all }) => all));
  await sleep(3000);
  const cpu = (word: string): number => descendants(server.pid, word).reduce((sum, { pid }) => sum + cpuMs(pid), 0);
  const read = (): typeof counts & { streamMs: number; detectorMs: number; at: number } => ({ ...counts, streamMs: cpu('stream-process'), detectorMs: cpu('detector-process'), at: performance.now() });
  const before = read();
  await sleep(MEASURED_MS);
  const after = read();
  const shown = await Promise.all(ids.map((id) => server.call<{ stats: { detectors: Record<string, { fps: number }> } }>('GET', `/api/streams/${id}`)));
  const rates = shown.flatMap(({ stats }) => Object.values(stats.detectors).map(({ fps }) => fps));
  process.stderr.write(`  ${name}: load ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0]}\n`);
  abort.abort();
  await Promise.all(ready.map(({ ended }) => ended));
  for (const receiver of receivers) receiver.close();
  const of = (key: Exclude<keyof typeof before, 'at'>): number => after[key] - before[key];
  const seconds = (after.at - before.at) / 1000;
  const composing = streams > 1 ? [] : await composingMs(detectors);
  return [
    name,
    ms(of('streamMs') / of('frames')),
    ms(of('detectorMs') / of('frames')),
    ms(rates.reduce((sum, fps) => sum + fps, 0) / rates.length),
    ms(of('frames') / seconds / streams),
    detectors === 0 ? '—' : `${Math.round((of('own') / of('results')) * 100)} %`,
    ...(composing.length === 0 ? ['—', '—'] : [percentile(composing, 0.5), percentile(composing, 0.95)].map((value) => value.toFixed(2))),
  ];
}

/** Counts frames and what detectors say of them. */
function follow(server: LiveServer, id: string, names: readonly string[], counts: { frames: number; results: number; own: number }, signal: AbortSignal): { all: Promise<void>; ended: Promise<void> } {
  const all = Promise.withResolvers<void>();
  const read = async (): Promise<void> => {
    for await (const { detectors } of messagesOf(server, id, signal)) {
      const ages = Object.values(detectors);
      if (names.every((name) => detectors[name] !== undefined)) all.resolve();
      counts.frames += 1;
      counts.results += ages.length;
      counts.own += ages.filter(({ age }) => age === 0).length;
    }
  };
  const ended = read().catch((error: unknown) => {
    if (!signal.aborted) all.reject(error);
  });
  return { all: all.promise, ended };
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
