import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import type { Sfu } from '../../../src/sfu/sfu.ts';
import { Publications } from '../../../src/publishing/publications.ts';
import { API_ROUTES, DOCUMENTS, withTables } from '../../../src/api-reference.ts';
import { ACTIONS, bound, type Action, type RouteInfo } from '../../../src/http/route.ts';
import { whepRoutes } from '../../../src/signaling/whep-routes.ts';
import { whep } from '../../../src/signaling/whep.ts';
import { whipRoutes } from '../../../src/signaling/whip-routes.ts';
import { whip } from '../../../src/signaling/whip.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { startSfu } from '../../support/sfu.ts';
import { StandInStreams } from '../../support/stand-in-streams.ts';
import { call, problem } from './client.ts';

interface Operation {
  readonly 'x-action': Action;
  readonly responses: Record<string, { headers?: Record<string, unknown>; content?: Record<string, unknown> }>;
}

interface Description {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

/** A router as Express keeps it. */
interface MountedRouter {
  readonly stack: readonly { readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> }; readonly handle: unknown }[];
}

/** Pages are for people, not for programs. */
const PAGES = ['/', '/watch/:id', '/wall', '/library', '/publish'];

describe('the description of the API', () => {
  let sfu: Sfu;
  let other: TestServer;
  let publications: Publications;
  let server: TestServer;
  /** Every operation of the server, as `get /api/streams/{id}`. */
  let mounted: string[];
  let description: Description;

  before(async () => {
    sfu = await startSfu();
    other = await startServer();
    const logger = pino({ level: 'silent' });
    publications = new Publications({ sfu, registry: other.control.registry, settings: other.config.publish, logger });
    const sessions = { sfu, iceServers: [], logger };
    server = await startServer({
      routes: [...bound(whepRoutes, whep({ ...sessions, streams: new StandInStreams('street') })), ...bound(whipRoutes, whip({ ...sessions, publications }))],
    });
    mounted = operationsOf(server.app.app.router as unknown as MountedRouter);
    description = (await call(server, 'GET', '/openapi.json')).body as Description;
  });

  after(async () => {
    await server.close();
    publications.close();
    await other.close();
    await sfu.close();
  });

  const described = (): string[] => Object.entries(description.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));

  it('names every operation that there is, and no other', () => {
    assert.ok(mounted.includes('delete /live/{id}/whip/{session}') && mounted.includes('get /metrics'), 'the routes were found');
    assert.deepEqual(described().toSorted(), mounted.toSorted());
    assert.deepEqual(API_ROUTES.map(nameOf).toSorted(), mounted.toSorted(), 'and so do the documents');
  });

  it('says of every operation what its caller has to be allowed to do', () => {
    for (const [path, methods] of Object.entries(description.paths)) {
      for (const [method, operation] of Object.entries(methods)) assert.ok(ACTIONS.includes(operation['x-action']), `${method} ${path}`);
    }
  });

  it('says of every operation how it succeeds, and that what is refused is a problem', () => {
    for (const [path, methods] of Object.entries(description.paths)) {
      for (const [method, { responses }] of Object.entries(methods)) {
        const statuses = Object.keys(responses);
        assert.ok(statuses.some((status) => status.startsWith('2')), `${method} ${path}`);
        for (const status of statuses.filter((each) => !each.startsWith('2'))) assert.deepEqual(Object.keys(responses[status]?.content ?? {}), ['application/problem+json'], `${method} ${path} ${status}`);
      }
    }
  });

  it('says what sessions answer with', async () => {
    for (const protocol of ['whep', 'whip']) {
      const opened = description.paths[`/live/{id}/${protocol}`]?.['post']?.responses['201'];
      assert.deepEqual([Object.keys(opened?.content ?? {}), Object.keys(opened?.headers ?? {})], [['application/sdp'], ['Location', 'ETag', 'Accept-Patch', 'Link']]);
      const statuses = Object.keys(description.paths[`/live/{id}/${protocol}`]?.['post']?.responses ?? {});
      const refused = await call(server, 'POST', `/live/street/${protocol}`, 'nonsense', { 'content-type': 'application/sdp' });
      assert.ok(statuses.includes(String(refused.status)), String(refused.status));
    }
  });

  it('has only references that lead somewhere', () => {
    const refs = [...JSON.stringify(description).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '');
    assert.ok(refs.length > 10);
    for (const name of refs) assert.ok(description.components.schemas[name] !== undefined, name);
  });

  it('names every parameter of a path', () => {
    for (const [path, methods] of Object.entries(description.paths)) {
      for (const operation of Object.values(methods)) {
        const { parameters = [] } = operation as { parameters?: { in: string; name: string }[] };
        const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
        assert.deepEqual(named, path.match(/\{\w+\}/g) ?? [], path);
      }
    }
  });

  it('is what a refused method is told of', async () => {
    for (const [path, methods] of Object.entries(description.paths)) {
      assert.equal((await call(server, 'OPTIONS', path)).status, 204);
      const wrong = await call(server, 'PUT', path.replace('{id}', 'street').replace('{name}', 'street-nano'));
      problem(wrong, 405);
      const allowed = (wrong.headers.get('allow') ?? '').split(', ');
      for (const method of Object.keys(methods)) assert.ok(allowed.includes(method.toUpperCase()), `${method} ${path}`);
    }
  });

  it('can be read by people', async () => {
    const { headers, body } = await call(server, 'GET', '/docs');
    assert.match(headers.get('content-type') ?? '', /^text\/html/);
    assert.match(body as string, /PATCH \/api\/streams\/\{id\}/);
  });
});

describe('the tables of calls in the documents', () => {
  it('are up to date (else: node src/api-reference.ts)', () => {
    const tables = DOCUMENTS.map((name) => readFileSync(join(import.meta.dirname, '../../..', name), 'utf8'));
    for (const [index, text] of tables.entries()) assert.ok(text === withTables(text), DOCUMENTS[index]);
    for (const { method, path } of API_ROUTES) assert.ok(tables.some((text) => new RegExp(`^\\| \`${method.toUpperCase()} ${path}[\`?]`, 'm').test(text)), `${method} ${path}`);
  });
});

/** As `get /api/streams/{id}`. */
function nameOf({ method, path }: Pick<RouteInfo, 'method' | 'path'>): string {
  return `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`;
}

/** Of a router and those inside of it, all operations but those of pages, and OPTIONS. */
function operationsOf({ stack }: MountedRouter): string[] {
  return stack.flatMap(({ route, handle }) => {
    if (route === undefined) return typeof handle === 'function' && 'stack' in handle ? operationsOf(handle as unknown as MountedRouter) : [];
    if (PAGES.includes(route.path)) return [];
    const methods = Object.keys(route.methods).filter((method) => !['_all', 'options'].includes(method));
    return methods.map((method) => nameOf({ method: method as RouteInfo['method'], path: route.path }));
  });
}
