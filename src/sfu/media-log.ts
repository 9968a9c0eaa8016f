import { setLogEventListeners } from 'mediasoup';
import type { Logger } from 'pino';

/** Each part of mediasoup may log one line in this many milliseconds; further lines are counted. */
const QUIET_MS = 1000;

/** Passes mediasoup's log, which is global to the process, to a logger. Rate-limited, so that a viewer can't flood it. */
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
