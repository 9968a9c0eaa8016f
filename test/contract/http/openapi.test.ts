import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { application } from 'express';
import { pino } from 'pino';
import type { Sfu } from '../../../src/sfu/sfu.ts';
import { Publications } from '../../../src/publishing/publications.ts';
import { whepRouter } from '../../../src/signaling/whep.ts';
import { whipRouter } from '../../../src/signaling/whip.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { startSfu } from '../../support/sfu.ts';
import { StandInStreams } from '../../support/stand-in-streams.ts';
import { call, problem } from './client.ts';

interface Operation {
  readonly responses: Record<string, { headers?: Record<string, unknown>; content?: Record<string, unknown> }>;
}

interface Description {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

/** A route as Express keeps it. */
interface MountedRoute {
  readonly path: string;
  readonly methods: Readonly<Record<string, boolean>>;
}

interface MountedRouter {
  readonly stack: readonly { readonly route?: MountedRoute }[];
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
    const sessions = { sfu, iceServers: [], bodyBytes: 1000, logger };
    const use = mock.method(application, 'use');
    const route = mock.method(application, 'route');
    server = await startServer({
      routers: [
        { path: '/live', router: whepRouter({ ...sessions, streams: new StandInStreams() }) },
        { path: '/live', router: whipRouter({ ...sessions, publications }) },
      ],
    });
    const routers = use.mock.calls.flatMap(({ arguments: [first, ...rest] }): { base: string; router: MountedRouter }[] => {
      const [base, handlers] = typeof first === 'string' ? [first, rest] : ['', [first, ...rest]];
      return (handlers as readonly unknown[]).filter(isRouter).map((router) => ({ base, router }));
    });
    const nested = routers.flatMap(({ base, router }) => router.stack.flatMap((layer) => (layer.route === undefined ? [] : operationsOf(base, layer.route))));
    const direct = route.mock.calls.flatMap(({ result }) => operationsOf('', result as unknown as MountedRoute));
    use.mock.restore();
    route.mock.restore();
    mounted = [...nested, ...direct];
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

function isRouter(value: unknown): value is MountedRouter {
  return typeof value === 'function' && 'stack' in value && Array.isArray(value.stack);
}

function operationsOf(base: string, { path, methods }: MountedRoute): string[] {
  const whole = base + (base !== '' && path === '/' ? '' : path);
  if (PAGES.includes(whole)) return [];
  return Object.keys(methods)
    .filter((method) => !['_all', 'options'].includes(method))
    .map((method) => `${method} ${whole.replaceAll(/:(\w+)/g, '{$1}')}`);
}
