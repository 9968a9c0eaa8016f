import assert from 'node:assert/strict';
import { get } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { startServer, type TestServer } from '../../support/server.ts';
import { call, problem } from './client.ts';

/** A request with headers that `fetch` does not let one set. */
async function status({ http }: TestServer, path: string, headers: Record<string, string>): Promise<{ status: number | undefined; headers: IncomingMessage['headers'] }> {
  const request = get({ port: http.port, host: '127.0.0.1', path, headers, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return { status: response.statusCode, headers: response.headers };
}

describe('a server without a token', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ env: { FRAMELOCK_HTTP_ALLOWED_ORIGINS: 'https://allowed.example' } });
  });
  after(() => server.close());

  it('answers by the names of this machine only, so that no foreign name can be pointed at it', async () => {
    for (const host of ['127.0.0.1', 'localhost:1234', '[::1]:80', 'LOCALHOST']) {
      assert.equal((await status(server, '/api/streams', { host })).status, 200, host);
    }
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'evil.example:8080', '192.168.0.1']) {
      for (const path of ['/api/streams', '/', '/healthz']) assert.equal((await status(server, path, { host })).status, 403, host);
    }
  });

  it('refuses pages of foreign origins, whatever they ask', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example', 'nonsense']) {
      const answer = await call(server, 'POST', '/api/streams', { id: 'x', source: 'demo://street' }, { origin });
      assert.equal(problem(answer, 403).code, 'origin-not-allowed');
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
      assert.equal((await status(server, '/live/street/annotations', { origin })).status, 403);
    }
    assert.equal(server.control.registry.stream('x'), undefined);
  });

  it('serves pages of this machine and of origins that are allowed', async () => {
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1:9999', 'https://allowed.example']) {
      const answer = await call(server, 'GET', '/api/streams', undefined, { origin });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('access-control-allow-origin'), origin);
      assert.match(answer.headers.get('access-control-expose-headers') ?? '', /Location/);
      assert.match(answer.headers.get('vary') ?? '', /Origin/);
    }
  });

  it('answers preflight requests of those, and gives others nothing', async () => {
    const ask = (origin: string): ReturnType<typeof call> =>
      call(server, 'OPTIONS', '/live/street/whep', undefined, { origin, 'access-control-request-method': 'POST' });
    const allowed = await ask('https://allowed.example');
    assert.equal(allowed.status, 204);
    assert.match(allowed.headers.get('access-control-allow-methods') ?? '', /POST.*DELETE/);
    assert.match(allowed.headers.get('access-control-allow-headers') ?? '', /Authorization, Content-Type/);
    assert.equal((await ask('https://evil.example')).headers.get('access-control-allow-origin'), null);
  });
});

describe('a server with a token', () => {
  const token = 'correct-horse-battery-staple';
  let server: TestServer;
  before(async () => {
    server = await startServer({ env: { FRAMELOCK_TOKEN: token } });
  });
  after(() => server.close());

  const guarded = ['/api/streams', '/api/events', '/api/models', '/live/street/annotations', '/live/street/whep', '/metrics'];

  it('asks for it wherever something is told or changed', async () => {
    for (const path of guarded) {
      const answer = await call(server, 'GET', path);
      problem(answer, 401);
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="framelock"');
    }
    problem(await call(server, 'POST', '/api/streams', { id: 'x', source: 'demo://street' }), 401);
    problem(await call(server, 'DELETE', '/api/streams/street'), 401);
  });

  it('refuses a wrong one', async () => {
    for (const authorization of [`Bearer ${token}x`, `Bearer ${token.slice(1)}`, 'Bearer', `Basic ${token}`, token]) {
      problem(await call(server, 'GET', '/api/streams', undefined, { authorization }), 401);
    }
    const answer = await call(server, 'GET', '/api/streams?access_token=wrong');
    assert.match(answer.headers.get('www-authenticate') ?? '', /error="invalid_token"/);
  });

  it('takes it as a header, or in the query where no header can be sent', async () => {
    assert.equal((await call(server, 'GET', '/api/streams', undefined, { authorization: `Bearer ${token}` })).status, 200);
    assert.equal((await call(server, 'GET', '/api/streams', undefined, { authorization: `bearer ${token}` })).status, 200);
    assert.equal((await call(server, 'GET', `/api/streams?access_token=${token}`)).status, 200);
  });

  it('needs none for whether it is up, and for its pages', async () => {
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/docs']) assert.notEqual((await call(server, 'GET', path)).status, 401, path);
    assert.notEqual((await call(server, 'GET', '/')).status, 401);
  });

  it('serves pages of any origin that have it, by any name', async () => {
    const headers = { origin: 'https://any.example', authorization: `Bearer ${token}` };
    assert.equal((await call(server, 'GET', '/api/streams', undefined, headers)).headers.get('access-control-allow-origin'), 'https://any.example');
    assert.equal((await status(server, '/api/streams', { host: 'any.example', authorization: `Bearer ${token}` })).status, 200);
  });

  it('never writes it to the log', async () => {
    await server.log.find(({ msg, path }) => msg === 'request' && path === '/api/streams');
    assert.doesNotMatch(server.log.text, new RegExp(token));
  });
});

describe('every answer', () => {
  it('tells browsers to be careful', async () => {
    const server = await startServer();
    for (const path of ['/', '/api/streams', '/none']) {
      const { headers } = await call(server, 'GET', path);
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'self'.*object-src 'none'/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('x-powered-by'), null);
    }
    await server.close();
  });
});
