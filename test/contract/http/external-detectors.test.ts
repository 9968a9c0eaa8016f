import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CatalogEntry } from '../../../src/detectors/catalog-entry.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { call, problem } from './client.ts';

const ADDRESS = 'http://algorithms.example/detect';

describe('the definition of a detector outside of the server', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ env: { FRAMELOCK_SOURCES_ALLOW: 'demo,http' } });
  });
  after(() => server.close());

  const add = (body: object): ReturnType<typeof call> => call(server, 'POST', '/api/detectors', body);

  it('is refused with the field that is wrong', async () => {
    for (const [body, paths] of [
      [{}, ['model']],
      [{ model: 'yolox-nano', endpoint: 'worker' }, ['endpoint']],
      [{ endpoint: 'workers' }, ['endpoint']],
      [{ endpoint: 'file:///etc/passwd' }, ['endpoint']],
      [{ endpoint: 'http://' }, ['endpoint']],
      [{ endpoint: 7 }, ['endpoint']],
      // Not among `sources.allow`.
      [{ endpoint: 'https://algorithms.example/detect' }, ['endpoint']],
      [{ endpoint: 'worker', frames: { width: 64 } }, ['frames']],
      [{ model: 'yolox-nano', frames: { width: 64 } }, ['frames']],
      [{ endpoint: ADDRESS, frames: { width: 8 } }, ['frames.width']],
      [{ endpoint: ADDRESS, frames: { depth: 8 } }, ['frames.depth']],
    ] as const) {
      assert.deepEqual(problem(await add({ name: 'x', ...body }), 400).paths, paths, JSON.stringify(body));
      const inPlace = await call(server, 'POST', '/api/streams', { id: 'x', source: 'demo://street', detectors: [{ name: 'x', ...body }] });
      assert.deepEqual(problem(inPlace, 400).paths, paths.map((path) => `detectors[0].${path}`), JSON.stringify(body));
    }
  });

  it('is kept and shown as given, with how it does', async () => {
    const { status, body } = await add({ name: 'mine', endpoint: 'worker', classes: ['plate'], fps: 5 });
    assert.equal(status, 201);
    const stats = { state: 'waiting', workers: 0, fps: 0, roundTripMs: 0, lost: 0 };
    assert.deepEqual(body, { name: 'mine', endpoint: 'worker', classes: ['plate'], fps: 5, origin: 'api', stats });
    assert.deepEqual((await call(server, 'GET', '/api/detectors/mine')).body, body);
  });

  it('becomes another kind only as a whole, and else stays as it is', async () => {
    await add({ name: 'changing', endpoint: ADDRESS, frames: { width: 64 } });
    const change = (body: object): ReturnType<typeof call> => call(server, 'PATCH', '/api/detectors/changing', body);
    assert.deepEqual(problem(await change({ model: 'yolox-nano' }), 400).paths, ['endpoint']);
    assert.deepEqual(problem(await change({ endpoint: null }), 400).paths, ['model', 'frames']);
    assert.deepEqual(problem(await change({ endpoint: 'worker' }), 400).paths, ['frames']);
    assert.equal((await change({ endpoint: null, model: 'yolox-nano', frames: null })).status, 200);
    const { model, endpoint, frames } = (await call(server, 'GET', '/api/detectors/changing')).body as CatalogEntry;
    assert.deepEqual([model, endpoint, frames], ['yolox-nano', undefined, undefined]);
  });

  it('shows no credentials, and keeps them through a change of something else', async () => {
    await add({ name: 'secret', endpoint: 'http://me:hunter2@algorithms.example/detect?token=hunter2' });
    const { body } = await call(server, 'PATCH', '/api/detectors/secret', { fps: 3 });
    assert.equal((body as CatalogEntry).endpoint, 'http://algorithms.example/detect?token=***');
    assert.doesNotMatch(JSON.stringify((await call(server, 'GET', '/api/detectors')).body), /hunter2/);
    await call(server, 'POST', '/api/streams', { id: 'secretive', source: 'demo://street', detectors: ['secret'] });
    const [detector] = server.control.registry.stream('secretive')?.settings.detectors ?? [];
    assert.ok(detector !== undefined && 'external' in detector && detector.external.endpoint.kind === 'http');
    assert.deepEqual([detector.fps, detector.external.endpoint.url], [3, 'http://me:hunter2@algorithms.example/detect?token=hunter2']);
    await server.log.findTold('secretive', 'start');
    assert.doesNotMatch(server.log.text, /hunter2/);
  });

  it('has a token for its workers, which is never shown', async () => {
    const wrong = [{ endpoint: ADDRESS, token: 'hunter2hunter2' }, { model: 'yolox-nano', token: 'hunter2hunter2' }, { endpoint: 'worker', token: 'short' }, { endpoint: 'worker', token: 'hunter 2 hunter' }];
    for (const body of wrong) assert.deepEqual(problem(await add({ name: 'theirs', ...body }), 400).paths, ['token']);
    const added = await add({ name: 'theirs', endpoint: 'worker', token: 'hunter2hunter2' });
    assert.equal(added.status, 201);
    const changed = await call(server, 'PATCH', '/api/detectors/theirs', { fps: 3 });
    const shown = [added, changed, await call(server, 'GET', '/api/detectors/theirs'), await call(server, 'GET', '/api/detectors')];
    assert.doesNotMatch(JSON.stringify(shown.map(({ body }) => body)), /hunter2|"token"/);
    assert.doesNotMatch(server.log.text, /hunter2/);
    assert.equal(server.control.catalog.workerToken('theirs'), 'hunter2hunter2');
    await call(server, 'PATCH', '/api/detectors/theirs', { token: null });
    assert.equal(server.control.catalog.workerToken('theirs'), undefined);
  });

  it('holds no credentials where it is written in place, since everybody sees streams', async () => {
    const answer = await call(server, 'POST', '/api/streams', { id: 'x', source: 'demo://street', detectors: [{ name: 'x', endpoint: 'http://me:hunter2@algorithms.example/' }] });
    const { paths, detail } = problem(answer, 400);
    assert.deepEqual(paths, ['detectors[0].endpoint']);
    assert.doesNotMatch(detail, /hunter2/);
    const token = await call(server, 'POST', '/api/streams', { id: 'x', source: 'demo://street', detectors: [{ name: 'x', endpoint: 'worker', token: 'hunter2hunter2' }] });
    assert.deepEqual(problem(token, 400).paths, ['detectors[0].token']);
    assert.doesNotMatch(problem(token, 400).detail, /hunter2/);
  });
});
