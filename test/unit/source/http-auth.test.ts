import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { authorize } from '../../../src/pipeline/source/http-auth.ts';

const URL_OF_CAMERA = new URL('http://Mufasa:Circle%20of%20Life@camera/dir/index.html?x=1');
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

test('an old digest is answered without the password (RFC 2069)', () => {
  const answer = authorize(URL_OF_CAMERA, ['Digest realm="testrealm@host.com", nonce="dcd98b", opaque="5ccc"']) ?? '';
  const wanted = md5(`${md5('Mufasa:testrealm@host.com:Circle of Life')}:dcd98b:${md5('GET:/dir/index.html?x=1')}`);
  assert.match(answer, new RegExp(`^Digest username="Mufasa", .*response="${wanted}", opaque="5ccc"$`));
  assert.doesNotMatch(answer, /Circle/);
});

test('a digest with quality of protection counts its nonce (RFC 7616)', () => {
  const answer = authorize(URL_OF_CAMERA, ['Basic realm="r"', 'Digest realm="r", qop="auth, auth-int", algorithm=SHA-256, nonce="n"']) ?? '';
  const cnonce = /cnonce="(\w+)"/.exec(answer)?.[1] ?? '';
  const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
  const wanted = sha(`${sha('Mufasa:r:Circle of Life')}:n:00000001:${cnonce}:auth:${sha('GET:/dir/index.html?x=1')}`);
  assert.ok(answer.includes(`response="${wanted}"`));
});

test('basic is used where the server knows nothing better', () => {
  assert.equal(authorize(URL_OF_CAMERA, ['Basic realm="r"']), `Basic ${Buffer.from('Mufasa:Circle of Life').toString('base64')}`);
  assert.equal(authorize(URL_OF_CAMERA, ['Negotiate']), undefined);
  assert.equal(authorize(new URL('http://camera/'), ['Basic realm="r"']), undefined);
});
