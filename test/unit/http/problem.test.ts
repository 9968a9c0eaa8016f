import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asProblem } from '../../../src/http/error-handler.ts';
import { badRequest, ProblemError } from '../../../src/http/problem.ts';
import { SfuError } from '../../../src/sfu/errors.ts';
import { invalid, Refusal } from '../../../src/util/refusal.ts';

describe('a problem', () => {
  it('is a document of RFC 9457', () => {
    const problem = new ProblemError({ status: 409, detail: 'The id is taken.', code: 'stream-exists', cause: new Error('secret') });
    assert.deepEqual(JSON.parse(JSON.stringify(problem)), {
      type: 'urn:framelock:problem:stream-exists',
      title: 'Conflict',
      status: 409,
      detail: 'The id is taken.',
      code: 'stream-exists',
    });
    assert.equal(new ProblemError({ status: 404, detail: 'x' }).toJSON().type, 'about:blank');
  });

  it('of bad input begins with the first wrong value and lists all', () => {
    const problem = badRequest([
      { path: 'id', message: 'Is required.' },
      { path: 'source', message: 'Is required.' },
    ]);
    assert.equal(problem.status, 400);
    assert.equal(problem.detail, 'id: Is required. (and 1 more)');
    assert.equal(problem.errors?.length, 2);
  });

  it('is made of what the parts behind the routes refuse', () => {
    assert.equal(asProblem(new Refusal('stream-not-found', 'None.')).status, 404);
    assert.equal(asProblem(new Refusal('stream-unavailable', 'Not now.')).status, 503);
    assert.deepEqual(asProblem(new SfuError('unavailable', 'Not now.')).headers, { 'Retry-After': '1' });
    assert.deepEqual(JSON.parse(JSON.stringify(asProblem(new Refusal('not-found', 'None.')))), { type: 'about:blank', title: 'Not Found', status: 404, detail: 'None.' });
    const wrong = [{ path: 'sdp', message: 'No.' }];
    const { status, code, errors } = asProblem(new Refusal('bad-offer', 'No.', wrong));
    assert.deepEqual([status, code, errors], [400, 'bad-offer', wrong]);
    assert.deepEqual(asProblem(invalid([{ path: 'source', message: 'No.' }])).errors, [{ path: 'source', message: 'No.' }]);
  });

  it('tells nothing of what nobody foresaw', () => {
    for (const thrown of [new Error('password=hunter2 at /srv/app.ts:1'), 'text', undefined, null, { status: 200 }, { status: 'x' }]) {
      const problem = asProblem(thrown);
      assert.equal(problem.status, 500);
      assert.doesNotMatch(JSON.stringify(problem), /hunter2|app\.ts/);
    }
  });
});
