import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { queryFields } from '../../../src/http/query.ts';
import { bound, type BoundRoute } from '../../../src/http/route.ts';
import type { Sfu } from '../../../src/sfu/sfu.ts';
import { whepRoutes } from '../../../src/signaling/whep-routes.ts';
import { whep } from '../../../src/signaling/whep.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { startSfu } from '../../support/sfu.ts';
import { StandInStreams } from '../../support/stand-in-streams.ts';
import { call, problem, type Answer } from './client.ts';

const TOKEN = 'correct-horse-battery-staple';

/** Of every route of a server, whatever it is about. */
describe('every route', () => {
  let sfu: Sfu;
  let server: TestServer;
  before(async () => {
    sfu = await startSfu();
    const sessions = whep({ sfu, streams: new StandInStreams('street'), iceServers: [], logger: pino({ level: 'silent' }) });
    server = await startServer({ env: { FRAMELOCK_TOKEN: TOKEN }, routes: bound(whepRoutes, sessions) });
  });
  after(async () => {
    await server.close();
    await sfu.close();
  });

  /** Asks for it of things that there are. */
  const ask = ({ method, path, body }: BoundRoute, query = '', headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }): Promise<Answer> => {
    const address = path.replace(':id', 'street').replace(':name', 'street-nano').replace(':session', 'none');
    const content = body === undefined ? undefined : body.kind === 'json' ? '{}' : 'nonsense';
    return call(server, method.toUpperCase(), address + query, content, { ...headers, ...(body === undefined ? {} : { 'content-type': body.type }) });
  };

  it('asks for a token where its action is not public, and only there', async () => {
    for (const route of server.app.routes) {
      const answer = await ask(route, '', {});
      assert.equal(answer.status === 401, route.action !== 'public', `${route.method} ${route.path}: ${answer.status}`);
      if (route.action !== 'public') assert.equal(problem(answer, 401).code, 'token-missing');
    }
  });

  it('that takes a query refuses a parameter that is given twice, by its name', async () => {
    const routes = server.app.routes.filter((route) => route.query !== undefined);
    assert.ok(routes.length >= 3);
    for (const route of routes) {
      for (const [name, schema] of queryFields(route)) {
        const others = queryFields(route).filter(([other, field]) => other !== name && !field.safeParse(undefined).success);
        assert.deepEqual(others, [], 'no other has to be there');
        assert.deepEqual(problem(await ask(route, `?${name}=1&${name}=1`), 400).paths, [name], route.path);
        if (!schema.safeParse(undefined).success) assert.deepEqual(problem(await ask(route), 400).paths, [name], route.path);
      }
    }
  });

  it('passes over parameters that it does not have', async () => {
    for (const path of ['/api/streams', '/api/streams/street', '/api/streams/street/counts', '/api/detectors', '/api/models', '/api/devices', '/metrics']) {
      const { status } = await call(server, 'GET', `${path}?nothing=1&nothing=2`, undefined, { authorization: `Bearer ${TOKEN}` });
      assert.equal(status, 200, path);
    }
  });

  it('that takes a body refuses one of another media type', async () => {
    const routes = server.app.routes.filter((route) => route.body !== undefined);
    assert.ok(routes.some(({ body }) => body?.kind === 'text') && routes.some(({ body }) => body?.kind === 'json'));
    for (const route of routes) {
      const address = route.path.replace(':id', 'street').replace(':name', 'street-nano').replace(':session', 'none');
      const answer = await call(server, route.method.toUpperCase(), address, 'x', { 'authorization': `Bearer ${TOKEN}`, 'content-type': 'image/png' });
      assert.equal(problem(answer, 415).code, 'unsupported-media-type');
    }
  });

  it('says by OPTIONS what can be sent, without a token', async () => {
    for (const { method, path, body } of server.app.routes) {
      const { status, headers } = await call(server, 'OPTIONS', path);
      assert.equal(status, 204);
      assert.ok(headers.get('allow')?.split(', ').includes(method.toUpperCase()), path);
      if (body !== undefined) assert.equal(headers.get(`accept-${method}`), body.type, path);
    }
  });
});

describe('what a path names', () => {
  it('is missing whatever else is wrong, also where it could not be a name', async () => {
    const server = await startServer();
    for (const id of ['none', 'NO_ID', '%20', 'a'.repeat(64)]) {
      for (const [method, rest, body] of [['GET', ''], ['PATCH', '', { nonsense: 1 }], ['GET', '/truth?seq=x'], ['GET', '/counts?bucket=2m'], ['DELETE', '/counts'], ['POST', '/retry']] as const) {
        assert.equal(problem(await call(server, method, `/api/streams/${id}${rest}`, body), 404).code, 'stream-not-found', `${method} ${id}${rest}`);
      }
      assert.equal(problem(await call(server, 'PATCH', `/api/detectors/${id}`, { nonsense: 1 }), 404).code, 'detector-not-found');
    }
    await server.close();
  });
});
