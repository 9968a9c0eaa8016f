import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import sharp from 'sharp';
import { FrameHeader } from '../../../src/pipeline/detect/external/wire.ts';
import type { CatalogEntry } from '../../../src/detectors/catalog-entry.ts';
import type { StreamView } from '../../../src/streams/view.ts';
import { messagesOf } from '../../support/annotation-events.ts';
import { coded, numberOf } from '../../support/detector-worker.ts';
import { LiveServer } from '../../support/live-server.ts';

const TOKEN = 'for-the-test';
const SECRET = 'hunter2';

interface Request {
  readonly header: FrameHeader;
  readonly body: Buffer;
  readonly message: IncomingMessage;
}

/** A service that is asked; each test says how it answers. */
class Service {
  readonly requests: Request[] = [];
  answer: (request: Request, response: ServerResponse) => void = ok;
  readonly #server: Server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.once('end', () => {
      const header = FrameHeader.parse(JSON.parse(String(message.headers['framelock-frame'])));
      const request = { header, body: Buffer.concat(chunks), message };
      this.requests.push(request);
      this.answer(request, response);
    });
  });

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function ok({ header }: Request, response: ServerResponse): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ detections: [coded(header.seq)] }));
}

let server: LiveServer;
const service = new Service();
before(async () => {
  await service.listen();
  server = await LiveServer.start({ token: TOKEN });
  const endpoint = `http://somebody:${SECRET}@127.0.0.1:${service.port}/detect?key=${SECRET}`;
  const added = await server.call<CatalogEntry>('POST', '/api/detectors', { name: 'asked', endpoint, frames: { width: 640, quality: 90 } });
  assert.equal(added.endpoint, `http://127.0.0.1:${service.port}/detect?key=***`);
  await server.call('POST', '/api/streams', { id: 'coded', source: 'demo://street?timecode=1&fps=10', detectors: ['asked'], deadlineMs: 1000 });
});
after(async () => {
  await server[Symbol.asyncDispose]();
  service.close();
});
beforeEach(() => {
  service.answer = ok;
});

async function untilOwn(): Promise<void> {
  for await (const { seq, detectors, detections } of messagesOf(server, 'coded')) {
    if (detectors['asked']?.age !== 0 || detections.length === 0) continue;
    assert.equal(numberOf(detections[0]!), seq % 1000);
    return;
  }
}

const trouble = (code: string, says: RegExp): Promise<StreamView> =>
  server.until<StreamView>('coded', ({ stats }) => {
    const { state, error } = stats.detectors['asked']!;
    return state === 'failed' && error?.code === code && says.test(error.message);
  });

describe('a detector that is asked by HTTP', () => {
  it('is given each frame as JPEG with its identity, and its answers belong to their frames', async () => {
    await untilOwn();
    const { header, body, message } = service.requests.at(-1)!;
    assert.deepEqual([header.stream, header.width, header.height, header.source], ['coded', 640, 360, { width: 1280, height: 720 }]);
    assert.deepEqual([message.method, message.url, message.headers['content-type']], ['POST', `/detect?key=${SECRET}`, 'image/jpeg']);
    const { width, height, format } = await sharp(body).metadata();
    assert.deepEqual([width, height, format], [640, 360, 'jpeg']);
    await server.until<StreamView>('coded', ({ stats }) => stats.detectors['asked']?.state === 'ready' && (stats.detectors['asked'].roundTripMs ?? 0) > 0);
  });

  it('is given pixels where that is wanted', async () => {
    await server.call('PATCH', '/api/detectors/asked', { frames: { format: 'rgb', width: 64, height: 64, resize: 'stretch' } });
    const from = service.requests.length;
    await server.until('coded', () => service.requests.slice(from).some(({ header, body }) => header.format === 'rgb' && body.length === 64 * 64 * 3));
    await server.call('PATCH', '/api/detectors/asked', { frames: { width: 64, height: 64 } });
  });

  for (const [what, answer, code, says] of [
    ['a status that is no success', (_: Request, response: ServerResponse) => void response.writeHead(500).end(), 'endpoint-status', /status 500/],
    [
      'a redirect, which is not followed',
      ({ message }: Request, response: ServerResponse) => void response.writeHead(307, { location: `http://${message.headers.host}/elsewhere` }).end(),
      'endpoint-status',
      /status 307; redirects are not followed/,
    ],
    ['no JSON', (_: Request, response: ServerResponse) => void response.end('<html>'), 'endpoint-answer', /no JSON/],
    [
      'a wrong field',
      (_: Request, response: ServerResponse) => void response.end(JSON.stringify({ detections: [{ label: 'x', box: [0, 0, -1, 1] }] })),
      'endpoint-answer',
      /detections\[0\]\.box\[2\]/,
    ],
    ['an answer without an end', (_: Request, response: ServerResponse) => void response.end('['.repeat(1 << 21)), 'endpoint-answer', /longer than 1048576 bytes/],
    ['a broken connection', ({ message }: Request) => void message.socket.destroy(), 'endpoint-away', /can’t be reached/],
  ] as const) {
    it(`that answers with ${what}, says so without its secrets, and is asked again later`, async () => {
      service.answer = answer;
      const view = await trouble(code, says);
      assert.ok(!JSON.stringify(view).includes(SECRET));
      assert.ok(service.requests.every(({ message }) => message.url?.startsWith('/detect') === true));
      service.answer = ok;
      await untilOwn();
      await server.until<StreamView>('coded', ({ stats }) => stats.detectors['asked']?.state === 'ready');
    });
  }

  it('is given user and password when it asks for them', async () => {
    let granted = false;
    service.answer = (request, response) => {
      const expected = `Basic ${Buffer.from(`somebody:${SECRET}`).toString('base64')}`;
      granted = request.message.headers.authorization === expected;
      if (granted) return ok(request, response);
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    };
    // What comes before was given without.
    await server.until('coded', () => granted);
    await untilOwn();
  });

  it('that never answers holds up no frame for longer than its deadline', async () => {
    service.answer = () => undefined;
    let last: number | undefined;
    for await (const { seq, detectors } of messagesOf(server, 'coded')) {
      assert.ok(last === undefined || seq === last + 1);
      last = seq;
      if ((detectors['asked']?.age ?? 0) > 30) break;
    }
    await trouble('endpoint-timeout', /no answer within 10 s/);
  });

  it('shows its secrets nowhere', async () => {
    for (const path of ['/api/detectors', '/api/detectors/asked', '/api/streams/coded']) {
      assert.ok(!JSON.stringify(await server.call('GET', path)).includes(SECRET), path);
    }
    assert.ok(!server.log.includes(SECRET));
  });
});
