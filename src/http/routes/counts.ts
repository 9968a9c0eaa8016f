import { z } from 'zod';
import { CountsView } from '../../streams/counts-view.ts';
import { json, nothing } from '../content.ts';
import { STREAM_NOT_FOUND } from '../problems.ts';
import { Time } from '../query.ts';
import { routesOf } from '../route.ts';
import { named } from '../schemas.ts';
import { ONE_STREAM, type StreamDeps } from './streams.ts';

CountsView.register(named, { id: 'Counts', io: 'output' });

const BUCKETS = { '60s': 60_000, '5m': 300_000, '1h': 3_600_000 } as const;
/** Buckets of one answer at most. */
const MAX_BUCKETS = 5000;
/** How far back an answer reaches where nothing is said. */
const DEFAULT_SPAN_MS = 3_600_000;

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

const route = routesOf<StreamDeps>('Streams');

export const countRoutes = [
  route(
    {
      method: 'get',
      path: '/api/streams/:id/counts',
      action: 'view',
      summary: 'What zones and lines have counted, in buckets of time.',
      ...ONE_STREAM,
      query: CountsQuery,
      answers: { 200: json(CountsView) },
      problems: [STREAM_NOT_FOUND],
    },
    async ({ params: { id }, query }, { registry }) => ({ status: 200, body: await registry.counts(id, query) }),
  ),

  route(
    {
      method: 'delete',
      path: '/api/streams/:id/counts',
      action: 'configure',
      summary: 'Forgets what zones and lines have counted.',
      ...ONE_STREAM,
      answers: { 204: nothing() },
      problems: [STREAM_NOT_FOUND],
    },
    async ({ params: { id } }, { registry }) => {
      await registry.resetCounts(id);
      return { status: 204 };
    },
  ),
];
