import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Log } from 'node-av/lib';
import { AV_LOG_QUIET } from 'node-av/constants';
import { FrameNumberer } from '../../../src/pipeline/frame.ts';
import { createSource } from '../../../src/pipeline/source/open-source.ts';
import { SourceError, type Source, type SourceFrame } from '../../../src/pipeline/source/source.ts';
import { ENCODED, runFfmpeg } from '../../support/media-servers.ts';
import { WebServer, type Answer } from '../../support/web-server.ts';

Log.setLevel(AV_LOG_QUIET);

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

/** What opening an address, and reading on, fails of. A frame is a failure of the test. */
async function failureOf(address: string, withinMs = 8000): Promise<SourceError> {
  const source: Source = createSource(address, { numberer: new FrameNumberer(), loop: false, mediaRoots: [folder] });
  const signal = AbortSignal.timeout(withinMs);
  try {
    const error = await read(source, signal).catch((reason: unknown) => reason);
    assert.ok(error instanceof SourceError, `expected a SourceError, got ${String(error)}`);
    return error;
  } finally {
    await source.close();
  }
}

async function read(source: Source, signal: AbortSignal): Promise<SourceFrame | undefined> {
  await source.open(signal);
  throw new Error('a hostile address gave a picture');
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

describe('servers that do not play along', () => {
  for (const scheme of ['http', 'rtsp', 'rtmp']) {
    test(`${scheme}: one that never answers is left when told so`, async () => {
      const server = createServer(() => undefined).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const started = performance.now();
      await failureOf(`${scheme}://127.0.0.1:${port}/x`, 500);
      assert.ok(performance.now() - started < 2500);
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
      assert.throws(() => createSource(address, { numberer: new FrameNumberer(), loop: false, mediaRoots: [] }), { code: 'source-address' });
    });
  }

  for (const address of ['srt://h:1?mode=listener&extra=1', 'udp://h:1?block_size=1', 'v4l2:///etc/passwd', 'v4l2:///dev/video0/../../etc/passwd', 'x11://:0/../x', 'rtsp://h/x?transport=http', 'rtp://h?codec=h264', 'rtp://h:1?codec=x%0d%0aa=b']) {
    test(`${address} has an option or a place that is not taken`, async () => {
      assert.equal((await failureOf(address)).code, 'source-address');
    });
  }
});
