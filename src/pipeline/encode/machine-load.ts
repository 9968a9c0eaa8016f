import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, getPriority } from 'node:os';
import { now } from '../../util/clock.ts';

/** What the whole machine has left, whatever uses it: other streams have processes of their own. */
export interface Headroom {
  /** Cores that this process may use, and how many of them did nothing, as a mean over the last second or so. */
  readonly cores: number;
  readonly idle: number;
}

/** Ticks of all cores since the machine was started. */
export interface CpuTimes {
  readonly idle: number;
  readonly total: number;
}

/** Milliseconds over which the mean is taken. */
const SPAN_MS = 1000;

/** Looks at the machine once a second at most, however often it is asked. */
export class MachineLoad {
  readonly #read: () => CpuTimes;
  readonly #cores: number;
  #last: CpuTimes & { readonly at: number };
  #headroom: Headroom | undefined;

  constructor(read: () => CpuTimes = readCpuTimes, at = now(), cores = availableParallelism()) {
    this.#read = read;
    this.#cores = cores;
    this.#last = { ...read(), at };
  }

  /** @param at milliseconds on a clock that does not step back @returns undefined in the first second */
  headroom(at = now()): Headroom | undefined {
    if (at - this.#last.at < SPAN_MS) return this.#headroom;
    const times = this.#read();
    const ticks = times.total - this.#last.total;
    if (ticks > 0) this.#headroom = { cores: this.#cores, idle: (this.#cores * (times.idle - this.#last.idle)) / ticks };
    this.#last = { ...times, at };
    return this.#headroom;
  }
}

/**
 * Work of a lower priority than this process' own, such as jobs, gives way and counts as idle. Linux says in one line what `os.cpus()`
 * gathers from several files a core, and knows of time that a hypervisor has taken (proc(5)).
 */
function readCpuTimes(): CpuTimes {
  const givesWay = getPriority() <= 0;
  try {
    const [user, nice, system, idle, ioWait, irq, softIrq, steal] = readFileSync('/proc/stat', 'latin1').slice(0, 256).split('\n')[0]!.split(/\s+/).slice(1).map(Number) as [number, number, number, number, number, number, number, number];
    return { idle: idle + ioWait + (givesWay ? nice : 0), total: user + nice + system + idle + ioWait + irq + softIrq + steal };
  } catch {
    // Not Linux, or a sandbox that hides it.
    const all = cpus().map(({ times }) => times);
    const sum = (of: (times: (typeof all)[number]) => number): number => all.reduce((total, times) => total + of(times), 0);
    return {
      idle: sum((times) => times.idle + (givesWay ? times.nice : 0)),
      total: sum(({ user, nice, sys, idle, irq }) => user + nice + sys + idle + irq),
    };
  }
}
