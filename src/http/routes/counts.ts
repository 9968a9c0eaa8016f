import { Router } from 'express';
import { z } from 'zod';
import type { StreamRegistry } from '../../streams/registry.ts';
import { checked } from '../body.ts';
import { allow } from '../methods.ts';

const BUCKETS = { '60s': 60_000, '5m': 300_000, '1h': 3_600_000 } as const;
/** Buckets of one answer at most. */
const MAX_BUCKETS = 5000;
/** How far back an answer reaches where nothing is said. */
const DEFAULT_SPAN_MS = 3_600_000;
/** The last moment that a Date can hold. */
const LAST_MS = 8.64e15;

const Time = z.string().transform((text, context) => {
  const time = /^\d{1,16}$/.test(text) ? Number(text) : Date.parse(text);
  if (time >= 0 && time <= LAST_MS) return time;
  context.addIssue({ code: 'custom', message: 'Must be a time in ISO 8601, or milliseconds since the epoch.' });
  return z.NEVER;
});

/** Query of counts: `from` is moved back to the start of its bucket. */
export const CountsQuery = z
  .object({ from: Time.optional(), to: Time.optional(), bucket: z.enum(['60s', '5m', '1h']).default('60s') })
  .transform(({ from, to = Date.now(), bucket }) => {
    return { from: from ?? Math.max(0, to - DEFAULT_SPAN_MS), to, bucketMs: BUCKETS[bucket] };
  })
  .superRefine(({ from, to, bucketMs }, context) => {
    if (from >= to) context.addIssue({ code: 'custom', path: ['from'], message: 'Must be before “to”.' });
    else if ((to - from) / bucketMs > MAX_BUCKETS) {
      context.addIssue({ code: 'custom', path: ['bucket'], message: `That would be more than ${MAX_BUCKETS} buckets: take longer ones, or a shorter span.` });
    }
  })
  .transform(({ from, to, bucketMs }) => ({ from: Math.floor(from / bucketMs) * bucketMs, to, bucketMs }));

/** `/api/streams/:id/counts`. */
export function countRoutes(registry: StreamRegistry): Router {
  const router = Router();
  router
    .route('/:id/counts')
    .get(async (request, response) => {
      registry.get(request.params.id);
      response.set('Cache-Control', 'no-store').json(await registry.counts(request.params.id, checked(CountsQuery, request.query)));
    })
    .delete(async (request, response) => {
      await registry.resetCounts(request.params.id);
      response.status(204).end();
    })
    .all(allow('GET', 'DELETE'));
  return router;
}
