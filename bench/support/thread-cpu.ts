import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds of processor time by what a process's threads do. */
export interface ThreadCpu {
  /** JavaScript, and the libav calls that it waits for. */
  readonly main: number;
  /** libuv's pool, where libav's asynchronous calls run, and the threads of codecs. */
  readonly pool: number;
  /** Garbage collection and compilers beside the main thread. */
  readonly v8: number;
}

/** What the living threads of a process have used so far, to the nanosecond of the scheduler. Linux only. */
export function threadCpu(pid: number): ThreadCpu {
  const cpu = { main: 0, pool: 0, v8: 0 };
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    try {
      const name = readFileSync(`${folder}/comm`, 'utf8');
      const group = thread === String(pid) ? 'main' : /^(V8|DelayedTask)/.test(name) ? 'v8' : 'pool';
      cpu[group] += Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
    } catch {
      // It ended meanwhile.
    }
  }
  return cpu;
}

/** Mebibytes that a process has to itself, with its share of what several have (PSS). Linux only. */
export function proportionalMib(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]) / 1024;
}
