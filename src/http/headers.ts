import type { RequestHandler } from 'express';
import type { Guard } from './guard.ts';

/** What the application's pages may load: their own files, media created in the page, and sockets. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self' ws: wss:",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ');

/** Headers of every answer. */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Permissions-Policy': 'camera=(self), microphone=(self), display-capture=(self)',
  });
  next();
};

/** Allows cross-origin requests (Fetch standard) of the origins that the guard allows; answers preflight requests. */
export function crossOrigin(guard: Guard): RequestHandler {
  return (request, response, next) => {
    response.vary('Origin');
    const origin = guard.allowedOrigin(request);
    if (origin !== undefined) {
      response.set({
        'Access-Control-Allow-Origin': origin,
        // A WHEP client needs these of its answer (RFC 9725 §4.1).
        'Access-Control-Expose-Headers': 'Location, ETag, Link, Accept-Patch, Retry-After, WWW-Authenticate',
      });
    }
    if (request.method !== 'OPTIONS' || request.get('access-control-request-method') === undefined) {
      next();
      return;
    }
    if (origin !== undefined) {
      response.set({
        'Access-Control-Allow-Methods': 'GET, HEAD, POST, PATCH, DELETE, OPTIONS',
        'Access-Control-Allow-Headers': 'Authorization, Content-Type, If-Match, Last-Event-ID',
        'Access-Control-Max-Age': '600',
      });
    }
    response.status(204).end();
  };
}
