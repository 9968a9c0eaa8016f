import type { Readable } from 'node:stream';
import type { Level, Logger } from 'pino';
import type { Scrub } from './scrub.ts';

/** Longest line that is logged, in characters. */
const MAX_LINE = 4096;

/** Most logged lines a second from one process; further ones are counted. */
const MAX_LINES_A_SECOND = 50;

/** pino's numbers of its levels. */
const LEVELS: Readonly<Record<number, Level>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** Logs what a child process writes, line by line: limited in length and number, without credentials. */
export class ChildLog {
  #logger: Logger;
  #scrub: Scrub;
  #second = 0;
  #lines = 0;
  #suppressed = 0;

  constructor(logger: Logger, scrub: Scrub) {
    this.#logger = logger;
    this.#scrub = scrub;
  }

  /** Lines from now on go there. */
  goTo(logger: Logger, scrub: Scrub): void {
    this.#logger = logger;
    this.#scrub = scrub;
  }

  /** @param level of lines that do not name theirs */
  follow(readable: Readable, level: Level): void {
    let rest = '';
    readable.setEncoding('utf8');
    readable.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = (lines.pop() ?? '').slice(0, MAX_LINE);
      for (const line of lines) this.#line(line, level);
    });
    readable.on('end', () => this.#line(rest, level));
    // The end of the process is reported elsewhere.
    readable.on('error', () => undefined);
  }

  #line(raw: string, level: Level): void {
    const text = this.#scrub(raw.trim().slice(0, MAX_LINE));
    if (text === '' || !this.#admit()) return;
    const record = pinoRecord(text);
    if (record === undefined) this.#logger[level](text);
    else this.#logger[record.level](record.fields, record.message);
  }

  #admit(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      if (this.#suppressed > 0) this.#logger.warn({ suppressed: this.#suppressed }, 'more lines than are logged');
      this.#second = second;
      this.#lines = 0;
      this.#suppressed = 0;
    }
    if (++this.#lines <= MAX_LINES_A_SECOND) return true;
    this.#suppressed++;
    return false;
  }
}

/** Parses a line that pino wrote in the child; undefined for any other line. */
function pinoRecord(text: string): { level: Level; fields: Record<string, unknown>; message: string } | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const { level, msg, time: _time, hostname: _hostname, pid: _pid, ...fields } = JSON.parse(text) as Record<string, unknown>;
    const name = typeof level === 'number' ? LEVELS[level] : undefined;
    return name === undefined ? undefined : { level: name, fields, message: typeof msg === 'string' ? msg : '' };
  } catch {
    return undefined;
  }
}
