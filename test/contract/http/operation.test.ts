import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { nothing } from '../../../src/http/content.ts';
import { routesOf } from '../../../src/http/route.ts';
import { HttpServer, ListenError } from '../../../src/http/server.ts';
import { conflict } from '../../../src/http/problem.ts';
import { startServer, temporaryFolder, type TestServer } from '../../support/server.ts';
import { call, problem, streamIs } from './client.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

async function detectorIs(state: string): Promise<void> {
  while (server.control.detector.state !== state) await once(server.control.detector, 'state');
}

describe('health', () => {
  it('is up as long as the process is', async () => {
    assert.equal((await call(server, 'GET', '/healthz')).status, 200);
  });

  it('is ready when everything is there, and else says what is missing', async () => {
    await detectorIs('ready');
    assert.equal((await call(server, 'GET', '/readyz')).status, 200);
    process.kill(server.control.detector.pid!, 'SIGSTOP');
    process.kill(server.control.detector.pid!, 'SIGKILL');
    await detectorIs('restarting');
    const answer = await call(server, 'GET', '/readyz');
    if (server.control.detector.state !== 'ready') assert.deepEqual(problem(answer, 503).paths, ['detector']);
    await detectorIs('ready');
    assert.equal((await call(server, 'GET', '/readyz')).status, 200);
  });
});

describe('metrics', () => {
  it('are in the text format, every sample of a metric that was announced', async () => {
    await streamIs(server, 'street', ({ stats }) => stats.fps > 0);
    const { headers, body } = await call(server, 'GET', '/metrics');
    assert.match(headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    const lines = (body as string).trimEnd().split('\n').filter((line) => line !== '');
    const announced = new Set(
      lines.flatMap((line) => {
        const [, name = '', type] = /^# TYPE (\S+) (gauge|counter|histogram)$/.exec(line) ?? [];
        return type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : type === undefined ? [] : [name];
      }),
    );
    for (const line of lines.filter((each) => !each.startsWith('#'))) {
      const [, name] = /^([a-z_]+)(?:\{(?:[a-z]+="[^"]*",?)+\})? -?[\d.e+-]+$/.exec(line) ?? [];
      assert(name !== undefined && announced.has(name), line);
    }
    assert(lines.some((line) => /^framelock_http_request_duration_seconds_count\{method="GET",status="200"\} [1-9]/.test(line)));
    assert(lines.includes('framelock_stream_state{stream="street",state="live"} 1'));
    assert(lines.includes('framelock_stream_detector_fps{stream="street",detector="street-nano"} 30'));
  });
});

describe('detectors', () => {
  it('are those of models, and those that were added, changed and removed', async () => {
    const list = async (): Promise<unknown> => (await call(server, 'GET', '/api/detectors')).body;
    assert.deepEqual((await list()) as unknown[], [
      { name: 'street-nano', model: 'street-nano', origin: 'model' },
      { name: 'yolox-nano', model: 'yolox-nano', origin: 'model' },
      { name: 'deimv2-femto', model: 'deimv2-femto', origin: 'model' },
    ]);
    const added = await call(server, 'POST', '/api/detectors', { name: 'people', model: 'yolox-nano', classes: ['person'], region: [0, 0, 0.5, 1] });
    assert.equal(added.status, 201);
    assert.equal(added.headers.get('location'), '/api/detectors/people');
    assert.equal(problem(await call(server, 'POST', '/api/detectors', { name: 'people', model: 'yolox-nano' }), 409).code, 'detector-exists');
    await call(server, 'POST', '/api/streams', { id: 'gate', source: 'demo://street', detectors: ['people'] });
    await streamIs(server, 'gate', ({ state }) => state === 'live');
    const changed = await call(server, 'PATCH', '/api/detectors/people', { threshold: 0.5, region: null });
    assert.deepEqual(changed.body, { name: 'people', model: 'yolox-nano', classes: ['person'], threshold: 0.5, origin: 'api' });
    const told = (await server.log.findTold('gate', 'update'))['changes'] as { detectors: { threshold?: number }[] };
    assert.equal(told.detectors[0]?.threshold, 0.5, 'a stream that names it is told');
    assert.equal(problem(await call(server, 'DELETE', '/api/detectors/people'), 409).code, 'detector-in-use');
    await call(server, 'DELETE', '/api/streams/gate');
    assert.equal((await call(server, 'DELETE', '/api/detectors/people')).status, 204);
    problem(await call(server, 'GET', '/api/detectors/people'), 404);
  });

  it('are refused with the path of what is wrong', async () => {
    assert.deepEqual(problem(await call(server, 'POST', '/api/detectors', { name: 'x', model: 'none' }), 400).paths, ['model']);
    assert.deepEqual(problem(await call(server, 'POST', '/api/detectors', { name: '../x', model: 'yolox-nano' }), 400).paths, ['name']);
    assert.deepEqual(problem(await call(server, 'POST', '/api/detectors', { name: 'x', model: 'yolox-nano', fps: 0, every: 1.5 }), 400).paths, ['fps', 'every']);
    assert.equal(problem(await call(server, 'PATCH', '/api/detectors/street-nano', { threshold: 0.5 }), 409).code, 'detector-of-model');
    problem(await call(server, 'PATCH', '/api/detectors/none', {}), 404);
  });
});

describe('models', () => {
  it('are listed with their state', async () => {
    const { body } = await call(server, 'GET', '/api/models');
    assert((body as { name: string; state: string }[]).some(({ name, state }) => name === 'deimv2-femto' && state === 'not-downloaded'));
  });
});

describe('pages', () => {
  it('say what to do where they are not built', async () => {
    const { status, headers, body } = await call(server, 'GET', '/');
    assert.equal(status, 503);
    assert.match(headers.get('content-type') ?? '', /^text\/html/);
    assert.match(body as string, /npm run build/);
  });

  it('are kept by browsers where they never change, and asked for again where they may', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder.path, 'assets'));
    await writeFile(join(folder.path, 'index.html'), '<!doctype html><title>app</title>');
    await writeFile(join(folder.path, 'assets', 'app-abc123.js'), 'export {};');
    await writeFile(join(folder.path, 'logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    const built = await startServer({ clientDir: folder.path });
    for (const path of ['/', '/watch/street', '/wall', '/library', '/publish']) {
      const { status, headers, body } = await call(built, 'GET', path);
      assert.deepEqual([status, headers.get('cache-control')], [200, 'no-cache'], path);
      assert.match(body as string, /<title>app/);
    }
    const asset = await call(built, 'GET', '/assets/app-abc123.js');
    assert.match(asset.headers.get('cache-control') ?? '', /max-age=31536000, immutable/);
    assert.match(asset.headers.get('content-type') ?? '', /javascript/);
    assert.equal((await call(built, 'GET', '/logo.svg')).headers.get('cache-control'), 'no-cache');
    for (const path of ['/nowhere', '/watch/a/b', '/assets/none.js', '/assets/../../../etc/passwd', '/.env']) problem(await call(built, 'GET', path), 404);
    await built.close();
    await folder.remove();
  });
});

describe('resources of other parts', () => {
  it('are guarded like all below /live, and their problems become answers', async () => {
    const busy = routesOf<void>('Other')(
      {
        ...{ method: 'post', path: '/live/:id/whep', action: 'view', summary: 'Refuses.' },
        answers: { 204: nothing() },
        problems: [{ status: 409, code: 'busy', when: 'It is busy.' }],
      },
      () => {
        throw conflict('Not now.', 'busy');
      },
    );
    const extended = await startServer({ routes: [busy] });
    assert.equal(problem(await call(extended, 'POST', '/live/street/whep', 'v=0', { 'content-type': 'application/sdp' }), 409).code, 'busy');
    problem(await call(extended, 'POST', '/live/street/whep', 'v=0', { origin: 'https://evil.example' }), 403);
    await extended.close();
  });
});

describe('the end of the server', () => {
  it('does not wait for a client that holds on to its connection, upgraded or not', async () => {
    const ending = await startServer();
    ending.http.server.on('upgrade', (_request, socket: Duplex) => {
      socket.on('error', () => undefined).write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
    });
    const idle = connect(ending.http.port, '127.0.0.1');
    const upgraded = connect(ending.http.port, '127.0.0.1');
    const closed = [idle, upgraded].map((socket) => new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve)));
    upgraded.write('GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await once(upgraded, 'data');
    idle.write('GET / HTTP/1.1\r\n');
    await ending.close();
    await Promise.all(closed);
  });
});

describe('the port', () => {
  it('that is taken is refused with a sentence', async () => {
    await assert.rejects(
      new HttpServer(() => undefined).listen({ host: '127.0.0.1', port: server.http.port }),
      (error) => error instanceof ListenError && /is taken\. Set http\.port \(FRAMELOCK_HTTP_PORT\)/.test(error.message),
    );
  });
});
