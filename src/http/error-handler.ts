import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { StreamsError, type StreamsErrorCode } from '../streams/errors.ts';
import { badRequest, notFound, PROBLEM_TYPE, ProblemError } from './problem.ts';
import { BODY_PROBLEMS } from './problems.ts';

/** Status of each refusal of the streams. */
const STREAMS_STATUS: Readonly<Record<StreamsErrorCode, number>> = {
  'invalid': 400,
  'stream-exists': 409,
  'stream-not-found': 404,
  'detector-exists': 409,
  'detector-not-found': 404,
  'detector-in-use': 409,
  'detector-of-model': 409,
  'too-many-streams': 409,
  'no-truth': 404,
  'stream-unavailable': 503,
};

/** Anything thrown, as the problem that may be shown. What nobody foresaw is a 500 that tells nothing of itself. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof StreamsError) {
    if (error.code === 'invalid') return badRequest(error.errors);
    return new ProblemError({ status: STREAMS_STATUS[error.code], detail: error.message, code: error.code, cause: error });
  }
  const { status, type } = Object(error) as { status?: unknown; type?: unknown };
  if (error instanceof URIError || (status === 400 && type === undefined)) {
    return new ProblemError({ status: 400, detail: 'The address of the request can’t be decoded.', code: 'invalid-address', cause: error });
  }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    const code = typeof type === 'string' ? type.replaceAll('.', '-') : 'invalid-request';
    const detail = BODY_PROBLEMS.find((known) => known.code === code)?.when ?? 'The request can’t be understood.';
    return new ProblemError({ status, detail, code, cause: error });
  }
  return new ProblemError({ status: 500, detail: 'Something went wrong in the server; its log says more.', code: 'internal', cause: error });
}

/** Answers every request that nothing else answered. */
export const nothingHere: RequestHandler = (request) => {
  throw notFound(`There is nothing at ${request.path}.`);
};

/** The one place where errors become answers: `application/problem+json` (RFC 9457). */
export function errorHandler(logger: Logger): ErrorRequestHandler {
  return (error, request, response, next) => {
    const problem = asProblem(error);
    // A part that is away (503) is told of by its owner; probes would only repeat it.
    if (problem.status >= 500 && problem.status !== 503) logger.error({ err: error as unknown, method: request.method, path: request.path }, 'a request failed');
    if (response.headersSent) {
      // Half an answer is out: only breaking the connection tells the client that the rest is missing.
      next(error);
      return;
    }
    response.status(problem.status).set(problem.headers).set('Cache-Control', 'no-store');
    response.type(PROBLEM_TYPE).send(JSON.stringify(problem));
  };
}
