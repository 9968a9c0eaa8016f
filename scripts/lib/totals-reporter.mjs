/**
 * A reporter for Node's test runner that says nothing but a line of JSON at the end: `{ passed, failed, skipped }`.
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 */
export async function* totals(events) {
  for await (const event of events) {
    // One summary is given a file, and the last one, without a file, for all.
    if (event.type !== 'test:summary' || event.data.file !== undefined) continue;
    const { tests, passed, skipped, todo } = event.data.counts;
    yield `${JSON.stringify({ passed, failed: tests - passed - skipped - todo, skipped: skipped + todo })}\n`;
  }
}

// The runner takes a reporter from a module's default export only.
export { totals as default };
