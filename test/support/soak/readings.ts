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

/**
 * Whether readings stay flat: the median of their last third against that of the first, so that a moment in which a process is being replaced decides
 * nothing.
 * @returns what grew, in sentences; empty where nothing did
 */
export function growth(readings: readonly Reading[]): string[] {
  const third = Math.max(1, Math.floor(readings.length / 3));
  const grew = (key: keyof Reading, name: string, most: (before: number) => number): string[] => {
    const [before, after] = [median(readings.slice(0, third).map((one) => one[key])), median(readings.slice(-third).map((one) => one[key]))];
    return after > most(before) ? [`${name} grew from ${before} to ${after}`] : [];
  };
  return [
    ...grew('processes', 'processes', (before) => before + ROOM.processes),
    ...grew('descriptors', 'open descriptors', (before) => before + ROOM.descriptors),
    ...grew('mib', 'MiB resident', (before) => before * (1 + ROOM.memory)),
  ];
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
