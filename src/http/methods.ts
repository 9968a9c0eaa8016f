import type { RequestHandler } from 'express';
import { ProblemError } from './problem.ts';
import type { RouteInfo } from './route.ts';

/** The routes of one path. */
type Resource = readonly Pick<RouteInfo, 'method' | 'body'>[];

/** Answers 405 to every method that a resource does not have; goes last on its path. */
export function allow(resource: Resource): RequestHandler {
  const allowed = allowedOn(resource);
  return (request) => {
    throw new ProblemError({
      status: 405,
      detail: `${request.method} is not possible here; allowed: ${allowed}.`,
      code: 'method-not-allowed',
      headers: { Allow: allowed },
    });
  };
}

/** Answers OPTIONS with what can be sent (RFC 9110 §9.3.7, RFC 5789 §3.1). */
export function options(resource: Resource): RequestHandler {
  const fields: Record<string, string> = { Allow: allowedOn(resource) };
  for (const { method, body } of resource) if (body !== undefined) fields[acceptField(method)] = body.type;
  return (_request, response) => void response.set(fields).status(204).end();
}

/** The header that names the media types of bodies: `Accept-Post`, `Accept-Patch`. */
export function acceptField(method: string): string {
  return `Accept-${method.charAt(0).toUpperCase()}${method.slice(1).toLowerCase()}`;
}

function allowedOn(resource: Resource): string {
  const methods = resource.map(({ method }) => method.toUpperCase());
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}
