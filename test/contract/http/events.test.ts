import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import { StreamView } from '../../../src/streams/view.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { call, events, problem, streamIs } from './client.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

interface Change {
  type: 'added' | 'changed' | 'removed';
  stream: StreamView;
}

describe('/api/events', () => {
  it('begins with all streams, then tells what is added, changed and removed', async () => {
    const seen: string[] = [];
    let last: StreamView | undefined;
    for await (const { event, data } of events(server, '/api/events')) {
      if (event === 'snapshot') {
        assert.deepEqual((data as { streams: StreamView[] }).streams.map(({ id }) => id), ['street']);
        await call(server, 'POST', '/api/streams', { id: 'gate', source: 'demo://street' });
        continue;
      }
      assert.equal(event, 'stream');
      const { type, stream } = data as Change;
      if (stream.id !== 'gate') continue;
      StreamView.parse(stream);
      last = stream;
      if (seen.at(-1) !== type) seen.push(type);
      if (type === 'changed' && stream.state === 'live') await call(server, 'DELETE', '/api/streams/gate');
      if (type === 'removed') break;
    }
    assert.deepEqual(seen, ['added', 'changed', 'removed']);
    assert.equal(last?.state, 'stopped');
  });

  it('tells at most four changes a second of one stream, and always the last', async () => {
    await streamIs(server, 'street', ({ state }) => state === 'live');
    let count = 0;
    const startedAt = performance.now();
    for await (const { event, data } of events(server, '/api/events')) {
      if (event === 'snapshot') continue;
      if ((data as Change).type === 'changed') count++;
      if (count === 3) await call(server, 'PATCH', '/api/streams/street', { title: 'New title' });
      if ((data as Change).stream.title === 'New title') break;
    }
    const seconds = (performance.now() - startedAt) / 1000;
    assert(count <= 4 * seconds + 2, `${count} changes in ${seconds} s`);
  });

  it('is refused with 503 when there are too many connections', async () => {
    const full = await startServer({ config: { limits: { streams: 64, bodyBytes: 1 << 20, eventClients: 1 } } });
    const stream = events(full, '/api/events');
    await stream.next();
    const answer = await call(full, 'GET', '/api/events');
    problem(answer, 503);
    assert.equal(answer.headers.get('retry-after'), '5');
    await stream.return(undefined);
    await full.close();
  });

  it('ends when the server does', async () => {
    const ending = await startServer();
    const stream = events(ending, '/api/events');
    await stream.next();
    const rest = (async () => {
      for await (const _event of stream);
    })();
    await ending.close();
    await rest;
  });
});

describe('/live/:id/annotations', () => {
  it('gives one annotation message an event, in order', async () => {
    const seqs: number[] = [];
    for await (const { event, data } of events(server, '/live/street/annotations')) {
      assert.equal(event, 'message');
      seqs.push(AnnotationMessage.parse(data).seq);
      if (seqs.length === 20) break;
    }
    assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b));
  });

  it('starts a stream on demand, which is idle again afterwards', async () => {
    await call(server, 'POST', '/api/streams', { id: 'asleep', source: 'demo://street', onDemand: true, idleAfterMs: 10 });
    assert.equal(server.control.registry.get('asleep').state, 'idle');
    for await (const { data } of events(server, '/live/asleep/annotations')) {
      if ((data as AnnotationMessage).seq > 3) break;
    }
    await streamIs(server, 'asleep', ({ state }) => state === 'idle');
    await call(server, 'DELETE', '/api/streams/asleep');
  });

  it('goes on over a restart of the stream’s process, and ends when the stream is removed', async () => {
    await call(server, 'POST', '/api/streams', { id: 'mortal', source: 'demo://street' });
    let killedAt: number | undefined;
    let ended = true;
    for await (const { data } of events(server, '/live/mortal/annotations')) {
      const { seq } = data as AnnotationMessage;
      if (killedAt === undefined && seq > 2) {
        killedAt = seq;
        process.kill(server.control.registry.get('mortal').stats.process.pid!, 'SIGKILL');
      } else if (killedAt !== undefined && seq >= killedAt + 30 && ended) {
        ended = false;
        assert.equal((await call(server, 'DELETE', '/api/streams/mortal')).status, 204);
      }
    }
    assert.equal(ended, false);
  });

  it('of no stream is 404', async () => {
    problem(await call(server, 'GET', '/live/none/annotations'), 404);
  });
});
