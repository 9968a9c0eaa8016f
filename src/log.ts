import { destination, pino, type DestinationStream, type Logger } from 'pino';
import type { Config } from './config/schema.ts';

/** Most characters of unread lines; further lines are dropped. */
const MOST_WAITING = 1 << 20;
/** Time limit for writing the last lines, ms. */
const FLUSH_LIMIT_MS = 500;

/** The server's log on its standard output. A slow or missing reader blocks nothing. */
export class Log {
  readonly logger: Logger;
  readonly #output: ReturnType<typeof destination> | undefined;

  constructor({ level, pretty }: Config['log']) {
    if (!pretty) this.#output = destination({ dest: 1, sync: false, minLength: 0, maxLength: MOST_WAITING });
    this.logger = pino({ level, base: null }, this.#output ?? forPeople());
  }

  /** Writes what is left, as far as it is read; the process may then exit. */
  async close(): Promise<void> {
    const output = this.#output;
    if (output === undefined) return;
    await new Promise<void>((resolve) => {
      setTimeout(resolve, FLUSH_LIMIT_MS).unref();
      output.flush(() => resolve());
    });
    // Otherwise the exit would block until it is written.
    output.destroy();
  }
}

function forPeople(): DestinationStream {
  return pino.transport({ target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' } }) as DestinationStream;
}
