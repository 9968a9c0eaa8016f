import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, test } from 'node:test';
import { Log } from 'node-av/lib';
import { AV_LOG_QUIET } from 'node-av/constants';
import { freePort } from '../../support/free-port.ts';
import { LiveServer } from '../../support/live-server.ts';
import { runRtspServer } from '../../support/media-servers.ts';
import { WatchedSource } from '../../support/watched-source.ts';
import { WebServer, type Answer } from '../../support/web-server.ts';

Log.setLevel(AV_LOG_QUIET);

interface View {
  readonly state: string;
  readonly source: { readonly kind: string; readonly url: string };
  readonly problem?: { readonly code: string; readonly message: string };
}

describe('credentials in an address', () => {
  test('are shown by no answer, event or log of a server whose camera refuses them', async () => {
    const port = await freePort();
    await using _camera = await runRtspServer(port, { credentials: ['viewer', 'right-secret'] });
    await using server = await LiveServer.start({ env: { FRAMELOCK_LOG_LEVEL: 'trace' } });
    const told = await listen(`${server.url}/api/events`);
    await server.call('POST', '/api/streams', { id: 'gate', source: `rtsp://vera-viewer:wrong-secret@127.0.0.1:${port}/live`, detectors: [] });
    const view = await server.until<View>('gate', ({ state }) => state === 'failed');
    assert.equal(view.problem?.code, 'source-credentials');
    assert.match(view.problem.message, /credentials refused/);
    await told.until('source-credentials');
    assert.deepEqual(view.source, { kind: 'rtsp', url: `rtsp://127.0.0.1:${port}/live` });
    await server.call('PATCH', '/api/streams/gate', { source: `rtsp://viewer:right-secret@127.0.0.1:${port}/live` });
    await server.until<View>('gate', ({ state }) => state === 'live');
    const shown = [JSON.stringify(view), told.text(), server.log, JSON.stringify(await server.call('GET', '/api/streams'))];
    for (const text of shown) assert.doesNotMatch(text, /wrong-secret|right-secret|vera-viewer/);
    told.stop();
  });

  const jpeg = Buffer.from(
    'ffd8ffdb004300100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933383740485c4e404457453738506d51575f626768673e4d71797064785c656763ffc0000b080010001001011100ffc4001f0000010501010101010100000000000000000102030405060708090a0bffc400b5100002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffda0008010100003f00bf00ffd9',
    'hex',
  );
  const guarded: Answer = (request, response) => {
    if (!(request.headers.authorization ?? '').startsWith('Digest username="viewer"')) {
      response.writeHead(401, { 'www-authenticate': 'Digest realm="cam", nonce="abc", qop="auth"' }).end();
    } else {
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpeg);
    }
  };

  test('are given to a camera of HTTP that asks for a digest', async () => {
    await using camera = await WebServer.open(guarded);
    await using source = new WatchedSource(`http://viewer:right-secret@127.0.0.1:${camera.port}/shot.jpg#fps=20`);
    await source.arrives(3);
    await using other = new WatchedSource(`http://nobody:wrong-secret@127.0.0.1:${camera.port}/shot.jpg`);
    assert.equal((await other.reaches('failed'))?.code, 'source-credentials');
    assert.doesNotMatch(JSON.stringify(other.states), /wrong-secret|nobody/);
  });
});

/** All that an event stream says. */
async function listen(url: string): Promise<{ text(): string; until(word: string): Promise<void>; stop(): void }> {
  const abort = new AbortController();
  const response = await fetch(url, { signal: abort.signal });
  const arrivals = new EventEmitter<{ chunk: [] }>();
  let text = '';
  const reading = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      arrivals.emit('chunk');
    }
  })();
  reading.catch(() => undefined);
  const until = async (word: string): Promise<void> => {
    while (!text.includes(word)) await once(arrivals, 'chunk', { signal: AbortSignal.timeout(60_000) });
  };
  return { text: () => text, until, stop: () => abort.abort() };
}
