import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { randomStreamId, STREAM_ID } from '../../../client/src/api/stream-id.ts';
import { bitrateFor, codecOrder, layersFor } from '../../../client/src/publish/encodings.ts';
import { captureReason } from '../../../client/src/publish/publish-reason.ts';
import { estimateRoundTrip, RoundTripMeter } from '../../../client/src/publish/round-trip.ts';
import { SenderReader } from '../../../client/src/publish/sender-stats.ts';
import { drawTimeCode, timeCodeOf, TIME_CODE } from '../../../client/src/publish/time-code.ts';
import { FALLBACKS } from '../../../client/src/ui/own-colors.ts';

describe('layers', () => {
  test('are as many as the picture has room for', () => {
    assert.equal(layersFor({ width: 1280, height: 720 }, 'camera'), 'L3T1');
    assert.equal(layersFor({ width: 640, height: 480 }, 'camera'), 'L2T1');
    assert.equal(layersFor({ width: 320, height: 240 }, 'camera'), undefined);
  });

  test('count lines of a picture that stands upright by its width', () => {
    assert.equal(layersFor({ width: 360, height: 640 }, 'camera'), 'L2T1');
  });

  test('are not made of a screen', () => {
    assert.equal(layersFor({ width: 1920, height: 1080 }, 'screen'), undefined);
  });

  test('have bits for their pixels and frames, and never next to none', () => {
    assert.equal(bitrateFor({ width: 1280, height: 720, frameRate: 30 }), 2_488_320);
    assert.equal(bitrateFor({ width: 1280, height: 720, frameRate: 15 }), 1_244_160);
    assert.equal(bitrateFor({ width: 160, height: 120, frameRate: 5 }), 150_000);
    assert.equal(bitrateFor({}), 2_488_320);
    assert.equal(bitrateFor({ width: 1280, height: 720, frameRate: 0 }), 2_488_320, 'a canvas that gives frames when it is told to');
  });
});

test('codecs are offered with H.264 that everybody decodes first, then VP8, and keep what repairs them', () => {
  const codecs = [
    { mimeType: 'video/VP8' },
    { mimeType: 'video/rtx' },
    { mimeType: 'video/AV1' },
    { mimeType: 'video/H264', sdpFmtpLine: 'level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f' },
    { mimeType: 'video/H264', sdpFmtpLine: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f' },
    { mimeType: 'video/H264', sdpFmtpLine: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f' },
    { mimeType: 'video/H264', sdpFmtpLine: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f' },
    { mimeType: 'video/VP9', sdpFmtpLine: 'profile-id=0' },
  ];
  assert.deepEqual(codecOrder(codecs).map((codec) => codecs.indexOf(codec)), [6, 5, 4, 0, 7, 2, 3, 1]);
  assert.deepEqual(codecOrder(codecs, true).map((codec) => codecs.indexOf(codec)).slice(0, 2), [7, 6], 'VP9 before them for layers');
});

test('an error of the capture is called by what a person can do about it', () => {
  const error = (name: string): Error => Object.assign(new Error('Words of the browser.'), { name });
  assert.deepEqual(captureReason(error('NotAllowedError'), 'camera'), { code: 'denied' });
  assert.deepEqual(captureReason(error('NotAllowedError'), 'microphone'), { code: 'denied' });
  assert.deepEqual(captureReason(error('NotAllowedError'), 'screen'), { code: 'cancelled' });
  assert.deepEqual(captureReason(error('NotFoundError'), 'camera'), { code: 'no-device' });
  assert.deepEqual(captureReason(error('OverconstrainedError'), 'camera'), { code: 'no-device' });
  assert.deepEqual(captureReason(error('NotReadableError'), 'camera'), { code: 'in-use' });
  assert.deepEqual(captureReason(error('Other'), 'camera'), { code: 'capture-failed', detail: 'Words of the browser.' });
  assert.deepEqual(captureReason('nonsense', 'camera'), { code: 'capture-failed' });
});

describe('the time code', () => {
  /** What a canvas would show of the strip, `READ` = 4 pixels a square as `readTimeCode` scales it, with a soft edge at each square's border. */
  function picture(seq: number, capturedAt: number): Uint8ClampedArray {
    const [width, height] = [TIME_CODE.width / 4, TIME_CODE.height / 4];
    const pixels = new Uint8ClampedArray(width * height * 4).fill(90);
    let color = 0;
    const context = {
      set fillStyle(style: string) {
        color = style === '#fff' ? 235 : 16;
      },
      fillRect(x: number, y: number, w: number, h: number) {
        for (let row = y / 4; row < (y + h) / 4; row += 1) {
          for (let column = x / 4; column < (x + w) / 4; column += 1) {
            const edge = row % 4 === 0 || row % 4 === 3 || column % 4 === 0 || column % 4 === 3;
            pixels.fill(edge ? 128 : color, (row * width + column) * 4, (row * width + column) * 4 + 4);
          }
        }
      },
    };
    drawTimeCode(context as unknown as CanvasRenderingContext2D, { seq, capturedAt });
    return pixels;
  }

  test('is read as it was drawn, beyond the bits of integer operators', () => {
    for (const [seq, capturedAt] of [[0, 0], [1, 1763650000123], [4711, 2 ** 48 - 1], [2 ** 32 - 1, 1]] as const) {
      assert.deepEqual(timeCodeOf(picture(seq, capturedAt)), { seq, capturedAt });
    }
  });
});

describe('the round trip', () => {
  test('is that of single frames where they are measured', () => {
    const meter = new RoundTripMeter();
    for (let ms = 1; ms <= 9; ms++) meter.add(ms, 1000);
    assert.equal(meter.roundTrip(1000), undefined, 'too few');
    meter.add(10, 1000);
    assert.deepEqual(meter.roundTrip(1000), { p50: 6, p95: 10, method: 'measured' });
    meter.reset();
    assert.equal(meter.roundTrip(1000), undefined);
  });

  test('is that of the last seconds', () => {
    const meter = new RoundTripMeter();
    for (let i = 0; i < 20; i++) meter.add(100, 1000);
    for (let i = 0; i < 20; i++) meter.add(50, 11_500);
    assert.deepEqual(meter.roundTrip(11_500), { p50: 50, p95: 50, method: 'measured' });
    assert.equal(meter.roundTrip(22_000), undefined);
  });

  test('is the sum of what the parts say where it is not, and nothing where one of them is silent', () => {
    assert.deepEqual(estimateRoundTrip({ sendMs: 8, rttMs: 10 }, { p50: 40, p95: 60 }), { p50: 53, p95: 73, method: 'estimated' });
    assert.equal(estimateRoundTrip({ sendMs: undefined, rttMs: 10 }, { p50: 40, p95: 60 }), undefined);
    assert.equal(estimateRoundTrip({ sendMs: 8, rttMs: undefined }, { p50: 40, p95: 60 }), undefined);
    assert.equal(estimateRoundTrip({ sendMs: 8, rttMs: 10 }, undefined), undefined);
    assert.equal(estimateRoundTrip(undefined, { p50: 40, p95: 60 }), undefined);
  });
});

describe('what the sender says of itself', () => {
  const report = (...entries: [string, object][]): RTCStatsReport => new Map(entries) as unknown as RTCStatsReport;
  const rest: [string, object][] = [
    ['c', { type: 'codec', mimeType: 'video/H264' }],
    ['old', { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 }],
    ['pair', { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.012 }],
    ['a', { type: 'outbound-rtp', kind: 'audio', timestamp: 0, bytesSent: 1e9 }],
  ];

  test('is turned from counters into rates', () => {
    const reader = new SenderReader();
    const video = { type: 'outbound-rtp', kind: 'video', codecId: 'c', framesPerSecond: 30, frameWidth: 640, frameHeight: 360 };
    const counted = { timestamp: 1000, bytesSent: 0, packetsSent: 0, framesEncoded: 0, totalEncodeTime: 0, totalPacketSendDelay: 0 };
    const first = reader.read(report(['v', { ...video, ...counted }], ...rest));
    assert.deepEqual(first, { bitrate: 0, fps: 30, width: 640, height: 360, codec: 'H264', layers: 1, sendMs: undefined, rttMs: 12 });
    const more = { timestamp: 2000, bytesSent: 100_000, packetsSent: 100, framesEncoded: 60, totalEncodeTime: 0.12, totalPacketSendDelay: 0.2 };
    const next = reader.read(report(['v', { ...video, ...more, framesPerSecond: 29, scalabilityMode: 'L3T1' }], ...rest));
    assert.deepEqual(next, { bitrate: 800_000, fps: 29, width: 640, height: 360, codec: 'H264', layers: 3, sendMs: 4, rttMs: 12 });
  });

  test('is nothing where no picture is sent', () => {
    assert.equal(new SenderReader().read(report(...rest)), undefined);
  });
});

test('a name that is made up is one that the server takes', () => {
  for (let i = 0; i < 200; i++) assert.match(randomStreamId('cam'), STREAM_ID);
});

test('elements on foreign pages have the colours of the application', async () => {
  const page = await readFile(join(import.meta.dirname, '../../../client/src/ui/page.css'), 'utf8');
  const declared = Object.fromEntries([...page.matchAll(/^ {2}--framelock-([\w-]+): (.*);$/gm)].map(([, name, value]) => [name, value]));
  const { font: _fonts, ...expected } = declared;
  const { font: _font, ...colours } = FALLBACKS;
  assert.deepEqual(colours, expected);
});
