import { z } from 'zod';
import { json, text } from '../content.ts';
import { docsPage } from '../docs-page.ts';
import { METRICS_TYPE, type Metrics } from '../metrics.ts';
import type { OpenApi } from '../openapi.ts';
import { ProblemError } from '../problem.ts';
import { routesOf, type ProblemInfo } from '../route.ts';

const NOT_READY: ProblemInfo = { status: 503, code: 'not-ready', when: 'errors name what is missing.' };

/** Something that must run before the server can serve. */
const ReadinessCheck = z.strictObject({
  name: z.string(),
  ready: z.boolean(),
  /** What it is doing, or what is wrong. */
  detail: z.string(),
});
export type ReadinessCheck = Readonly<z.infer<typeof ReadinessCheck>>;

export interface OperationDeps {
  readonly readiness: () => readonly ReadinessCheck[];
  readonly metrics: Pick<Metrics, 'text'>;
  readonly description: OpenApi;
}

const route = routesOf<OperationDeps>('Operation');

export const operationRoutes = [
  route(
    {
      method: 'get',
      path: '/healthz',
      action: 'public',
      summary: 'The process is up.',
      answers: { 200: json(z.strictObject({ status: z.literal('up'), uptimeS: z.number().int() })) },
    },
    () => ({ status: 200, body: { status: 'up', uptimeS: Math.round(process.uptime()) } }),
  ),

  route(
    {
      method: 'get',
      path: '/readyz',
      action: 'public',
      summary: 'The server can serve.',
      answers: { 200: json(z.strictObject({ status: z.literal('ready'), checks: z.array(ReadinessCheck) })) },
      problems: [NOT_READY],
    },
    (_input, { readiness }) => {
      const checks = readiness();
      const missing = checks.filter(({ ready }) => !ready);
      if (missing.length > 0) throw notReady(missing);
      return { status: 200, body: { status: 'ready', checks } };
    },
  ),

  route(
    {
      method: 'get',
      path: '/metrics',
      action: 'administer',
      summary: 'Measurements for Prometheus.',
      answers: { 200: text(METRICS_TYPE) },
    },
    async (_input, { metrics }) => ({ status: 200, body: await metrics.text() }),
  ),

  route(
    {
      method: 'get',
      path: '/openapi.json',
      action: 'public',
      summary: 'This API as an OpenAPI document.',
      answers: { 200: json(z.looseObject({ openapi: z.string() })) },
    },
    (_input, { description }) => ({ status: 200, body: { ...description } }),
  ),

  route(
    {
      method: 'get',
      path: '/docs',
      action: 'public',
      summary: 'The same for people.',
      answers: { 200: text('text/html') },
    },
    (_input, { description }) => ({ status: 200, body: docsPage(description) }),
  ),
];

function notReady(missing: readonly ReadinessCheck[]): ProblemError {
  return new ProblemError({
    status: 503,
    title: 'The server is not ready',
    detail: missing.map(({ name, detail }) => `${name}: ${detail}`).join('; '),
    code: 'not-ready',
    errors: missing.map(({ name, detail }) => ({ path: name, message: detail })),
    headers: { 'Retry-After': '1' },
  });
}
