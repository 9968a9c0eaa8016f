import { ProblemError } from '../http/problem.ts';

/**
 * The 400 for a part of a request's address that is not as it must be.
 * @param path its name
 * @param detail what is said in all; left out, the message
 */
export function badParameter(path: string, code: string, message: string, detail = message): ProblemError {
  return new ProblemError({ status: 400, code, detail, errors: [{ path, message }] });
}
