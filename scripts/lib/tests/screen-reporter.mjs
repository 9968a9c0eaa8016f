import { Readable } from 'node:stream';
import { spec } from 'node:test/reporters';

/** What the runner says at the end of each file; the totals are of all of them. */
const COUNTS = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) \d/;

/**
 * Node's own reporter for people, without its totals.
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 */
export async function* screen(events) {
  yield* Readable.from(withoutCounts(events)).pipe(new spec());
}

/** @param {AsyncIterable<import('node:test/reporters').TestEvent>} events */
async function* withoutCounts(events) {
  for await (const event of events) {
    if (event.type !== 'test:diagnostic' || event.data.nesting > 0 || !COUNTS.test(event.data.message)) yield event;
  }
}

// The runner takes a reporter from a module's default export only.
export { screen as default };
