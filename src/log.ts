import { destination, pino, type DestinationStream, type Logger } from 'pino';
import type { Config } from './config/schema.ts';

/** Characters of lines that wait for somebody to read them; what comes beyond is dropped. */
const MOST_WAITING = 1 << 20;
/** How long the last lines may take at the end, ms. */
const FLUSH_LIMIT_MS = 500;

/** The server's log on its standard output. Who reads it slowly, or no more, holds up nothing. */
export class Log {
  readonly logger: Logger;
  readonly #output: ReturnType<typeof destination> | undefined;

  constructor({ level, pretty }: Config['log']) {
    if (!pretty) this.#output = destination({ dest: 1, sync: false, minLength: 0, maxLength: MOST_WAITING });
    this.logger = pino({ level, base: null }, this.#output ?? forPeople());
  }

  /** Writes what is left, as far as somebody takes it; the process may then exit. */
  async close(): Promise<void> {
    const output = this.#output;
    if (output === undefined) return;
    await new Promise<void>((resolve) => {
      setTimeout(resolve, FLUSH_LIMIT_MS).unref();
      output.flush(() => resolve());
    });
    // Else it would be written at the exit, for as long as that takes.
    output.destroy();
  }
}

function forPeople(): DestinationStream {
  return pino.transport({ target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' } }) as DestinationStream;
}
