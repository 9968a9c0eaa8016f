import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { Refusal, type RefusalCode } from '../util/refusal.ts';
import { badRequest, notFound, PROBLEM_TYPE, ProblemError } from './problem.ts';
import { BODY_PROBLEMS } from './problems.ts';

/** Status of each refusal. */
const STATUS: Readonly<Record<RefusalCode, number>> = {
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
  'already-published': 409,
  'other-source': 409,
  'bad-stream-id': 400,
  'key-missing': 401,
  'key-wrong': 403,
  'closed': 404,
  'unavailable': 503,
  'no-common-codec': 406,
  'no-audio': 404,
  'transport-refused': 400,
  'not-found': 404,
  'watch-not-found': 404,
  'too-many-watches': 409,
  'replaced': 410,
  'bad-offer': 400,
  'bad-fragment': 400,
  'other-ice-session': 412,
  'no-ice-restart': 422,
};

/** Refusals whose status says everything: their code is left out of the answer. */
const STATUS_ALONE: ReadonlySet<RefusalCode> = new Set<RefusalCode>(['not-found']);

/** Seconds after which to retry, if known. */
const RETRY_AFTER: Partial<Readonly<Record<RefusalCode, string>>> = { unavailable: '1' };

/** Converts anything thrown to a problem that may be shown. An unexpected error is a 500 without details. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof Refusal) return asAnswered(error);
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

function asAnswered(refusal: Refusal): ProblemError {
  const { code, message, errors } = refusal;
  if (code === 'invalid') return badRequest(errors);
  const retryAfter = RETRY_AFTER[code];
  return new ProblemError({
    status: STATUS[code],
    detail: message,
    cause: refusal,
    ...(STATUS_ALONE.has(code) ? {} : { code }),
    ...(errors.length === 0 ? {} : { errors }),
    ...(retryAfter === undefined ? {} : { headers: { 'Retry-After': retryAfter } }),
  });
}

/** Answers every request that no route has answered. */
export const nothingHere: RequestHandler = (request) => {
  throw notFound(`There is nothing at ${request.path}.`);
};

/** Converts errors to answers: `application/problem+json` (RFC 9457). */
export function errorHandler(logger: Logger): ErrorRequestHandler {
  return (error, request, response, next) => {
    const problem = asProblem(error);
    // An unavailable part (503) is logged by its owner; probes would only repeat it.
    if (problem.status >= 500 && problem.status !== 503) logger.error({ err: error as unknown, method: request.method, path: request.path }, 'a request failed');
    if (response.headersSent) {
      // Part of the answer was sent: only closing the connection shows that the rest is missing.
      next(error);
      return;
    }
    response.status(problem.status).set(problem.headers).set('Cache-Control', 'no-store');
    response.type(PROBLEM_TYPE).send(JSON.stringify(problem));
  };
}
