import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Log } from 'node-av/lib';
import { AV_LOG_QUIET } from 'node-av/constants';
import { freePort } from '../../support/free-port.ts';
import { ENCODED, runFfmpeg, TEST_PICTURE, untilFile } from '../../support/media-servers.ts';
import { files, WebServer, type Answer } from '../../support/web-server.ts';
import { PATIENT, WatchedSource } from '../../support/watched-source.ts';

Log.setLevel(AV_LOG_QUIET);

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'framelock-http-'));
});
after(() => rm(folder, { recursive: true }));

/** ffmpeg's output to each client, as long as the client stays. */
function live(type: string, ...args: string[]): Answer {
  return (_request, response) => {
    const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', ...TEST_PICTURE, ...args, 'pipe:1'], { stdio: ['ignore', 'pipe', 'ignore'] });
    response.writeHead(200, { 'content-type': type });
    child.stdout.pipe(response);
    response.once('close', () => child.kill('SIGKILL'));
  };
}

describe('live streams over HTTP', () => {
  for (const [name, type, ...args] of [
    ['HTTP-FLV', 'video/x-flv', '-f', 'flv'],
    ['MPEG-TS', 'video/mp2t', '-f', 'mpegts'],
  ] as const) {
    test(`${name} moves, and is found again after its server was gone`, async () => {
      const server = await WebServer.open(live(type, ...args), { port: await freePort() });
      await using source = new WatchedSource(`http://127.0.0.1:${server.port}/live`);
      await source.moves();
      await server.kill();
      await source.reaches('retrying');
      await using _again = await WebServer.open(live(type, ...args), { port: server.port });
      await source.moves();
    });
  }
});

describe('playlists', () => {
  for (const [name, file, ...args] of [
    ['HLS of MPEG-TS', 'live.m3u8', '-f', 'hls', '-hls_time', '1', '-hls_list_size', '4', '-hls_flags', 'delete_segments'],
    ['HLS of fragmented MP4', 'live.m3u8', '-f', 'hls', '-hls_time', '1', '-hls_list_size', '4', '-hls_segment_type', 'fmp4'],
    ['HLS with renditions', 'live.m3u8', '-f', 'hls', '-hls_time', '1', '-hls_list_size', '4', '-b:v', '500k', '-master_pl_name', 'master.m3u8'],
    ['DASH', 'live.mpd', '-f', 'dash', '-seg_duration', '1', '-window_size', '4', '-streaming', '0'],
  ] as const) {
    test(`${name}, live, plays evenly`, async () => {
      const place = await mkdtemp(join(folder, 'live-'));
      await using _sender = await runFfmpeg(...TEST_PICTURE, ...args, join(place, file));
      const entry = name === 'HLS with renditions' ? 'master.m3u8' : file;
      await untilFile(place, entry);
      await using server = await WebServer.open(files(place));
      await using source = new WatchedSource(`http://127.0.0.1:${server.port}/${entry}`, { times: { giveUp: 8000, stall: 5000 } });
      await source.moves(15);
      // Three segments at 25 frames a second: played as they come, the frames of each would be a clump with a pause of a second after it.
      await source.moves(75);
      assert.ok(source.medianPause > 20, `${source.medianPause} ms between most frames`);
    });
  }

  test('a complete playlist of HLS is played at its speed and starts again', async () => {
    const place = await mkdtemp(join(folder, 'vod-'));
    const sender = await runFfmpeg(...ENCODED, '-t', '2', '-f', 'hls', '-hls_time', '1', '-hls_playlist_type', 'vod', join(place, 'vod.m3u8'));
    await sender.ended;
    await using server = await WebServer.open(files(place));
    await using source = new WatchedSource(`http://127.0.0.1:${server.port}/vod.m3u8`, { times: PATIENT });
    await source.moves(80);
    assert.deepEqual(source.states.map(({ state }) => state), ['connecting', 'live']);
  });
});

test('a file of MP4 is played at its speed and starts again, wherever its index lies', async () => {
  const sender = await runFfmpeg(...ENCODED, '-t', '1', join(folder, 'clip.mp4'));
  await sender.ended;
  assert.ok((await readdir(folder)).includes('clip.mp4'));
  await using server = await WebServer.open(files(folder));
  await using source = new WatchedSource(`http://127.0.0.1:${server.port}/clip.mp4`);
  const started = performance.now();
  await source.moves(40);
  assert.ok(performance.now() - started > 1200);
});

describe('JPEG over HTTP', () => {
  let pictures: Buffer[];
  before(async () => {
    const child = spawn('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25', '-frames:v', '25', '-f', 'image2pipe', '-c:v', 'mjpeg', 'pipe:1']);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(child, 'close');
    const whole = Buffer.concat(chunks);
    pictures = [];
    for (let at = 0; at < whole.length; ) {
      const next = whole.indexOf(Buffer.from([0xff, 0xd8, 0xff]), at + 2);
      pictures.push(whole.subarray(at, next < 0 ? whole.length : next));
      at = next < 0 ? whole.length : next;
    }
    assert.equal(pictures.length, 25);
  });

  const STYLES: Record<string, { type: string; before: (jpeg: Buffer) => string; after: string }> = {
    'by the book': {
      type: 'multipart/x-mixed-replace; boundary=frame',
      before: (jpeg) => `--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`,
      after: '\r\n',
    },
    'without lengths': { type: 'multipart/x-mixed-replace;boundary="frame"', before: () => '--frame\r\nContent-Type: image/jpeg\r\n\r\n', after: '\r\n' },
    'with dashes in the boundary’s name': { type: 'multipart/x-mixed-replace; boundary=--myboundary', before: () => '--myboundary\r\nContent-type: image/jpg\r\n\r\n', after: '\r\n' },
    'with bare line feeds and no type': { type: 'multipart/x-mixed-replace; boundary=b', before: () => '--b\n\n', after: '\n' },
    'with a wrong length and another boundary than announced': {
      type: 'multipart/x-mixed-replace; boundary=a',
      before: () => '--other\r\ncontent-length: 17\r\n\r\n',
      after: '',
    },
    'without a boundary at all': { type: 'multipart/x-mixed-replace', before: () => '', after: '' },
  };

  function pushing({ type, before: head, after: tail }: (typeof STYLES)[string]): Answer {
    return (_request, response) => {
      response.writeHead(200, { 'content-type': type });
      let index = 0;
      const timer = setInterval(() => {
        const jpeg = pictures[index++ % pictures.length]!;
        response.write(Buffer.concat([Buffer.from(head(jpeg)), jpeg, Buffer.from(tail)]));
      }, 40);
      response.once('close', () => clearInterval(timer));
    };
  }

  for (const [name, style] of Object.entries(STYLES)) {
    test(`parts ${name} move`, async () => {
      await using server = await WebServer.open(pushing(style));
      await using source = new WatchedSource(`http://127.0.0.1:${server.port}/cam`);
      await source.moves();
    });
  }

  test('a camera that was gone is found again', async () => {
    const server = await WebServer.open(pushing(STYLES['by the book']!), { port: await freePort() });
    await using source = new WatchedSource(`http://127.0.0.1:${server.port}/cam`);
    await source.moves();
    await server.kill();
    await source.reaches('retrying');
    await using _again = await WebServer.open(pushing(STYLES['by the book']!), { port: server.port });
    await source.moves();
  });

  test('a single picture is asked for again and again, as often as the address says', async () => {
    let index = 0;
    await using server = await WebServer.open((_request, response) => void response.writeHead(200, { 'content-type': 'image/jpeg' }).end(pictures[index++ % 25]));
    await using source = new WatchedSource(`http://127.0.0.1:${server.port}/shot.jpg#fps=20`);
    await source.moves(4);
    const started = performance.now();
    await source.moves(20);
    const took = performance.now() - started;
    // Without a word in the address it would be 20 s.
    assert.ok(took > 800 && took < 15_000, `20 pictures took ${Math.round(took)} ms`);
  });
});
