import { descendants, descriptors, isAlive, residentBytes } from '../processes.ts';

/** What a server and everything below it hold at one moment. */
export interface Reading {
  readonly processes: number;
  readonly descriptors: number;
  readonly mib: number;
}

/** By how much the end may lie above the beginning: whatever is lost with every fault lies further. */
const ROOM = { processes: 0, descriptors: 30, memory: 0.15 };

export function readAll(server: number): Reading {
  const pids = [server, ...descendants(server).map(({ pid }) => pid)].filter(isAlive);
  const sum = (of: (pid: number) => number): number => pids.reduce((total, pid) => total + endedIsNothing(() => of(pid)), 0);
  return { processes: pids.length, descriptors: sum(descriptors), mib: Math.round(sum(residentBytes) / 2 ** 20) };
}

/** How one of these figures went from the beginning to the end. */
export interface Change {
  readonly of: string;
  /** Medians of the first third of the readings, and of the last: a moment in which a process is being replaced decides nothing. */
  readonly before: number;
  readonly after: number;
  /** What `after` may be at most. */
  readonly most: number;
}

export function thirds(readings: readonly Reading[]): Change[] {
  const third = Math.max(1, Math.floor(readings.length / 3));
  const change = (key: keyof Reading, of: string, most: (before: number) => number): Change => {
    const [before, after] = [median(readings.slice(0, third).map((one) => one[key])), median(readings.slice(-third).map((one) => one[key]))];
    return { of, before, after, most: most(before) };
  };
  return [
    change('processes', 'processes', (before) => before + ROOM.processes),
    change('descriptors', 'open descriptors', (before) => before + ROOM.descriptors),
    change('mib', 'MiB resident', (before) => Math.round(before * (1 + ROOM.memory))),
  ];
}

/** @returns what grew by more than it may, in sentences */
export function grown(changes: readonly Change[]): string[] {
  return changes.filter(({ after, most }) => after > most).map(({ of, before, after, most }) => `${of} grew from ${before} to ${after}, more than ${most}`);
}

function endedIsNothing(read: () => number): number {
  try {
    return read();
  } catch {
    return 0;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
