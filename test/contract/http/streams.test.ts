import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { StreamView } from '../../../src/streams/view.ts';
import { ANNOTATED, CLEAN, startServer, TARGET, temporaryFolder, type TestServer } from '../../support/server.ts';
import { call, problem, streamIs } from './client.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

const add = (body: unknown): ReturnType<typeof call> => call(server, 'POST', '/api/streams', body);

describe('the streams of a server without configuration', () => {
  it('are the demo, which runs', async () => {
    await streamIs(server, 'street', ({ state, stats }) => state === 'live' && stats.fps > 0);
    const { status, body } = await call(server, 'GET', '/api/streams');
    assert.equal(status, 200);
    const [street, ...others] = body as StreamView[];
    assert.deepEqual(others, []);
    assert.deepEqual(StreamView.parse(street), street, 'the view is what its schema says');
    assert.deepEqual(street?.source, { kind: 'demo', url: 'demo://street' });
    assert.deepEqual(street.detectors, ['street-nano']);
    assert.deepEqual(street.stats.detectors['street-nano'], { state: 'ready', fps: 30, inferenceMs: 5, offered: 30, taken: 30, skipped: 0, age: 0 });
    assert.equal(street.sync, 'exact');
    assert.match(street.createdAt, /^\d{4}-.*Z$/);
  });

  it('tell of a variant that is made in two codecs by that of the source, and of what both take', async () => {
    const broadcast = server.sfu.broadcasts.get('street')!;
    const renditions = [ANNOTATED, CLEAN, { variant: 'clean', codec: 'VP9' }] as const;
    for (const rendition of renditions) broadcast.start(rendition, TARGET);
    const { stats, variantsActive } = await streamIs(server, 'street', ({ stats: { variants } }) => variants.clean?.codec === 'VP9');
    assert.deepEqual([stats.variants.annotated?.codec, stats.variants.annotated?.bitrate, stats.variants.clean?.bitrate, stats.bitrate], ['H264', 1000, 2000, 3000]);
    assert.deepEqual(variantsActive, ['annotated', 'clean']);
    for (const rendition of renditions) broadcast.stop(rendition);
  });
});

describe('adding a stream', () => {
  it('gives 201, its address and all of it, with numbers before the first frame', async () => {
    const { status, headers, body } = await add({ id: 'gate', source: 'demo://street?seed=3', title: 'Gate', detectors: [], sync: 'predict', deadlineMs: 40 });
    assert.equal(status, 201);
    assert.equal(headers.get('location'), '/api/streams/gate');
    const view = StreamView.parse(body);
    assert.equal(view.title, 'Gate');
    assert.equal(view.state, 'connecting');
    assert.deepEqual(view.detectors, []);
    assert.equal(view.sync, 'predict');
    assert.equal(view.deadlineMs, 40);
    const { fps, bitrate, dropped, restarts, latency } = view.stats;
    assert.deepEqual({ fps, bitrate, dropped, restarts, latency }, { fps: 0, bitrate: 0, dropped: 0, restarts: 0, latency: { decodeToSendMs: { p50: 0, p95: 0 } } });
    assert.deepEqual(((await call(server, 'GET', '/api/streams/gate')).body as StreamView).id, 'gate');
    await streamIs(server, 'gate', ({ state }) => state === 'live');
  });

  it('says of its detectors that they start, or that they do not run while nobody watches, and nothing of results', async () => {
    const nothing = { fps: 0, inferenceMs: 0, offered: 0, taken: 0, skipped: 0 };
    for (const [onDemand, state] of [[false, 'connecting'], [true, 'closed']] as const) {
      const view = StreamView.parse((await add({ id: 'fresh', source: 'demo://street', detectors: ['street-nano'], onDemand })).body);
      assert.deepEqual(view.stats.detectors, { 'street-nano': { state, ...nothing } });
      await call(server, 'DELETE', '/api/streams/fresh');
    }
  });

  it('is refused with 409 where the id is taken, and changes nothing', async () => {
    const before_ = server.control.registry.get('street').title;
    assert.equal(problem(await add({ id: 'street', source: 'demo://street', title: 'Other' }), 409).code, 'stream-exists');
    assert.equal(server.control.registry.get('street').title, before_);
  });

  it('gives the id to one of several that ask at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => add({ id: 'race', source: 'demo://street' })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409]);
    await call(server, 'DELETE', '/api/streams/race');
  });

  it('is refused with the exact path of every wrong value, and changes nothing', async () => {
    const count = server.control.registry.list().length;
    const cases: [unknown, string[]][] = [
      [{ id: 'a/b', source: 'demo://street' }, ['id']],
      [{ id: '', source: 'demo://street' }, ['id']],
      [{ id: 'A', source: 'demo://street' }, ['id']],
      [{ id: '-a', source: 'demo://street' }, ['id']],
      [{ id: 'a'.repeat(64), source: 'demo://street' }, ['id']],
      [{ id: 'ok', source: 'gopher://user:hunter2@camera/' }, ['source']],
      [{ id: 'ok', source: 'concat:/etc/passwd|/etc/hosts' }, ['source']],
      [{ id: 'ok', source: '/etc/passwd' }, ['source']],
      [{ id: 'ok', source: 'file://host/x' }, ['source']],
      [{ id: 'ok', source: { url: 5 } }, ['source.url']],
      [{ id: 'ok' }, ['source']],
      [{ id: 'ok', source: 'demo://street', detectors: ['street-nano', 'street-nani'] }, ['detectors[1]']],
      [{ id: 'ok', source: 'demo://street', detectors: [{ name: 'x', model: 'nope' }] }, ['detectors[0].model']],
      [{ id: 'ok', source: 'demo://street', sync: 'guess', deadlineMs: -1 }, ['sync', 'deadlineMs']],
      [{ id: 'ok', source: 'demo://street', overlay: { names: { car: 7 } } }, ['overlay.names.car']],
      [{ id: 'ok', source: 'demo://street', encoder: { bitrate: 1 } }, ['encoder.bitrate']],
      [{ id: 'ok', source: 'demo://street', extra: 1 }, ['extra']],
      [[], ['']],
    ];
    for (const [body, paths] of cases) {
      const { paths: found, detail } = problem(await add(body), 400);
      assert.deepEqual(found, paths, JSON.stringify(body));
      assert.doesNotMatch(detail, /hunter2/);
    }
    assert.equal(server.control.registry.list().length, count);
  });

  it('takes a file that is not there yet, and shows no file outside of the media folders', async () => {
    const root = server.config.mediaRoots[0] ?? '';
    await mkdir(root, { recursive: true });
    assert.equal((await add({ id: 'later', source: join(root, 'later.mp4') })).status, 201);
    assert.equal(server.control.registry.get('later').source.kind, 'file');
    assert.deepEqual(server.control.registry.get('later').detectors, ['yolox-nano']);
    await writeFile(join(root, 'now.mp4'), 'x');
    assert.equal((await add({ id: 'now', source: `file://${join(root, 'now.mp4')}`, loop: false })).status, 201);
    for (const outside of ['../outside.mp4', 'a/../../outside.mp4']) {
      assert.deepEqual(problem(await add({ id: 'out', source: `file://${root}/${outside}` }), 400).paths, ['source']);
    }
  });

  it('takes a model whose file is not here: video runs, its detector says what to do, and works once it is here', async () => {
    assert.equal((await add({ id: 'femto', source: 'demo://street', detectors: ['street-nano', 'deimv2-femto'] })).status, 201);
    const view = await streamIs(server, 'femto', ({ state, stats }) => state === 'live' && stats.fps > 0);
    assert.equal(view.stats.detectors['street-nano']?.state, 'ready');
    assert.equal(view.stats.detectors['deimv2-femto']?.state, 'failed');
    assert.match(view.stats.detectors['deimv2-femto'].error?.message ?? '', /npx framelock models get deimv2-femto/);
    server.models.fetch('deimv2-femto');
    const told = await server.log.findTold('femto', 'update');
    assert.deepEqual((told['changes'] as { detectors: { name: string }[] }).detectors.map(({ name }) => name), ['street-nano', 'deimv2-femto']);
    await streamIs(server, 'femto', ({ stats }) => stats.detectors['deimv2-femto']?.error === undefined);
  });

  it('looks again for a model that was not there before', async () => {
    server.models.unseen.push({ name: 'dropped-in', origin: 'folder', state: 'ready' });
    assert.equal((await add({ id: 'new-model', source: 'demo://street', detectors: ['dropped-in'] })).status, 201);
  });

  it('never shows user name and password', async () => {
    const { body } = await add({ id: 'secret', source: 'demo://admin:hunter2@street' });
    assert.equal((body as StreamView).source.url, 'demo://street');
    await streamIs(server, 'secret', ({ state }) => state === 'live');
    for (const path of ['/api/streams', '/api/streams/secret', '/metrics']) {
      assert.doesNotMatch(JSON.stringify((await call(server, 'GET', path)).body), /hunter2|admin/);
    }
    const own = server.log.records.filter(({ msg }) => msg !== 'told');
    assert.doesNotMatch(JSON.stringify(own), /hunter2/);
  });
});

describe('changing a stream', () => {
  it('applies without a restart where that is possible, and restarts nothing else', async () => {
    await add({ id: 'yard', source: 'demo://street', overlay: { labels: false } });
    const live = await streamIs(server, 'yard', ({ state }) => state === 'live');
    const street = server.control.registry.get('street').stats.process.pid;
    const { status, body } = await call(server, 'PATCH', '/api/streams/yard', { title: 'Yard', sync: 'predict', overlay: { scores: false } });
    assert.equal(status, 200);
    const view = body as StreamView;
    assert.equal(view.title, 'Yard');
    assert.equal(view.sync, 'predict');
    assert.equal(view.overlay.labels, false, 'what was drawn otherwise stays');
    assert.equal(view.overlay.scores, false);
    assert.equal(view.stats.process.pid, live.stats.process.pid);
    await call(server, 'PATCH', '/api/streams/yard', { source: 'demo://street?seed=9' });
    await streamIs(server, 'yard', ({ state, stats }) => state === 'live' && stats.process.pid !== live.stats.process.pid);
    assert.equal(server.control.registry.get('street').stats.process.pid, street);
    assert.equal(server.control.registry.get('yard').stats.restarts, 0);
  });

  it('takes fields back to their defaults with null', async () => {
    const { body } = await call(server, 'PATCH', '/api/streams/yard', { title: null, overlay: null, detectors: null }, { 'content-type': 'application/merge-patch+json' });
    const { title, overlay, detectors } = body as StreamView;
    assert.deepEqual({ title, labels: overlay.labels, detectors }, { title: 'yard', labels: true, detectors: ['street-nano'] });
  });

  it('is refused with the path of each wrong value, and changes nothing', async () => {
    const before_ = (await call(server, 'GET', '/api/streams/yard')).body as StreamView;
    for (const [body, path] of [
      [{ id: 'other' }, 'id'],
      [{ source: null }, 'source'],
      [{ detectors: ['nope'] }, 'detectors[0]'],
      [{ title: 'New', deadlineMs: 'soon' }, 'deadlineMs'],
    ] as const) {
      assert.deepEqual(problem(await call(server, 'PATCH', '/api/streams/yard', body), 400).paths, [path]);
    }
    const { title, source } = (await call(server, 'GET', '/api/streams/yard')).body as StreamView;
    assert.deepEqual({ title, source }, { title: before_.title, source: before_.source });
  });

  it('of a stream that does not exist is 404, whatever is sent', async () => {
    problem(await call(server, 'PATCH', '/api/streams/none', { nonsense: 1 }), 404);
    problem(await call(server, 'GET', '/api/streams/none'), 404);
    problem(await call(server, 'DELETE', '/api/streams/none'), 404);
    problem(await call(server, 'POST', '/api/streams/none/retry'), 404);
    problem(await call(server, 'GET', '/api/streams/none/truth?seq=1'), 404);
  });
});

describe('removing a stream', () => {
  it('gives 204 and leaves nothing of it', async () => {
    await add({ id: 'gone', source: 'demo://street' });
    const { stats } = await streamIs(server, 'gone', ({ state }) => state === 'live');
    assert.equal((await call(server, 'DELETE', '/api/streams/gone')).status, 204);
    problem(await call(server, 'GET', '/api/streams/gone'), 404);
    assert.throws(() => process.kill(stats.process.pid!, 0));
    assert.equal(server.sfu.broadcasts.get('gone')?.closed, true);
    assert.equal((await add({ id: 'gone', source: 'demo://street' })).status, 201, 'the id is free again');
  });
});

describe('a stream in trouble', () => {
  it('is restarted, says why, and can be tried again at once', async () => {
    await add({ id: 'broken', source: 'demo://street?fake=exit' });
    const view = await streamIs(server, 'broken', ({ state, stats }) => state === 'retrying' && stats.restarts > 0);
    assert.equal(view.problem?.code, 'process-exited');
    assert((view.retryAt ?? 0) > 0);
    assert.equal((await call(server, 'POST', '/api/streams/broken/retry')).status, 202);
    await call(server, 'DELETE', '/api/streams/broken');
  });

  it('does not disturb another', async () => {
    const { pid } = server.control.registry.get('street').stats.process;
    await add({ id: 'garbage', source: 'demo://street?fake=garbage' });
    await streamIs(server, 'garbage', ({ stats }) => stats.restarts > 0);
    const street = server.control.registry.get('street');
    assert.deepEqual([street.state, street.stats.restarts, street.stats.process.pid], ['live', 0, pid]);
    await call(server, 'DELETE', '/api/streams/garbage');
  });
});

describe('the truth about a frame', () => {
  it('is known for generated scenes', async () => {
    await streamIs(server, 'street', ({ state }) => state === 'live');
    const { status, body } = await call(server, 'GET', '/api/streams/street/truth?seq=0');
    assert.equal(status, 200);
    assert.equal((body as { seq: number }).seq, 0);
    assert.equal(problem(await call(server, 'GET', '/api/streams/street/truth?seq=4000000000'), 404).code, 'no-truth');
  });

  it('is refused for a frame that is no number, and for files', async () => {
    assert.deepEqual(problem(await call(server, 'GET', '/api/streams/street/truth?seq=x'), 400).paths, ['seq']);
    assert.deepEqual(problem(await call(server, 'GET', '/api/streams/street/truth'), 400).paths, ['seq']);
    assert.equal(problem(await call(server, 'GET', '/api/streams/later/truth?seq=1'), 404).code, 'no-truth');
  });
});

describe('a restart of the server', () => {
  it('brings back what was added and changed, and not what was removed', async () => {
    const folder = await temporaryFolder();
    const first = await startServer({ dataDir: folder.path });
    await call(first, 'POST', '/api/streams', { id: 'kept', source: 'demo://street?seed=5', title: 'Kept', onDemand: true });
    await call(first, 'POST', '/api/streams', { id: 'dropped', source: 'demo://street' });
    await call(first, 'DELETE', '/api/streams/dropped');
    await call(first, 'PATCH', '/api/streams/street', { sync: 'predict' });
    await call(first, 'POST', '/api/detectors', { name: 'cars', model: 'street-nano', classes: ['car'] });
    const { createdAt } = first.control.registry.get('kept');
    await first.close();
    const second = await startServer({ dataDir: folder.path });
    const kept = second.control.registry.get('kept');
    assert.deepEqual([kept.title, kept.state, kept.createdAt, kept.origin], ['Kept', 'idle', createdAt, 'api']);
    assert.equal(second.control.registry.get('street').sync, 'predict');
    assert.equal(second.control.registry.list().length, 2);
    assert.equal(second.control.catalog.get('cars').model, 'street-nano');
    await call(second, 'DELETE', '/api/streams/street');
    await second.close();
    const third = await startServer({ dataDir: folder.path });
    assert.deepEqual(third.control.registry.list().map(({ id }) => id), ['kept']);
    await third.close();
    await folder.remove();
  });
});
