import { Worker } from 'node:worker_threads';

/** Milliseconds between two looks at who the parent is. */
const POLL_MS = 1000;

/** Runs beside the main thread, so that it acts even while native code keeps that one from doing anything. */
const WATCHER = `
const { workerData } = require('node:worker_threads');
setInterval(() => { if (process.ppid !== workerData.parent) process.kill(process.pid, 'SIGKILL'); }, ${POLL_MS});
`;

/**
 * Ends this process when the one that forked it is gone: at once when the fork's channel closes, and within a second or so where
 * the main thread is stuck in native code and can't see it. Does nothing in a process that was not forked.
 *
 * It ends by SIGKILL, because `process.exit` waits for threads that may be stuck; who wants to do something before that listens to
 * `disconnect` too, first.
 */
export function watchParent(): void {
  if (process.send === undefined) return;
  const end = (): void => void process.kill(process.pid, 'SIGKILL');
  process.once('disconnect', end);
  // The channel may have closed before anybody listened.
  if (!process.connected) end();
  new Worker(WATCHER, { eval: true, workerData: { parent: process.ppid }, execArgv: [] }).unref();
}
