import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { attemptReason, mayPass } from '../../../client/src/publish/publish-reason.ts';
import { deleteSession, fateOf, iceServersOf, postOffer, WhipRefusal } from '../../../client/src/publish/whip-client.ts';

describe('the WHIP client', () => {
  let server: Server;
  let url: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let asked: { method: string; path: string; type: string | undefined; authorization: string | undefined; body: string }[];

  before(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const { method = '', url: path = '', headers } = request;
        asked.push({ method, path, type: headers['content-type'], authorization: headers.authorization, body });
        answer(request, response);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  function answering(status: number, headers: Record<string, string> = {}, body = ''): void {
    asked = [];
    answer = (_request, response) => response.writeHead(status, headers).end(body);
  }

  const refused = (): Promise<WhipRefusal> =>
    postOffer(`${url}/live/gate/whip`, undefined, 'v=0').then(
      () => assert.fail('it was not refused'),
      (error: unknown) => {
        assert.ok(error instanceof WhipRefusal, String(error));
        return error;
      },
    );

  test('posts the offer with the token, and takes answer, session and ICE servers', async () => {
    answering(201, { Location: '/live/gate/whip/s1', Link: '<stun:stun.example:3478>; rel="ice-server"' }, 'v=0 answer');
    assert.deepEqual(await postOffer(`${url}/live/gate/whip`, 'secret', 'v=0 offer'), {
      answer: 'v=0 answer',
      location: `${url}/live/gate/whip/s1`,
      iceServers: [{ urls: 'stun:stun.example:3478' }],
    });
    assert.deepEqual(asked, [{ method: 'POST', path: '/live/gate/whip', type: 'application/sdp', authorization: 'Bearer secret', body: 'v=0 offer' }]);
  });

  test('sends no token where there is none', async () => {
    for (const token of [undefined, '']) {
      answering(201, { Location: 's' });
      await postOffer(`${url}/live/gate/whip`, token, 'v=0');
      assert.equal(asked[0]?.authorization, undefined);
    }
  });

  test('follows a redirect, and takes a relative session from where it led', async () => {
    answering(201);
    answer = (request, response) => {
      if (request.url === '/live/gate/whip') response.writeHead(307, { Location: '/edge/2/whip' }).end();
      else response.writeHead(201, { Location: 'whip/s1' }).end('v=0');
    };
    assert.equal((await postOffer(`${url}/live/gate/whip`, undefined, 'v=0 offer')).location, `${url}/edge/2/whip/s1`);
    assert.deepEqual(asked.map(({ path, body }) => [path, body]), [['/live/gate/whip', 'v=0 offer'], ['/edge/2/whip', 'v=0 offer']]);
  });

  test('ends a session', async () => {
    answering(200);
    await deleteSession(`${url}/live/gate/whip/s1`, 'secret');
    assert.deepEqual(asked.map(({ method, path, authorization }) => [method, path, authorization]), [['DELETE', '/live/gate/whip/s1', 'Bearer secret']]);
  });

  test('makes nothing of a session that can’t be ended', async () => {
    await assert.doesNotReject(deleteSession('http://127.0.0.1:9/live/gate/whip/s1', undefined));
  });

  test('takes a session for ended or replaced only where the server says so', async () => {
    for (const [status, fate] of [[204, 'unknown'], [404, 'ended'], [410, 'replaced'], [405, 'unknown'], [412, 'unknown'], [502, 'unknown']] as const) {
      answering(status);
      assert.equal(await fateOf(`${url}/live/gate/whip/s1`, 'secret'), fate, String(status));
      assert.deepEqual(asked, [{ method: 'PATCH', path: '/live/gate/whip/s1', type: 'application/trickle-ice-sdpfrag', authorization: 'Bearer secret', body: 'a=end-of-candidates\r\n' }]);
    }
    assert.equal(await fateOf('http://127.0.0.1:9/live/gate/whip/s1', undefined), 'unknown');
  });

  test('gives the server’s own words and code for a no', async () => {
    answering(409, { 'Content-Type': 'application/problem+json' }, JSON.stringify({ title: 'Conflict', status: 409, detail: 'Somebody publishes.', code: 'publisher-exists' }));
    const { status, message, code } = await refused();
    assert.deepEqual([status, message, code], [409, 'Somebody publishes.', 'publisher-exists']);
  });

  test('makes do with a no that says nothing, or nonsense', async () => {
    for (const body of ['', '<html>', '"text"', 'null', '{"detail":7}']) {
      answering(502, {}, body);
      assert.equal((await refused()).message, 'Bad Gateway', body);
    }
  });

  test('tells when the server wants to be asked again, by seconds or by a date', async () => {
    answering(503, { 'Retry-After': '3' });
    assert.equal((await refused()).retryAfterMs, 3000);
    answering(503, { 'Retry-After': new Date(Date.now() + 60_000).toUTCString() });
    const { retryAfterMs } = await refused();
    assert.ok(retryAfterMs! > 40_000 && retryAfterMs! <= 60_000, String(retryAfterMs));
    answering(503, { 'Retry-After': 'soon' });
    assert.equal((await refused()).retryAfterMs, undefined);
  });

  test('takes no session that it could never end', async () => {
    answering(201, {}, 'v=0');
    assert.equal((await refused()).code, 'no-location');
  });

  test('tells a server that is not there from one that says no', async () => {
    const error: unknown = await postOffer('http://127.0.0.1:9/live/gate/whip', undefined, 'v=0').catch((reason: unknown) => reason);
    assert.deepEqual(attemptReason(error), { code: 'unreachable' });
  });
});

describe('ICE servers in Link fields', () => {
  test('come with their credentials, several of them, and without what is something else', () => {
    const links =
      '<stun:a.example>; rel="ice-server", <turn:b.example?transport=udp>; rel="ice-server"; username="u,1"; credential="p\\"w"; credential-type="password", <https://c.example/events>; rel="urn:ietf:params:whip:ext:core:server-sent-events"';
    assert.deepEqual(iceServersOf(links), [{ urls: 'stun:a.example' }, { urls: 'turn:b.example?transport=udp', username: 'u,1', credential: 'p"w' }]);
  });

  test('are none in what is no list of links', () => {
    for (const text of ['', 'nonsense', '<>', '<stun:a>']) assert.deepEqual(iceServersOf(text), [], text);
  });
});

describe('a no of the server', () => {
  const codeOf = (status: number): string => attemptReason(new WhipRefusal(status, 'No.')).code;

  test('is called by what a person can do about it', () => {
    const codes = { 400: 'refused', 401: 'unauthorized', 403: 'unauthorized', 404: 'no-endpoint', 406: 'no-codec', 409: 'taken', 415: 'refused', 429: 'busy', 500: 'busy', 503: 'busy' };
    for (const [status, code] of Object.entries(codes)) assert.equal(codeOf(Number(status)), code, status);
  });

  test('passes by itself where it says nothing about the person', () => {
    for (const code of ['unreachable', 'disconnected', 'no-connection', 'busy'] as const) assert.ok(mayPass({ code }, false), code);
    for (const code of ['unauthorized', 'refused', 'no-codec', 'replaced', 'unsupported'] as const) assert.ok(!mayPass({ code }, true), code);
  });

  test('may pass where it went well before, when the server may have been started again or still holds the old session', () => {
    for (const code of ['taken', 'no-endpoint'] as const) assert.deepEqual([mayPass({ code }, false), mayPass({ code }, true)], [false, true], code);
  });
});
