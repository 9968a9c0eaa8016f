import type { IRouter, Request, RequestHandler, Response } from 'express';
import type { Reply } from './content.ts';
import { bodyReader, checked, checkedBody } from './body.ts';
import { allow, options } from './methods.ts';
import { ProblemError } from './problem.ts';
import type { BoundRoute, RouteInfo } from './route.ts';

export interface MountOptions {
  /** Bytes of the largest body that is read. */
  readonly bodyBytes: number;
}

/** Makes a router answer the routes, and refuse every other method on their paths with 405. */
export function mount(router: IRouter, routes: readonly BoundRoute[], { bodyBytes }: MountOptions): void {
  for (const [path, group] of Map.groupBy(routes, (route) => route.path)) {
    const resource = router.route(path);
    for (const route of group) resource[route.method](...(route.body === undefined ? [] : bodyReader(route.body, bodyBytes)), answering(route));
    resource.options(options(group)).all(allow(group));
  }
}

function answering(route: BoundRoute): RequestHandler {
  return async (request, response) => {
    const params = paramsOf(route, request);
    const found = await route.find(params);
    const query = route.query === undefined ? undefined : checked(route.query, request.query);
    const body = route.body?.kind === 'json' ? checkedBody(route.body.schema, request) : textOf(request);
    const headers = Object.fromEntries(Object.keys(route.headers ?? {}).map((name) => [name, request.get(name)]));
    await send(response, route, await route.handle({ params, query, headers, body, found }));
  };
}

/** @throws ProblemError 404 where one doesn't look as it has to */
function paramsOf({ params: schemas = {}, problems = [] }: RouteInfo, { params, path }: Request): Record<string, unknown> {
  const entries = Object.entries(params).map(([name, value]): [string, unknown] => {
    const parsed = schemas[name]?.safeParse(value);
    if (parsed === undefined) return [name, value];
    if (parsed.success) return [name, parsed.data];
    const { when = `There is nothing at ${path}.`, code } = problems.find(({ status }) => status === 404) ?? {};
    throw new ProblemError({ status: 404, detail: when, ...(code === undefined ? {} : { code }) });
  });
  return Object.fromEntries(entries);
}

/** Of a body that is no JSON; empty where there is none. */
function textOf({ body }: Request): string {
  return typeof body === 'string' ? body : '';
}

async function send(response: Response, { answers }: RouteInfo, { status, headers = {}, body, write }: Reply): Promise<void> {
  const answer = answers[status];
  // What is true now may be otherwise at once.
  response.status(status).set('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') response.set(name, value);
    else for (const each of value) response.append(name, each);
  }
  if (answer === undefined || answer.kind === 'nothing') return void response.end();
  response.type(answer.type);
  if (write !== undefined) await write(response);
  else if (answer.kind === 'json') response.json(body);
  else response.send(body);
}
