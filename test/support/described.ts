import assert from 'node:assert/strict';
import type { z } from 'zod';
import { ProblemDocument, PROBLEM_TYPE } from '../../src/http/problem.ts';
import { problemsOf } from '../../src/http/problems.ts';
import type { RouteInfo } from '../../src/http/route.ts';

/** An answer, its body read. */
export interface GivenAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, else text. */
  readonly body: unknown;
}

/** The route that answers a request; undefined where none does. @param path with or without a query */
export function routeOf<Described extends Pick<RouteInfo, 'method' | 'path'>>(routes: readonly Described[], method: string, path: string): Described | undefined {
  const asked = path.split('?')[0] ?? '';
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
  return routes.find((route) => route.method === verb && new RegExp(`^${route.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(asked));
}

/** Asserts that an answer is one that its route says it gives: its status, its media type, and what its schema or its problems say. */
export function assertDescribed(route: RouteInfo, { status, headers, body }: GivenAnswer): void {
  const what = `${route.method} ${route.path}: ${status} ${JSON.stringify(body)}`;
  const answer = route.answers[status];
  if (answer === undefined) {
    assert.equal(mediaType(headers), PROBLEM_TYPE, what);
    const { code } = ProblemDocument.parse(body);
    assert.ok(problemsOf(route).some((known) => known.status === status && known.code === code), `not described: ${what}`);
  } else if (answer.kind === 'nothing') {
    assert.equal(body, '', what);
  } else {
    assert.equal(mediaType(headers), answer.type.split(';')[0], what);
    if (answer.kind === 'json') assertIs(answer.schema, body, what);
  }
}

/** As `fetch`; the answer has to be one that its route describes. That to HEAD has no body to look at. */
export async function fetchDescribed(routes: readonly RouteInfo[], url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  const route = routeOf(routes, init.method ?? 'GET', new URL(url).pathname);
  if (route === undefined || init.method === 'HEAD') return response;
  const text = await response.clone().text();
  const body: unknown = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
  assertDescribed(route, { status: response.status, headers: response.headers, body });
  return response;
}

/** Asserts that an event is one that its route says it sends. */
export function assertDescribedEvent(route: RouteInfo, event: string, data: unknown): void {
  const answer = route.answers[200];
  const schema = answer?.kind === 'written' ? answer.events?.[event] : undefined;
  assert.ok(schema !== undefined, `${route.path} has no event “${event}”`);
  assertIs(schema, data, `${route.path}: ${event}`);
}

/** What a schema leaves as it is. */
function assertIs(schema: z.ZodType, value: unknown, what: string): void {
  const parsed = schema.safeParse(value);
  assert.ok(parsed.success, `${what}: ${String(parsed.error)}`);
  assert.deepEqual(parsed.data, value, what);
}

function mediaType(headers: Headers): string {
  return (headers.get('content-type') ?? '').split(';')[0] ?? '';
}
