import express, { type Request, type RequestHandler } from 'express';
import type { z } from 'zod';
import { explain } from '../config/explain.ts';
import type { Body } from './content.ts';
import { acceptField } from './methods.ts';
import { badRequest, ProblemError } from './problem.ts';

/** Media types of JSON bodies; PATCH bodies are merge patches (RFC 7396) and may say so. */
const JSON_TYPES = ['application/json', 'application/merge-patch+json'];

/** Reads the body of a route. @param limit bytes of the largest that is read */
export function bodyReader(body: Body, limit: number): RequestHandler[] {
  return body.kind === 'json' ? [jsonBody(limit)] : textBody(body.type, limit);
}

/** Reads a JSON body, and refuses others: 415 for another type, 413 beyond `limit` bytes, 400 for invalid JSON. */
export function jsonBody(limit: number): RequestHandler {
  const read = express.json({ limit, type: JSON_TYPES });
  return (request, response, next) => {
    if (hasBody(request) && request.is(JSON_TYPES) === false) {
      throw new ProblemError({
        status: 415,
        detail: `The body must be JSON; send it as Content-Type: ${JSON_TYPES[0]}.`,
        code: 'unsupported-media-type',
        headers: { Accept: JSON_TYPES.join(', ') },
      });
    }
    read(request, response, next);
  };
}

/** Reads a body of one media type as text, and refuses any other: 415 for another type or none, 413 beyond `limit` bytes. */
function textBody(type: string, limit: number): RequestHandler[] {
  const refuseOther: RequestHandler = (request, _response, next) => {
    if (typeof request.is(type) === 'string') return next();
    const detail = `The body has to be ${type}.`;
    throw new ProblemError({ status: 415, detail, code: 'unsupported-media-type', headers: { [acceptField(request.method)]: type } });
  };
  return [refuseOther, express.text({ type: () => true, limit })];
}

/**
 * Validates a value of a request.
 * @throws ProblemError 400 with the path of each wrong value
 */
export function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw badRequest(explain(parsed.error, schema).map(({ path, message }) => ({ path, message })));
  return parsed.data;
}

/** Validates a request's JSON body. @throws ProblemError 400 */
export function checkedBody<S extends z.ZodType>(schema: S, request: Request): z.output<S> {
  if (request.body === undefined) throw badRequest([{ path: '', message: 'A JSON object is needed as the body.' }]);
  return checked(schema, request.body);
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
