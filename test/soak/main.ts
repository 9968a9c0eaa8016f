/** The soak of `npm run soak`: prints what was held while sources broke, and ends with 1 where something is not as it should be. */
import { parseArgs } from 'node:util';
import { FAULTS } from '../support/soak/patient.ts';
import { soak } from '../support/soak/soak.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '20' }, sources: { type: 'string', default: '12' }, seed: { type: 'string', default: String(Date.now() % 100_000) } },
});
const [minutes, sources, seed] = [Number(values.minutes), Number(values.sources), Number(values.seed)];
const line = (...cells: (string | number)[]): void => void process.stdout.write(`| ${cells.join(' | ')} |\n`);

process.stdout.write(`${sources} sources for ${minutes} minutes; --seed ${seed} makes the same faults again\n\n`);
line('minute', 'processes', 'descriptors', 'MiB resident');
line('---:', '---:', '---:', '---:');
const result = await soak({
  sources,
  ms: minutes * 60_000,
  seed,
  faultMs: 20_000,
  readMs: Math.min(60_000, (minutes * 60_000) / 6),
  onReading: ({ processes, descriptors, mib }, atMs) => line((atMs / 60_000).toFixed(1), processes, descriptors, mib),
});
process.stdout.write('\n');
line('source', ...FAULTS, 'restarts of its process', 'state');
line('---', ...FAULTS.map(() => '---:'), '---:', '---');
for (const { kind, faults, restarts, state } of result.sources) line(kind, ...FAULTS.map((fault) => faults[fault]), restarts, state);
process.stdout.write(`\n${result.wrong.length === 0 ? 'All are live, and nothing has grown.' : result.wrong.join('\n')}\n`);
process.exitCode = result.wrong.length === 0 ? 0 : 1;
