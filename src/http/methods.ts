import type { RequestHandler } from 'express';
import { ProblemError } from './problem.ts';

/** Answers 405 to every method that a resource does not have; goes last on its route. */
export function allow(...methods: readonly string[]): RequestHandler {
  const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (request) => {
    throw new ProblemError({
      status: 405,
      detail: `${request.method} is not possible here; allowed: ${allowed}.`,
      code: 'method-not-allowed',
      headers: { Allow: allowed },
    });
  };
}
