import type { z } from 'zod';
import type { WrongField } from './wire.ts';

/** A thousand wrong boxes are wrong in the same way. */
const MOST = 10;

/** What is wrong with a message, by field; at most ten. */
export function wrongFields({ issues }: z.ZodError): WrongField[] {
  return issues.slice(0, MOST).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: formatPath([...issue.path, key]), message: 'There is no such field.' }));
    if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
      return [{ path: formatPath(issue.path), message: 'Must be hello, result or failed.' }];
    }
    return [{ path: formatPath(issue.path), message: issue.message.endsWith('received undefined') ? 'Is required.' : issue.message }];
  });
}

/** A sentence with the first of them. */
export function sentence(wrong: readonly WrongField[]): string {
  const [first] = wrong;
  if (first === undefined) return 'The message is wrong.';
  return `${first.path === '' ? 'message' : first.path}: ${first.message}${wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : ''}`;
}

function formatPath(keys: readonly PropertyKey[]): string {
  return keys.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`)).join('');
}
