import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { Guard } from '../../../src/http/guard.ts';

const HTTP = { host: '127.0.0.1', port: 8080, allowedOrigins: [] };
const OWN = 'opens-one-thing';

function asked(authorization?: string, headers: IncomingHttpHeaders = {}): IncomingMessage {
  return { url: '/', headers: { host: '127.0.0.1:8080', ...headers, ...(authorization === undefined ? {} : { authorization }) } } as IncomingMessage;
}

test('what has a token of its own is opened by it and by the server’s, and by nothing else', () => {
  const guard = new Guard({ http: HTTP, auth: { token: 'opens-everything' } });
  for (const token of [OWN, 'opens-everything']) assert.equal(guard.check(asked(`Bearer ${token}`), OWN), undefined);
  assert.equal(guard.check(asked('Bearer wrong'), OWN)?.code, 'token-wrong');
  assert.equal(guard.check(asked(), OWN)?.code, 'token-missing');
  assert.equal(guard.check(asked(`Bearer ${OWN}`))?.code, 'token-wrong', 'it opens nothing else');
});

test('on a server without a token, what has one of its own needs it, by a name that is allowed', () => {
  const guard = new Guard({ http: HTTP, auth: {} });
  assert.equal(guard.check(asked()), undefined);
  assert.equal(guard.check(asked(), OWN)?.code, 'token-missing');
  assert.equal(guard.check(asked(`Bearer ${OWN}`), OWN), undefined);
  assert.equal(guard.check(asked(`Bearer ${OWN}`, { host: 'rebound.example' }), OWN)?.code, 'host-not-allowed');
});
