import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import express from 'express';
import { pino } from 'pino';
import { z } from 'zod';
import { json, nothing, text, events } from '../../../src/http/content.ts';
import { errorHandler } from '../../../src/http/error-handler.ts';
import { EventStream } from '../../../src/http/event-stream.ts';
import { mount } from '../../../src/http/mount.ts';
import { openApi } from '../../../src/http/openapi.ts';
import { notFound } from '../../../src/http/problem.ts';
import { whole } from '../../../src/http/query.ts';
import { bound, routesOf } from '../../../src/http/route.ts';
import { named } from '../../../src/http/schemas.ts';
import { fetchDescribed } from '../../support/described.ts';

const Shelf = z.strictObject({ number: z.number(), books: z.array(z.string()) });
const Book = z.strictObject({ title: z.string().min(1), pages: z.number().default(100) });
Shelf.register(named, { id: 'Shelf', io: 'output' });
Book.register(named, { id: 'Book', io: 'input' });

const NO_SHELF = { status: 404, code: 'shelf-not-found', when: 'There is no such shelf.' };

interface Library {
  readonly shelves: Map<number, string[]>;
}

const route = routesOf<Library>('Shelves');
const ONE_SHELF = {
  params: { number: z.string().regex(/^\d+$/).transform(Number) },
  find: ({ number }: { readonly number: number }, { shelves }: Library): string[] => {
    const found = shelves.get(number);
    if (found === undefined) throw notFound(`There is no shelf ${number}.`, 'shelf-not-found');
    return found;
  },
};

const routes = [
  route(
    {
      method: 'get',
      path: '/shelves/:number',
      action: 'view',
      summary: 'One shelf.',
      ...ONE_SHELF,
      query: z.object({ most: whole(1, 10).default(10).meta({ description: 'Books at most.' }) }),
      answers: { 200: json(Shelf) },
      problems: [NO_SHELF],
    },
    ({ params: { number }, query: { most }, found }) => ({ status: 200, body: { number, books: found.slice(0, most) } }),
  ),
  route(
    {
      method: 'post',
      path: '/shelves/:number',
      action: 'configure',
      summary: 'Adds a book.',
      ...ONE_SHELF,
      headers: { 'X-Place': 'Where it is put.' },
      body: json(Book),
      answers: { 201: json(Shelf, { headers: { Location: 'Of the book.', Link: 'Of each other book.' } }), 204: nothing() },
      problems: [NO_SHELF],
    },
    ({ params: { number }, headers: { 'X-Place': place }, body: { title, pages }, found }) => {
      if (place === 'bin') return { status: 204 };
      const links = found.map((other) => `<${other}>`);
      found.push(`${title} (${pages})`);
      return { status: 201, headers: { Location: `/shelves/${number}/${title}`, Link: links }, body: { number, books: found } };
    },
  ),
  route(
    { method: 'post', path: '/echo', action: 'public', summary: 'Says the same.', body: text('text/csv'), answers: { 200: text('text/csv; charset=utf-8', { description: 'It.' }) } },
    ({ body }) => ({ status: 200, body }),
  ),
  route(
    { method: 'get', path: '/ticks', action: 'public', summary: 'Ticks once.', answers: { 200: events({ tick: z.strictObject({ at: z.number() }) }) } },
    () => ({
      status: 200,
      write: (response) => {
        const stream = new EventStream(response);
        stream.send('{"at":1}', 'tick');
        stream.close();
      },
    }),
  ),
];

/** What a route’s type refuses: these are compiled, and never run. */
export const refusedByType = (): unknown => [
  route(
    { method: 'get', path: '/a/:b', action: 'view', summary: 'A.', answers: { 200: json(Shelf) } },
    // @ts-expect-error -- the path has no such parameter
    ({ params: { c } }) => ({ status: 200, body: { number: Number(c), books: [] } }),
  ),
  route(
    { method: 'get', path: '/a', action: 'view', summary: 'A.', answers: { 200: json(Shelf) } },
    // @ts-expect-error -- the body is no shelf
    () => ({ status: 200, body: { number: '1', books: [] } }),
  ),
  route(
    { method: 'get', path: '/a', action: 'view', summary: 'A.', answers: { 200: json(Shelf) } },
    // @ts-expect-error -- the status is not described
    () => ({ status: 202, body: { number: 1, books: [] } }),
  ),
  route(
    { method: 'get', path: '/a', action: 'view', summary: 'A.', answers: { 201: json(Shelf, { headers: { Location: 'Of it.' } }) } },
    // @ts-expect-error -- a header is missing
    () => ({ status: 201, body: { number: 1, books: [] } }),
  ),
  // @ts-expect-error -- no action
  route({ method: 'get', path: '/a', summary: 'A.', answers: { 204: nothing() } }, () => ({ status: 204 })),
  // @ts-expect-error -- a parameter that the path does not have
  route({ method: 'get', path: '/a', action: 'view', summary: 'A.', params: { b: z.string() }, answers: { 204: nothing() } }, () => ({ status: 204 })),
];

describe('a route', () => {
  let server: Server;
  let base: string;
  before(async () => {
    const app = express();
    app.set('query parser', 'simple');
    mount(app, bound(routes, { shelves: new Map([[7, ['Emma']]]) }), { bodyBytes: 100 });
    app.use(errorHandler(pino({ level: 'silent' })));
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  const ask = (path: string, init?: RequestInit): Promise<Response> => fetchDescribed(routes, base + path, init);
  const post = (path: string, body: string, type: string, headers: Record<string, string> = {}): Promise<Response> => ask(path, { method: 'POST', body, headers: { 'Content-Type': type, ...headers } });
  const refusal = async (answer: Promise<Response>): Promise<unknown[]> => {
    const { status, code, errors = [] } = (await (await answer).json()) as { status: number; code?: string; errors?: { path: string }[] };
    return [status, code, ...errors.map(({ path }) => path)];
  };

  it('gets what the request brought, checked and transformed', async () => {
    assert.deepEqual(await (await ask('/shelves/7?most=1')).json(), { number: 7, books: ['Emma'] });
    const added = await post('/shelves/7', '{"title":"Faust"}', 'application/json');
    assert.deepEqual([added.status, await added.json()], [201, { number: 7, books: ['Emma', 'Faust (100)'] }]);
    assert.deepEqual([added.headers.get('location'), added.headers.get('link'), added.headers.get('cache-control')], ['/shelves/7/Faust', '<Emma>', 'no-store']);
    assert.equal((await post('/shelves/7', '{"title":"Faust"}', 'application/json', { 'X-Place': 'bin' })).status, 204);
    assert.equal(await (await post('/echo', 'a;b', 'text/csv')).text(), 'a;b');
  });

  it('is not reached by what it can’t take', async () => {
    for (const most of ['0', '11', '1.5', '', 'x', '1&most=2']) assert.deepEqual(await refusal(ask(`/shelves/7?most=${most}`)), [400, 'invalid-request', 'most'], most);
    assert.deepEqual(await refusal(post('/shelves/7', '{"pages":"x"}', 'application/json')), [400, 'invalid-request', 'title', 'pages']);
    assert.deepEqual(await refusal(post('/shelves/7', '{', 'application/json')), [400, 'entity-parse-failed']);
    assert.deepEqual(await refusal(post('/shelves/7', 'x', 'text/csv')), [415, 'unsupported-media-type']);
    assert.deepEqual(await refusal(post('/echo', '{}', 'application/json')), [415, 'unsupported-media-type']);
    assert.deepEqual(await refusal(post('/echo', 'x'.repeat(101), 'text/csv')), [413, 'entity-too-large']);
  });

  it('says first that a thing is not there, or could not be', async () => {
    for (const number of ['8', 'seven']) {
      assert.deepEqual(await refusal(ask(`/shelves/${number}?most=x`)), [404, 'shelf-not-found']);
      assert.deepEqual(await refusal(post(`/shelves/${number}`, '{"pages":"x"}', 'application/json')), [404, 'shelf-not-found']);
    }
  });

  it('writes an answer bit by bit', async () => {
    const answer = await ask('/ticks');
    assert.match(answer.headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.match(await answer.text(), /event: tick\ndata: \{"at":1\}/);
  });

  it('leaves all other methods of its path refused, and says what there is', async () => {
    const refused = await ask('/shelves/7', { method: 'DELETE' });
    assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'GET, POST, HEAD, OPTIONS']);
    const options = await ask('/echo', { method: 'OPTIONS' });
    assert.deepEqual([options.status, options.headers.get('accept-post')], [204, 'text/csv']);
    assert.equal((await ask('/shelves/7', { method: 'HEAD' })).status, 200);
  });

  it('is an operation of the OpenAPI document', () => {
    const { paths, components } = openApi(routes, '1');
    const shelf = paths['/shelves/{number}']!;
    const { parameters, responses, tags, security } = shelf['get'] as { parameters: object[]; responses: Record<string, { content?: Record<string, { schema: object }> }>; tags: string[]; security?: object[] };
    assert.deepEqual([tags, shelf['get']!['x-action'], security], [['Shelves'], 'view', undefined]);
    assert.deepEqual(parameters, [
      { name: 'number', in: 'path', required: true, schema: { type: 'string', pattern: '^\\d+$' } },
      { name: 'most', in: 'query', required: false, schema: { type: 'integer', minimum: 1, maximum: 10, default: 10, description: 'Books at most.' } },
    ]);
    assert.deepEqual(responses['200']?.content, { 'application/json': { schema: { $ref: '#/components/schemas/Shelf' } } });
    assert.deepEqual(Object.keys(responses), ['200', '400', '401', '403', '404', 'default']);
    const { schema } = responses['404']!.content!['application/problem+json']!;
    assert.deepEqual(schema, { allOf: [{ $ref: '#/components/schemas/Problem' }], properties: { code: { enum: ['shelf-not-found'] } } });
    assert.deepEqual(Object.keys(components['schemas'] as object), ['Book', 'Problem', 'Shelf']);
    const { required } = (components['schemas'] as { Book: { required: string[] } }).Book;
    assert.deepEqual(required, ['title'], 'as it is sent, not as it is taken');
    assert.deepEqual(paths['/echo']?.['post']?.['security'], []);
    assert.deepEqual((paths['/ticks']!['get'] as typeof shelf['get'] & { responses: Record<string, { content: Record<string, object> }> }).responses['200']?.content, {
      'text/event-stream': {
        schema: { type: 'string' },
        'x-events': { tick: { type: 'object', properties: { at: { type: 'number' } }, required: ['at'], additionalProperties: false } },
      },
    });
  });
});
