/**
 * A reporter for Node's test runner that writes a line of JSON for each thing that happens, as it happens: what a file has done is known
 * even where its process never comes to its end. `resultOf` reads it.
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 */
export async function* record(events) {
  for await (const event of events) {
    const line = lineOf(event);
    if (line !== undefined) yield `${JSON.stringify(line)}\n`;
  }
}

/**
 * @typedef {{ type: 'began', name: string, nesting: number }} Began
 * @typedef {{ type: 'ended', name: string, nesting: number, ms: number, suite: boolean, skipped: boolean, error?: string }} Ended `error`: the
 *   what went wrong in it; an empty text where that went wrong in a test within it or around it
 * @typedef {{ type: 'counts', passed: number, failed: number, skipped: number }} Counts
 */

/** @param {import('node:test/reporters').TestEvent} event @returns {Began | Ended | Counts | undefined} */
function lineOf({ type, data }) {
  switch (type) {
    case 'test:dequeue':
      return { type: 'began', name: data.name, nesting: data.nesting };
    case 'test:complete': {
      const { passed, duration_ms: ms, type, error } = data.details;
      const skipped = data.skip !== undefined || data.todo !== undefined;
      return { type: 'ended', name: data.name, nesting: data.nesting, ms, suite: type === 'suite', skipped, ...(passed || skipped ? {} : { error: messageOf(error) }) };
    }
    case 'test:summary': {
      const { tests, passed, skipped, todo } = data.counts;
      return { type: 'counts', passed, failed: tests - passed - skipped - todo, skipped: skipped + todo };
    }
    default:
      return undefined;
  }
}

/** @param {(Error & { failureType?: string }) | undefined} error */
function messageOf(error) {
  if (error?.failureType === 'subtestsFailed' || error?.failureType === 'cancelledByParent') return '';
  const { cause } = error ?? {};
  return (cause instanceof Error ? cause.message : String(cause ?? error?.message)).trim() || 'failed without a word';
}

// The runner takes a reporter from a module's default export only.
export { record as default };
