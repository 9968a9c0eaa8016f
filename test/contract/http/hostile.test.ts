import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { startServer, type TestServer } from '../../support/server.ts';
import { call, problem, raw, streamIs } from './client.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

describe('hostile input', () => {
  it('of 10 MB is 413', async () => {
    problem(await call(server, 'POST', '/api/streams', { id: 'big', source: 'demo://street', title: 'x'.repeat(10 << 20) }), 413);
  });

  it('of 10 MB without a length is 413', async () => {
    const chunk = new Uint8Array(1 << 16).fill(0x20);
    let chunks = 160;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => (chunks-- > 0 ? controller.enqueue(chunk) : controller.close()),
    });
    const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${server.url}/api/streams`, init as RequestInit);
    assert.equal(response.status, 413);
    await response.body?.cancel();
  });

  it('nested half a million deep is 400', async () => {
    const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`;
    problem(await call(server, 'POST', '/api/streams', deep), 400);
    problem(await call(server, 'POST', '/api/streams', `{"id":"deep","source":"demo://street","overlay":${deep}}`), 400);
  });

  it('that aims at prototypes is 400 and touches none', async () => {
    for (const key of ['__proto__', 'constructor']) {
      const body = `{"id":"proto","source":"demo://street","${key}":{"polluted":true}}`;
      assert.deepEqual(problem(await call(server, 'POST', '/api/streams', body), 400).paths, [key]);
    }
    const nested = '{"id":"proto","source":"demo://street","overlay":{"names":{"__proto__":"x","car":"y"}}}';
    const { status, body } = await call(server, 'POST', '/api/streams', nested);
    assert.equal(status, 201);
    assert.deepEqual((body as { overlay: { names: object } }).overlay.names, { car: 'y' });
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    problem(await call(server, 'GET', '/api/streams/__proto__'), 404);
    problem(await call(server, 'DELETE', '/api/detectors/constructor'), 404);
    await call(server, 'DELETE', '/api/streams/proto');
  });

  it('that is no JSON, cut off, empty or of another kind is 400', async () => {
    for (const body of ['{', '', 'nonsense', '"text"', '1', 'null', '[1]', '{"id":"a"}}', '\u0000']) {
      problem(await call(server, 'POST', '/api/streams', body), 400);
    }
  });

  it('of another content type is 415', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/sdp']) {
      problem(await call(server, 'POST', '/api/streams', '{"id":"a","source":"demo://street"}', { 'content-type': type }), 415);
    }
  });

  it('in an encoding or character set that is not known is 415', async () => {
    problem(await call(server, 'POST', '/api/streams', '{}', { 'content-encoding': 'rot13' }), 415);
    problem(await call(server, 'POST', '/api/streams', '{}', { 'content-type': 'application/json; charset=koi8-r' }), 415);
  });

  it('in paths is 404 or 400', async () => {
    for (const path of ['/api/streams/a%2Fb', '/api/streams/a/b', '/api/streams/..%2f..%2fetc', `/api/streams/${'x'.repeat(5000)}`, '/api/streams/%00', '/api/nothing', '/live/none/annotations']) {
      problem(await call(server, 'GET', path), 404);
    }
    problem(await call(server, 'GET', '/api/streams/%E0%A4%A'), 400);
    const traversal = await raw(server, 'GET /../../../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    assert.match(traversal, /^HTTP\/1\.1 404 /);
    assert.doesNotMatch(traversal, /root:/);
  });

  it('with a method that is not there is 405 and says which are', async () => {
    for (const [method, path, allowed] of [
      ['PUT', '/api/streams', 'GET, POST, HEAD, OPTIONS'],
      ['POST', '/api/streams/street', 'GET, PATCH, DELETE, HEAD, OPTIONS'],
      ['GET', '/api/streams/street/retry', 'POST, OPTIONS'],
      ['DELETE', '/api/models', 'GET, HEAD, OPTIONS'],
      ['POST', '/api/events', 'GET, HEAD, OPTIONS'],
      ['POST', '/healthz', 'GET, HEAD, OPTIONS'],
    ] as const) {
      const answer = await call(server, method, path);
      problem(answer, 405);
      assert.equal(answer.headers.get('allow'), allowed);
    }
  });

  it('that is no HTTP at all ends its connection and nothing else', async () => {
    assert.match(await raw(server, 'nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /);
    assert.match(await raw(server, `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`), /^(HTTP\/1\.1 431 |$)/);
    const socket = connect(server.http.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST /api/streams HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"id"');
    socket.destroy();
  });

  it('leaves the server and its streams as they were', async () => {
    const street = await streamIs(server, 'street', ({ state }) => state === 'live');
    assert.equal(street.stats.restarts, 0);
    assert.deepEqual(server.control.registry.list().map(({ id }) => id), ['street']);
    const errors = server.log.records.filter(({ level }) => level >= 50);
    assert.deepEqual(errors, []);
  });
});
