/** What a viewer costs the SFU, and that the encoder does not work more for many than for one. Receivers decode nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { LiveServer } from '../test/support/live-server.ts';
import { publish } from './support/report.ts';

const COUNTS = [1, 20, 100];
const MEASURED_MS = 10_000;
const RECEIVERS = join(import.meta.dirname, '../test/support/receivers.ts');

await using server = await LiveServer.start();
await server.call('POST', '/api/streams', { id: 'many', source: 'demo://street?seed=7&light=day', detectors: [], encoder: { bitrate: 1_500_000 } });
await server.until<{ state: string }>('many', ({ state }) => state === 'live');

interface Stream {
  stats: { fps: number; process: { pid: number; cpuUs: number }; variants: { annotated?: { frames: number } } };
}
const worker = childNamed(server.pid, 'mediasoup-worker');
const rows: (string | number)[][] = [];
for (const count of COUNTS) {
  const child = spawn(process.execPath, [RECEIVERS, server.url, 'many', String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let packets = 0;
  const ready = Promise.withResolvers<void>();
  createInterface(child.stdout).on('line', (line) => {
    const message = JSON.parse(line) as { ready?: number; packets?: number };
    if (message.ready !== undefined) ready.resolve();
    packets = message.packets ?? packets;
  });
  await ready.promise;
  await sleep(2000);
  const before = { cpu: cpuSeconds(worker), packets, stream: await server.call<Stream>('GET', '/api/streams/many'), at: performance.now() };
  await sleep(MEASURED_MS);
  const after = { cpu: cpuSeconds(worker), packets, stream: await server.call<Stream>('GET', '/api/streams/many'), at: performance.now() };
  const seconds = (after.at - before.at) / 1000;
  const core = ((after.cpu - before.cpu) / seconds) * 100;
  const frames = after.stream.stats.variants.annotated!.frames - before.stream.stats.variants.annotated!.frames;
  const encoding = (after.stream.stats.process.cpuUs - before.stream.stats.process.cpuUs) / 1000 / frames;
  rows.push([count, `${core.toFixed(1)} %`, `${(core / count).toFixed(3)} %`, Math.round((after.packets - before.packets) / seconds / count), (frames / seconds).toFixed(1), encoding.toFixed(2)]);
  child.kill('SIGTERM');
  await once(child, 'exit');
}

await publish({
  name: 'viewers',
  about:
    'One stream, 720p30 at 1.5 Mbit/s, and viewers that receive by WHEP without decoding. CPU of the mediasoup worker; the stream process encodes each frame once, however many watch.',
  columns: ['viewers', 'SFU, of a core', 'a viewer', 'packets/s a viewer', 'frames encoded/s', 'stream process, ms CPU a frame'],
  rows,
});

/** User and system time of a process so far. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function childNamed(parent: number, name: string): number {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
      if (stat.split(') ')[1]!.split(' ')[1] === String(parent) && command.includes(name)) return Number(entry);
    } catch {
      // It ended while we looked.
    }
  }
  throw new Error(`${parent} has no child ${name}`);
}
