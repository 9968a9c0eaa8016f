/** Preloaded into the process of a test file, which leads a process group; what that starts is started with the same options, and left alone. */

/** Milliseconds between looks at whether the runner is still there. */
const LOOK_MS = 500;

if (process.argv[1]?.endsWith('.test.ts') === true) {
  flushAtExit();
  endWithRunner();
}

/**
 * The runner's forced exit (`--test-force-exit`) leaves behind what a busy reader has not taken yet: what is told of a test that failed would
 * be missing. So the process ends once everything is written.
 */
function flushAtExit() {
  const exit = process.exit.bind(process);
  // Without an argument, and not with one that is undefined, the status stays what the runner has set.
  process.exit = /** @type {typeof process.exit} */ (
    (...code) => {
      process.stdout.write('', () => exit(...code));
    }
  );
}

/** Where the runner was killed, nobody else ends this process and what it has started. */
function endWithRunner() {
  const runner = process.ppid;
  setInterval(() => {
    if (process.ppid !== runner) process.kill(0, 'SIGKILL');
  }, LOOK_MS).unref();
}
