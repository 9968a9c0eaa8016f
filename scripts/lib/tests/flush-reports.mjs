/**
 * Preloaded into the processes of test files. The runner's forced exit (`--test-force-exit`) leaves behind what a busy reader has not taken
 * yet: what is told of a test that failed would be missing. So such a process ends once everything is written.
 */
// What a test starts is started with the same options, and ends as it always does.
if (process.argv[1]?.endsWith('.test.ts') === true) {
  const exit = process.exit.bind(process);
  // Without an argument, and not with one that is undefined, the status stays what the runner has set.
  process.exit = /** @type {typeof process.exit} */ (
    (...code) => {
      process.stdout.write('', () => exit(...code));
    }
  );
}
