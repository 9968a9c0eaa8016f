import { readFileSync } from 'node:fs';

/** Milliseconds between looks at who the parents are. */
const LOOK_MS = 500;
/** Names of shells that npm may run scripts in. */
const SHELLS = ['sh', 'dash', 'bash'];

/**
 * Makes this process end, as by SIGTERM, when the npm that runs it does. npm hands a signal on to its shell, which ends by it and tells
 * nobody; killed, npm tells not even the shell. Does nothing where npm does not run this, so that a shell may end before what it started.
 */
export function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const { name, ppid: npm } = about(parent);
  const watched = name !== undefined && SHELLS.includes(name) ? npm : undefined;
  setInterval(() => {
    if (process.ppid !== parent || (watched !== undefined && about(parent).ppid !== watched)) process.kill(process.pid, 'SIGTERM');
  }, LOOK_MS).unref();
}

/**
 * Name and parent of a process, from Linux' proc(5).
 * @param {number} pid
 * @returns {{ name?: string, ppid?: number }} empty where there is no such thing
 */
function about(pid) {
  try {
    const [, name, ppid] = /^\d+ \((.*)\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return { name, ppid: Number(ppid) };
  } catch {
    return {};
  }
}
