import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Of the clock in which Linux tells processor time (USER_HZ, 100 a second on all architectures that matter). */
const TICK_MS = 10;

/** A process below another one. */
export interface Descendant {
  readonly pid: number;
  readonly command: string;
}

/** All processes below one, of which the command line contains a word. Linux only. */
export function descendants(of: number, word = ''): Descendant[] {
  const parents = new Map<number, { parent: number; command: string }>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z') continue;
      parents.set(Number(entry), { parent: Number(parent), command: readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ') });
    } catch {
      // It ended while we looked.
    }
  }
  const below = (pid: number): boolean => {
    const parent = parents.get(pid)?.parent;
    return parent !== undefined && (parent === of || below(parent));
  };
  return [...parents].flatMap(([pid, { command }]) => (below(pid) && command.includes(word) ? [{ pid, command }] : []));
}

/** Whether a process exists, zombies not counted. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Open descriptors of a process. */
export function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) !== '';
    } catch {
      return false;
    }
  }).length;
}

/** Bytes of memory that a process has resident. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}

/** Milliseconds of processor time that a process has used, its threads together; counted in steps of 10 ms. Linux only. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
