import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';

const DOCUMENT = join(import.meta.dirname, '../../docs/benchmarks.md');

/** One table of results, as it is printed and as it stands in the documentation. */
export interface Report {
  /** Name of the benchmark: `npm run bench -- NAME`. */
  readonly name: string;
  /** What was measured, against what, in a sentence or two. */
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Prints a table; with `--write` on the command line it also replaces the one in `docs/benchmarks.md`. */
export async function publish(report: Report): Promise<void> {
  const text = markdown(report);
  process.stdout.write(`\n${text}\n`);
  if (!process.argv.includes('--write')) return;
  const open = `<!-- ${report.name} -->`;
  const close = `<!-- /${report.name} -->`;
  const document = await readFile(DOCUMENT, 'utf8');
  const [start, end] = [document.indexOf(open), document.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`${DOCUMENT} has no place for ${report.name}: ${open} … ${close}`);
  await writeFile(DOCUMENT, `${document.slice(0, start + open.length)}\n${text}\n${document.slice(end)}`);
}

function markdown({ name, about, columns, rows }: Report): string {
  const day = new Date().toISOString().slice(0, 10);
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const table = [line(columns), line(columns.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
  return `${about}\n\n\`npm run bench -- ${name}\`, ${machine()}, ${day}\n\n${table}`;
}

function machine(): string {
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${gib} GiB, Node ${process.versions.node}`;
}

/** The value below which the given share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Milliseconds with one digit. */
export function ms(value: number): string {
  return Number.isFinite(value) ? value.toFixed(1) : '—';
}
