/** Stream processes killed and restarted again and again: what they leave behind. `--count N` for another number than 1,000. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { LiveServer } from '../test/support/live-server.ts';
import { descendants, descriptors, residentBytes } from '../test/support/processes.ts';
import { publish } from './support/report.ts';

const { values } = parseArgs({ options: { count: { type: 'string', default: '1000' }, write: { type: 'boolean' } } });
const count = Number(values.count);
const STREAMS = 4;

await using server = await LiveServer.start();
const ids = Array.from({ length: STREAMS }, (_, i) => `again-${i}`);
const source = 'demo://street?seed=1&light=day&width=160&height=90&fps=10';
for (const id of ids) await server.call('POST', '/api/streams', { id, source, detectors: [] });
for (const id of ids) await server.until<{ state: string }>(id, ({ state }) => state === 'live');

interface Reading {
  readonly processes: number;
  readonly descriptors: number;
  readonly mib: number;
}
const read = (): Reading => ({
  processes: descendants(server.pid).length,
  descriptors: descriptors(server.pid),
  mib: Math.round(residentBytes(server.pid) / 2 ** 20),
});

const rows: (string | number)[][] = [];
const note = (restarts: number): void => {
  const { processes, descriptors: open, mib } = read();
  rows.push([restarts, processes, open, mib]);
};
note(0);
let restarts = 0;
while (restarts < count) {
  // A stream that is removed and added again starts without a back-off, so that a thousand starts take minutes.
  for (const id of ids) {
    for (const { pid } of descendants(server.pid, 'stream-process').slice(0, 1)) process.kill(pid, 'SIGKILL');
    await server.call('DELETE', `/api/streams/${id}`);
    await server.call('POST', '/api/streams', { id, source, detectors: [] });
    restarts += 1;
  }
  for (const id of ids) await server.until<{ state: string }>(id, ({ state }) => state === 'live');
  if (restarts % Math.max(STREAMS, Math.floor(count / 4 / STREAMS) * STREAMS) === 0) {
    note(restarts);
    process.stderr.write(`  ${restarts} of ${count}, load ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0]}\n`);
  }
}

await publish({
  name: 'restarts',
  about: `Streams removed, killed and added again; ${STREAMS} live at a time. What the control process has open and resident, and how many processes there are below it.`,
  columns: ['starts', 'processes', 'descriptors', 'MiB resident'],
  rows,
});
