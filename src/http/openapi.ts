import { z } from 'zod';
import type { Answer, Body } from './content.ts';
import { ProblemDocument, PROBLEM_TYPE } from './problem.ts';
import { problemsOf } from './problems.ts';
import { queryFields } from './query.ts';
import type { ProblemInfo, RouteInfo } from './route.ts';
import { named, Schemas, type Json } from './schemas.ts';

/** The part of an OpenAPI document (3.1) that this server fills in. */
export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly security: readonly Json[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: Json;
}

ProblemDocument.register(named, { id: 'Problem', io: 'output' });

/** The HTTP API, machine-readable; schemas are those that requests are checked with. */
export function openApi(routes: readonly RouteInfo[], version: string): OpenApi {
  const schemas = new Schemas();
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) (paths[route.path.replaceAll(/:(\w+)/g, '{$1}')] ??= {})[route.method] = operation(route, schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Framelock',
      version,
      description: 'Live video that carries what algorithms saw in it, on the very frame they saw it in.',
    },
    security: [{ token: [] }, {}],
    paths,
    components: { schemas: schemas.components, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
}

/** What a route does, takes and answers. `x-action` is what its caller has to be allowed to do. */
function operation(route: RouteInfo, schemas: Schemas): Json {
  const { tag, summary, action, body, answers } = route;
  const parameters = parametersOf(route, schemas);
  const problem = schemas.of(ProblemDocument, 'output');
  return {
    tags: [tag],
    summary,
    'x-action': action,
    ...(action === 'public' ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, ...said(body), content: contentOf(body, 'input', schemas) } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, response(answer, summary, schemas)])),
      ...refusals(problemsOf(route), problem),
      default: { description: 'A problem (RFC 9457).', content: { [PROBLEM_TYPE]: { schema: problem } } },
    },
  };
}

function parametersOf(route: RouteInfo, schemas: Schemas): Json[] {
  const { path, params = {}, headers = {} } = route;
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  return [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: schemas.of(params[name] ?? z.string(), 'input') })),
    ...queryFields(route).map(([name, field]) => queryParameter(name, field, schemas)),
    ...Object.entries(headers).map(([name, description]) => ({ name, in: 'header', required: false, description, schema: { type: 'string' } })),
  ];
}

function queryParameter(name: string, field: z.ZodType, schemas: Schemas): Json {
  const absent = field.safeParse(undefined);
  // In JSON Schema a value that is transformed has no default any more.
  const fallback = absent.success && absent.data !== undefined ? { default: absent.data } : {};
  return { name, in: 'query', required: !absent.success, schema: { ...schemas.of(field, 'input'), ...fallback } };
}

function response(answer: Answer, summary: string, schemas: Schemas): Json {
  const headers = Object.entries(answer.about.headers ?? {}).map(([name, description]) => [name, { description, schema: { type: 'string' } }]);
  return {
    description: summary,
    ...said(answer),
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) as Json }),
    ...(answer.kind === 'nothing' ? {} : { content: contentOf(answer, 'output', schemas) }),
  };
}

function said({ about: { description } }: Answer): Json {
  return description === undefined ? {} : { description };
}

/** Its media type without parameters, and its schema. OpenAPI 3.1 has no word for events: `x-events` has the schema of each one's data. */
function contentOf(content: Body | Exclude<Answer, { kind: 'nothing' }>, io: 'input' | 'output', schemas: Schemas): Json {
  const [type = ''] = content.type.split(';');
  if (content.kind === 'json') return { [type]: { schema: schemas.of(content.schema, io) } };
  const events = content.kind === 'written' ? content.events : undefined;
  const each = Object.entries(events ?? {}).map(([name, schema]) => [name, schemas.of(schema, io)]);
  return { [type]: { schema: { type: 'string' }, ...(events === undefined ? {} : { 'x-events': Object.fromEntries(each) as Json }) } };
}

/** What is refused, by status. */
function refusals(problems: readonly ProblemInfo[], problem: Json): Json {
  const entries = [...Map.groupBy(problems, ({ status }) => status)].map(([status, those]) => {
    const codes = [...new Set(those.flatMap(({ code }) => code ?? []))];
    const description = [...new Set(those.map(({ when }) => when))].join(' ');
    const narrowed = { allOf: [problem], properties: { code: { enum: codes } } };
    return [status, { description, content: { [PROBLEM_TYPE]: { schema: codes.length === 0 ? problem : narrowed } } }];
  });
  return Object.fromEntries(entries) as Json;
}
