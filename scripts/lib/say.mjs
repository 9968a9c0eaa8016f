/** What setup tells the person who waits for it: one line a step, and what happens inside long ones. */

const terminal = process.stderr.isTTY === true;
let open = false;

/** A step begins. @param {string} text */
export function say(text) {
  endLine();
  process.stderr.write(`framelock: ${text}\n`);
}

/**
 * Progress inside a step: replaced in place on a terminal; elsewhere only what is new to a reader a few seconds apart.
 * @param {string} text
 */
export function progress(text) {
  if (terminal) {
    process.stderr.write(`\r\x1b[2K  ${text.slice(0, (process.stderr.columns ?? 80) - 3)}`);
    open = true;
  } else if (Date.now() - lastPlain > 5000) {
    lastPlain = Date.now();
    process.stderr.write(`  ${text}\n`);
  }
}

let lastPlain = 0;

function endLine() {
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
    this.advice = advice;
  }
}

/** Ends the process with a readable error. @param {unknown} error @returns {never} */
export function fail(error) {
  endLine();
  if (error instanceof SetupError) process.stderr.write(`\nframelock: ${error.message}\n\n  ${error.advice.replaceAll('\n', '\n  ')}\n\n`);
  else process.stderr.write(`\nframelock: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
