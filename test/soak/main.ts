/** The soak of `npm run soak`: prints what was held while sources broke, and ends with 1 where something is not as it should be. */
import { parseArgs } from 'node:util';
import { FAULTS } from '../support/soak/patient.ts';
import { soak, SOAK_KINDS } from '../support/soak/soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    sources: { type: 'string', default: '12' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
});
const [minutes, sources, seed] = [Number(values.minutes), Number(values.sources), Number(values.seed)];
const kinds = SOAK_KINDS.filter((kind) => new RegExp(values.only, 'i').test(kind));
if (!(minutes > 0 && sources > 0 && Number.isInteger(seed)) || kinds.length === 0) throw new Error(`Nothing to soak by these options. Kinds: ${SOAK_KINDS.join('; ')}`);

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const line = (...cells: (string | number)[]): void => say(`| ${cells.join(' | ')} |`);

say(`${sources} sources for ${minutes} minutes once all are live; --seed ${seed} makes the same faults again\n`);
line('minute', 'processes', 'descriptors', 'MiB resident');
line('---:', '---:', '---:', '---:');
const result = await soak({
  sources,
  kinds,
  ms: minutes * 60_000,
  seed,
  faultMs: 20_000,
  readMs: Math.min(60_000, (minutes * 60_000) / 12),
  onReading: ({ processes, descriptors, mib }, atMs) => line((atMs / 60_000).toFixed(1), processes, descriptors, mib),
});

say('');
line('source', 'live after, s', ...FAULTS, 'live again after, s', 'MiB of its process', 'restarts of its process', 'state');
line('---', '---:', ...FAULTS.map(() => '---:'), '---:', '---:', '---:', '---');
for (const { kind, live, faults, mib, restarts, state } of result.sources) {
  line(kind, live.first ?? 'never', ...FAULTS.map((fault) => faults[fault]), live.again ?? 'never', `${mib.before} → ${mib.after}`, restarts, state);
}
say('');
line('', 'at the beginning', 'at the end', 'at most');
line('---', '---:', '---:', '---:');
for (const { of, before, after, most } of result.changes) line(of, before, after, most);
if (result.wrong.length > 0) say(`\nThe last lines of the server’s log:\n${result.log.split('\n').slice(-40).join('\n')}`);
say(`\n${result.wrong.length === 0 ? 'PASSED: all are live, and nothing has grown.' : `FAILED:\n${result.wrong.join('\n')}`}`);
process.exitCode = result.wrong.length === 0 ? 0 : 1;
