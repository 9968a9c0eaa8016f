import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Log } from 'node-av/lib';
import { AV_LOG_QUIET } from 'node-av/constants';
import { FrameNumberer } from '../../../src/pipeline/frame.ts';
import { createSource } from '../../../src/pipeline/source/open-source.ts';
import { PublisherInbox } from '../../../src/pipeline/source/publish/publisher-inbox.ts';
import { SourceError, type Source } from '../../../src/pipeline/source/source.ts';
import { ENCODED, runFfmpeg } from '../../support/media-servers.ts';
import { WatchedSource } from '../../support/watched-source.ts';
import { files, WebServer, type Answer } from '../../support/web-server.ts';

Log.setLevel(AV_LOG_QUIET);

/** An address of this machine by which others reach it. */
const OWN_ADDRESS = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

/** A film that is readable on this machine, and must not be by way of the network. */
let secret: string;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'framelock-hostile-'));
  secret = join(folder, 'secret.ts');
  const made = await runFfmpeg(...ENCODED, '-t', '2', '-f', 'mpegts', secret);
  await made.ended;
});
after(() => rm(folder, { recursive: true }));

function sourceOf(address: string): Source {
  return createSource(address, { numberer: new FrameNumberer(), loop: false, mediaRoots: [folder], inbox: new PublisherInbox(() => undefined) });
}

/** What opening an address fails of; one that opens has a picture, which is a failure of the test. */
async function failureOf(address: string, withinMs = 30_000): Promise<SourceError> {
  const source = sourceOf(address);
  const signal = AbortSignal.timeout(withinMs);
  try {
    const error = await source.open(signal).catch((reason: unknown) => reason);
    assert.ok(error instanceof SourceError, `expected a SourceError, got ${JSON.stringify(error)}`);
    return error;
  } finally {
    await source.close();
  }
}

function text(body: () => string, type = 'application/vnd.apple.mpegurl'): Answer {
  return (_request, response) => void response.writeHead(200, { 'content-type': type }).end(body());
}

function playlist(...lines: string[]): string {
  return ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:2', ...lines, '#EXT-X-ENDLIST', ''].join('\n');
}

describe('playlists that lead to what is none of theirs', () => {
  for (const scheme of ['file://', 'file:', 'concat:', 'subfile,,start,0,end,0,,:', 'crypto+file://', 'pipe:', 'data:video/mp2t,']) {
    test(`a segment by ${scheme} gives no picture`, async () => {
      await using server = await WebServer.open(text(() => playlist('#EXTINF:2,', `${scheme}${secret}`)));
      const error = await failureOf(`http://127.0.0.1:${server.port}/x.m3u8`);
      assert.doesNotMatch(error.message, /secret/);
    });
  }

  test('while the same film by HTTP gives one', async () => {
    await using server = await WebServer.open((request, response) =>
      request.url === '/x.m3u8' ? text(() => playlist('#EXTINF:2,', 'secret.ts'))(request, response) : files(folder)(request, response),
    );
    await using source = new WatchedSource(`http://127.0.0.1:${server.port}/x.m3u8`);
    await source.moves();
  });

  test('nor does one by a bare path', async () => {
    await using server = await WebServer.open((request, response) =>
      request.url === '/x.m3u8' ? text(() => playlist('#EXTINF:2,', secret))(request, response) : void response.writeHead(404).end());
    await failureOf(`http://127.0.0.1:${server.port}/x.m3u8`);
    assert.ok(server.asked.includes(secret), 'a path is one of the web server');
  });

  test('nor a key, a map, or a rendition', async () => {
    for (const line of [`#EXT-X-KEY:METHOD=AES-128,URI="file://${secret}"`, `#EXT-X-MAP:URI="file://${secret}"`]) {
      await using server = await WebServer.open(text(() => playlist(line, '#EXTINF:2,', 'a.ts')));
      assert.equal((await failureOf(`http://127.0.0.1:${server.port}/x.m3u8`)).code, 'source-address');
    }
    await using server = await WebServer.open(text(() => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nfile://${secret}\n`));
    assert.equal((await failureOf(`http://127.0.0.1:${server.port}/x.m3u8`)).code, 'source-address');
  });

  test('nor does a rendition that is not looked at first', async () => {
    await using server = await WebServer.open((request, response) => {
      const master = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nb.m3u8\n';
      const lists: Record<string, string> = { '/x.m3u8': master, '/a.m3u8': playlist('#EXTINF:2,', 'gone.ts'), '/b.m3u8': playlist('#EXTINF:2,', `file://${secret}`) };
      const list = lists[request.url ?? ''];
      if (list === undefined) response.writeHead(404).end();
      else void text(() => list)(request, response);
    });
    await failureOf(`http://127.0.0.1:${server.port}/x.m3u8`);
    assert.ok(server.asked.includes('/b.m3u8'));
  });

  test('a manifest of DASH with a file in it is refused', async () => {
    const mpd = `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>file://${secret}</BaseURL></Representation></AdaptationSet></Period></MPD>`;
    await using server = await WebServer.open(text(() => mpd, 'application/dash+xml'));
    assert.equal((await failureOf(`http://127.0.0.1:${server.port}/x.mpd`)).code, 'source-address');
  });

  test('a local playlist is not followed', async () => {
    const path = join(folder, 'x.m3u8');
    await writeFile(path, playlist('#EXTINF:2,', 'secret.ts'));
    assert.equal((await failureOf(`file://${path}`)).code, 'source-unsupported');
  });

  test('a playlist without an end is cut off', async () => {
    await using server = await WebServer.open((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl' });
      const more = (): void => {
        while (!response.destroyed && response.write('#EXTM3U\n'.repeat(8192)));
      };
      response.on('drain', more);
      more();
    });
    assert.equal((await failureOf(`http://127.0.0.1:${server.port}/x.m3u8`)).code, 'source-unsupported');
  });
});

describe('redirects', () => {
  const to = (location: (request: string) => string): Answer => (request, response) => void response.writeHead(302, { location: location(request.url ?? '') }).end();

  test('to a file are refused', async () => {
    await using server = await WebServer.open(to(() => `file://${secret}`));
    assert.equal((await failureOf(`http://127.0.0.1:${server.port}/x`)).code, 'source-address');
  });

  test('without an end are given up', async () => {
    await using server = await WebServer.open(to((path) => `${path}x`));
    assert.equal((await failureOf(`http://127.0.0.1:${server.port}/x`)).code, 'source-read');
    assert.ok(server.asked.length <= 6, `asked ${server.asked.length} times`);
  });
});

describe('from the network to this machine', { skip: OWN_ADDRESS === undefined && 'needs an address beside loopback' }, () => {
  const host = OWN_ADDRESS ?? '';

  test('a redirect is refused before anything is asked there', async () => {
    await using near = await WebServer.open((_request, response) => void response.end('secret'));
    await using far = await WebServer.open((_request, response) => void response.writeHead(302, { location: `http://127.0.0.1:${near.port}/` }).end(), { host });
    assert.equal((await failureOf(`http://${host}:${far.port}/x`)).code, 'source-address');
    assert.deepEqual(near.asked, []);
  });

  for (const [name, segment] of [
    ['a segment', (port: number) => `http://127.0.0.1:${port}/secret.ts`],
    ['a segment that redirects', () => 'away.ts'],
  ] as const) {
    test(`${name} of a playlist is refused before anything is asked there`, async () => {
      await using near = await WebServer.open((_request, response) => void response.end('secret'));
      await using far = await WebServer.open(
        (request, response) => {
          if (request.url === '/away.ts') response.writeHead(302, { location: `http://127.0.0.1:${near.port}/` }).end();
          else void text(() => playlist('#EXTINF:2,', segment(near.port)))(request, response);
        },
        { host },
      );
      await failureOf(`http://${host}:${far.port}/x.m3u8`);
      assert.ok(far.asked.includes(name === 'a segment' ? '/x.m3u8' : '/away.ts'));
      assert.deepEqual(near.asked, []);
    });
  }

  test('nor does a session description reach it', async () => {
    const sdp = 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n';
    await using far = await WebServer.open(text(() => sdp, 'application/sdp'), { host });
    assert.equal((await failureOf(`http://${host}:${far.port}/x.sdp`)).code, 'source-address');
  });
});

describe('servers that do not play along', () => {
  for (const scheme of ['http', 'rtsp', 'rtmp']) {
    test(`${scheme}: one that never answers is left when told so`, async () => {
      const server = createServer(() => undefined).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const started = performance.now();
      await failureOf(`${scheme}://127.0.0.1:${port}/x`, 500);
      assert.ok(performance.now() - started < 10_000);
      server.close();
    });
  }

  test('one that sends noise is no source', async () => {
    await using server = await WebServer.open((_request, response) => void response.end(Buffer.alloc(300_000, 'noise ')));
    await failureOf(`http://127.0.0.1:${server.port}/x`);
  });
});

describe('pictures that are too large', () => {
  test('a JPEG whose header says 65,000 × 65,000 is not decoded', async () => {
    const header = Buffer.from('ffd8ffc0001108fde8fde803011100021101031101ffda000c03010002110311003f00000000ffd9', 'hex');
    await using server = await WebServer.open((_request, response) => void response.writeHead(200, { 'content-type': 'image/jpeg' }).end(header));
    const before = process.memoryUsage.rss();
    const error = await failureOf(`http://127.0.0.1:${server.port}/x.jpg#fps=60`);
    assert.equal(error.code, 'source-unsupported');
    assert.ok(process.memoryUsage.rss() - before < 200 << 20);
  });

  test('a PNG whose header says 100,000 × 100,000 is refused', async () => {
    const path = join(folder, 'large.mkv');
    await writeFile(path, Buffer.from('89504e470d0a1a0a0000000d49484452000186a0000186a008020000003c9d2a9f0000000049454e44ae426082', 'hex'));
    const before = process.memoryUsage.rss();
    await failureOf(`file://${path}`);
    assert.ok(process.memoryUsage.rss() - before < 200 << 20);
  });
});

describe('addresses', () => {
  for (const address of ['gopher://h/x', 'concat:a|b', 'subfile:x', 'pipe:0', 'ftp://h/x', 'unix:///run/x', 'tls://h:1', 'tcp://h:1', 'data:video/mp4,x', '-i', 'crypto:x', 'smb://h/x']) {
    test(`${address} is refused`, () => {
      assert.throws(() => sourceOf(address), { code: 'source-address' });
    });
  }

  test('one of a scheme that the server is told not to take is refused', () => {
    const address = 'rtsp://camera/1';
    const context = { numberer: new FrameNumberer(), loop: false, mediaRoots: [], inbox: new PublisherInbox(() => undefined) };
    assert.throws(() => createSource(address, context, ['demo', 'file']), { code: 'source-address', message: /sources\.allow/ });
  });

  for (const address of ['srt://h:1?mode=listener&extra=1', 'udp://h:1?block_size=1', 'v4l2:///etc/passwd', 'v4l2:///dev/video0/../../etc/passwd', 'x11://:0/../x', 'rtsp://h/x?transport=http', 'rtp://h?codec=h264', 'rtp://h:1?codec=x%0d%0aa=b']) {
    test(`${address} has an option or a place that is not taken`, async () => {
      assert.equal((await failureOf(address)).code, 'source-address');
    });
  }
});
