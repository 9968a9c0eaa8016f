/** What setup tells the person who waits for it: a line when something begins, and how far it is while it lasts. */

/** Milliseconds between lines of progress where they can't replace each other. */
const PLAIN_PROGRESS_MS = 10_000;

/**
 * What a step tells of itself, under its name.
 * @typedef {{ say(text: string): void, progress(text: string): void }} Log
 */

const terminal = process.stderr.isTTY === true;
let open = false;
let lastPlain = 0;

/**
 * Lines that begin with the step's place and name, such as `[2/5] mediasoup worker: compiling 120/340`. They go to stderr, so that
 * what a script prints on stdout can be read by another.
 * @param {string} label
 * @returns {Log}
 */
export function stepLog(label) {
  return {
    say(text) {
      say(`${label}: ${text}`);
      lastPlain = Date.now();
    },
    progress(text) {
      if (terminal) {
        process.stderr.write(`\r\x1b[2K${`${label}: ${text}`.slice(0, (process.stderr.columns ?? 80) - 1)}`);
        open = true;
      } else if (Date.now() - lastPlain >= PLAIN_PROGRESS_MS) {
        say(`${label}: ${text}`);
        lastPlain = Date.now();
      }
    },
  };
}

/** A line of its own. @param {string} text */
export function say(text) {
  clearProgress();
  process.stderr.write(`${text}\n`);
}

function clearProgress() {
  if (open) process.stderr.write('\r\x1b[2K');
  open = false;
}

/** What went wrong, and what a person can do about it. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} advice
   * @param {ErrorOptions} [options]
   */
  constructor(message, advice, options) {
    super(message, options);
    this.name = 'SetupError';
    this.advice = advice;
  }
}

/** Ends the process with a readable error. @param {unknown} error @returns {never} */
export function fail(error) {
  clearProgress();
  if (error instanceof SetupError) process.stderr.write(`\nframelock: ${error.message}\n\n  ${error.advice.replaceAll('\n', '\n  ')}\n\n`);
  else process.stderr.write(`\nframelock: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
