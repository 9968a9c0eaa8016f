import { setLogEventListeners } from 'mediasoup';
import type { Logger } from 'pino';

/** Milliseconds in which one line is written for each part of mediasoup; what comes on top is counted. */
const QUIET_MS = 1000;

/** Sends mediasoup's own log, which is one for the process, to a logger. What a viewer sends must not be able to fill it. */
export function logMediasoupTo(parent: Logger): void {
  const logger = parent.child({ component: 'mediasoup' });
  const parts = new Map<string, { since: number; suppressed: number }>();
  const limited = (level: 'warn' | 'error', namespace: string, text: string, err?: Error): void => {
    const part = parts.get(namespace);
    const at = performance.now();
    if (part !== undefined && at - part.since < QUIET_MS) {
      part.suppressed += 1;
      return;
    }
    parts.set(namespace, { since: at, suppressed: 0 });
    logger[level]({ namespace, ...(part?.suppressed ? { suppressed: part.suppressed } : {}), ...(err === undefined ? {} : { err }) }, text);
  };
  setLogEventListeners({
    onwarn: (namespace, text) => limited('warn', namespace, text),
    onerror: (namespace, text, error) => limited('error', namespace, text, error),
  });
}
