import { Writable } from 'node:stream';
import { pino, type Logger } from 'pino';
import type { Config } from './schema.ts';

/** Names and colours (ANSI) of pino's levels. */
const LEVELS: Readonly<Record<number, readonly [name: string, color: number]>> = {
  10: ['trace', 90],
  20: ['debug', 90],
  30: ['info', 32],
  40: ['warn', 33],
  50: ['error', 31],
  60: ['fatal', 35],
};

/** The log of the server: one JSON object a line, or lines for people. */
export function createLogger({ level, pretty }: Config['log'], out: NodeJS.WritableStream = process.stdout): Logger {
  if (!pretty) return pino({ level, base: null }, out);
  const forPeople = new Writable({
    write: (line: Buffer, _encoding, done) => {
      out.write(prettyLine(line.toString()));
      done();
    },
  });
  return pino({ level, base: null }, forPeople);
}

/** A line of pino's as a person wants it: `12:03:11.042 info  stream is live  stream=gate`. */
export function prettyLine(json: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const [name, color] = LEVELS[Number(level)] ?? ['log', 0];
  const clock = new Date(Number(time)).toTimeString().slice(0, 8) + `.${String(Number(time) % 1000).padStart(3, '0')}`;
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const stack = (err as { stack?: unknown } | undefined)?.stack;
  const text = [clock, `\x1b[${color}m${name.padEnd(5)}\x1b[0m`, typeof msg === 'string' ? msg : '', `\x1b[90m${rest.join(' ')}\x1b[0m`].join(' ');
  return typeof stack === 'string' ? `${text}\n${stack.replace(/^/gm, '    ')}\n` : `${text}\n`;
}
