import { Router } from 'express';
import { allow } from '../methods.ts';
import { ProblemError } from '../problem.ts';

/** Something that must run before the server can serve. */
export interface ReadinessCheck {
  readonly name: string;
  readonly ready: boolean;
  /** What it is doing, or what is wrong. */
  readonly detail: string;
}

/** `/healthz`: the process is up. `/readyz`: it can serve, or 503 with what is missing. */
export function healthRoutes(readiness: () => readonly ReadinessCheck[]): Router {
  const router = Router();
  router
    .route('/healthz')
    .get((_request, response) => response.set('Cache-Control', 'no-store').json({ status: 'up', uptimeS: Math.round(process.uptime()) }))
    .all(allow('GET'));
  router
    .route('/readyz')
    .get((_request, response) => {
      const checks = readiness();
      const missing = checks.filter(({ ready }) => !ready);
      if (missing.length > 0) {
        throw new ProblemError({
          status: 503,
          title: 'The server is not ready',
          detail: missing.map(({ name, detail }) => `${name}: ${detail}`).join('; '),
          code: 'not-ready',
          errors: missing.map(({ name, detail }) => ({ path: name, message: detail })),
          headers: { 'Retry-After': '1' },
        });
      }
      response.set('Cache-Control', 'no-store').json({ status: 'ready', checks });
    })
    .all(allow('GET'));
  return router;
}
