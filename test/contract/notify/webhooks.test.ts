import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { z } from 'zod';
import { loadConfig } from '../../../src/config/load.ts';
import { WebhookSettings } from '../../../src/notify/options.ts';
import { SIGNATURE_HEADER, signatureOf } from '../../../src/notify/signature.ts';
import { SceneEvent } from '../../../src/pipeline/analytics/events.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { call, problem } from '../http/client.ts';

const SECRET = 'a secret of many characters';
const Post = z.strictObject({ id: z.uuid(), events: z.array(z.object({ type: z.string(), stream: z.string() }).loose()).min(1).max(100) });

interface Taken {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A receiver that answers as told: a status for each post in turn, 204 for all further ones. */
async function receiver(...statuses: number[]): Promise<{ url: string; posts: Taken[]; next: () => Promise<Taken> } & AsyncDisposable> {
  const posts: Taken[] = [];
  const arrivals = new EventEmitter();
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const status = statuses.shift() ?? 204;
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
      posts.push({ headers: request.headers, text });
      arrivals.emit('post');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let read = 0;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/token-in-the-path`,
    posts,
    async next() {
      while (posts.length <= read) await once(arrivals, 'post');
      return posts[read++]!;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function serverFor(...webhooks: object[]): Promise<TestServer> {
  const server = await startServer({ config: { webhooks: webhooks.map((each) => WebhookSettings.parse({ secret: SECRET, ...each })) } });
  await call(server, 'PATCH', '/api/streams/street', { lines: [{ name: 'door', from: [0, 0.5], to: [1, 0.5] }] });
  return server;
}

function metric(body: unknown, name: string): number {
  return Number(new RegExp(`^framelock_webhook_${name}\\{.*\\} (\\d+)$`, 'm').exec(String(body))?.[1]);
}

it('what happens is posted in order, signed, and never shows its secret', async () => {
  await using hook = await receiver();
  const server = await serverFor({ url: hook.url });
  try {
    const posts = [await hook.next(), await hook.next(), await hook.next()];
    const events = posts.flatMap(({ text }) => Post.parse(JSON.parse(text)).events);
    for (const event of events) SceneEvent.parse(event);
    assert(events.every(({ seq }, i) => i === 0 || (seq as number) > (events[i - 1]!['seq'] as number)));
    for (const { headers, text } of posts) {
      const said = String(headers[SIGNATURE_HEADER.toLowerCase()]);
      const time = Number(/^t=(\d+),v1=[0-9a-f]{64}$/.exec(said)?.[1]);
      assert(Math.abs(time - Date.now() / 1000) < 60);
      assert.equal(said, signatureOf(SECRET, text, time * 1000));
    }
    assert.doesNotMatch(server.log.text, /a secret of|token-in-the-path/);
    assert.doesNotMatch(String((await call(server, 'GET', '/metrics')).body), /a secret of|token-in-the-path/);
  } finally {
    await server.close();
  }
});

it('a post that fails is sent again as it is, until it is taken', async () => {
  await using hook = await receiver(500, 429, 503);
  const server = await serverFor({ url: hook.url });
  try {
    const [first, second, third, fourth, fifth] = [await hook.next(), await hook.next(), await hook.next(), await hook.next(), await hook.next()];
    for (const again of [second, third, fourth]) assert.equal(again.text, first.text);
    assert.notEqual(fifth.text, first.text, 'then comes what happened meanwhile');
    const { body } = await call(server, 'GET', '/metrics');
    assert.equal(metric(body, 'failures_total'), 3);
    assert.equal(metric(body, 'dead_total'), 0);
    assert(metric(body, 'delivered_total') > 0);
  } finally {
    await server.close();
  }
});

it('what is refused, redirected or failed too often is given up and counted, and what follows is sent', async () => {
  for (const statuses of [[400], [302], Array.from({ length: 8 }, () => 500)]) {
    await using hook = await receiver(...statuses);
    const server = await serverFor({ url: hook.url });
    try {
      const refused = await hook.next();
      for (let i = 1; i < statuses.length; i++) await hook.next();
      assert.notEqual((await hook.next()).text, refused.text);
      const dead = metric((await call(server, 'GET', '/metrics')).body, 'dead_total');
      assert.equal(dead, Post.parse(JSON.parse(refused.text)).events.length);
    } finally {
      await server.close();
    }
  }
});

it('a receiver that is not there holds nothing up, neither the others nor the server’s end', async () => {
  await using hook = await receiver();
  const server = await serverFor({ url: 'http://127.0.0.1:9/' }, { url: hook.url });
  await hook.next();
  await hook.next();
  await server.close();
});

it('only what is asked for is told', async () => {
  await using hook = await receiver();
  const server = await serverFor({ url: `${hook.url}?none`, events: ['zone.left'] }, { url: `${hook.url}?other`, streams: ['other'] }, { url: hook.url, events: ['line.crossed'], streams: ['street'] });
  try {
    await hook.next();
    await hook.next();
    const { body } = await call(server, 'GET', '/metrics');
    assert.match(String(body), /webhook_delivered_total\{webhook="0".*\} 0\n.*\{webhook="1".*\} 0\n.*\{webhook="2".*\} [1-9]/);
  } finally {
    await server.close();
  }
});

it('the receiver in the documentation takes what is signed and refuses what is not', async () => {
  const markdown = await readFile(new URL('../../../docs/events.md', import.meta.url), 'utf8');
  const snippet = /```python\n([\s\S]*?)```/.exec(markdown)?.[1];
  assert(snippet !== undefined);
  const body = JSON.stringify({ id: 'x', events: [{ label: '人' }] });
  const verify = (header: string, text = body, secret = SECRET): string => {
    const script = `${snippet}\nimport sys\nprint(verify(sys.argv[1], sys.stdin.buffer.read(), sys.argv[2]))\n`;
    return execFileSync('/usr/bin/python3', ['-c', script, secret, header], { input: text, encoding: 'utf8' }).trim();
  };
  const good = signatureOf(SECRET, body, Date.now());
  assert.equal(verify(good), 'True');
  assert.equal(verify(good, `${body} `), 'False');
  assert.equal(verify(good, body, 'another secret'), 'False');
  assert.equal(verify(signatureOf(SECRET, body, Date.now() - 3_600_000)), 'False', 'an old one');
  assert.equal(verify('nonsense'), 'False');
});

it('settings that can’t be are refused without showing them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'framelock-webhook-'));
  try {
    const path = join(folder, 'framelock.yaml');
    const refused = async (webhook: object): Promise<string> => {
      await writeFile(path, JSON.stringify({ webhooks: [webhook] }));
      try {
        loadConfig({ path, env: {}, cwd: folder });
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    assert.match(await refused({ url: 'ftp://host/', secret: SECRET }), /webhooks\[0\]\.url: Must be an address/);
    assert.match(await refused({ url: 'http://me:pw@host/', secret: SECRET }), /webhooks\[0\]\.url: Must not hold a user name/);
    const short = await refused({ url: 'http://host/', secret: 'hunter2' });
    assert.match(short, /webhooks\[0\]\.secret/);
    assert.doesNotMatch(short, /hunter2/);
    assert.equal(await refused({ url: 'http://host/', secret: SECRET }), '');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const server = await startServer();
  assert.equal(problem(await call(server, 'PATCH', '/api/streams/street', { webhooks: [] }), 400).paths[0], 'webhooks', 'they are no matter of a stream');
  await server.close();
});
