import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FrameMeter } from '../../../client/src/live/frame-meter.ts';
import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';

function message(rtp: number, capturedAt: number): AnnotationMessage {
  return { stream: 'gate', seq: rtp / 3000, rtp, capturedAt, width: 1280, height: 720, detections: [], detectors: {} };
}

/** What a browser says of a frame; times of `performance.now()`. */
function metadata(rtpTimestamp: number | undefined, expectedDisplayTime: number, captureTime?: number): VideoFrameCallbackMetadata {
  return { rtpTimestamp, expectedDisplayTime, captureTime } as VideoFrameCallbackMetadata;
}

describe('the frame on screen', () => {
  test('is joined to the message with its RTP timestamp, and to no other', () => {
    const meter = new FrameMeter();
    for (const rtp of [3000, 6000, 9000]) meter.keep(message(rtp, 1));
    assert.equal(meter.shown(metadata(6000, 0), 0).seq, 2);
    assert.equal(meter.shown(metadata(6001, 0), 0).annotation, undefined);
    assert.equal(meter.annotationFor(9000)?.seq, 3);
  });

  test('forgets messages that are long past', () => {
    const meter = new FrameMeter();
    for (let i = 1; i <= 301; i++) meter.keep(message(i * 3000, i));
    assert.equal(meter.annotationFor(3000), undefined);
    assert.equal(meter.annotationFor(6000)?.seq, 2);
  });

  test('has the latency from capture on the server’s clock to display on this one', () => {
    const meter = new FrameMeter();
    const offset = 250;
    meter.keep(message(3000, performance.timeOrigin + 1000 + offset));
    assert.equal(Math.round(meter.shown(metadata(3000, 1030), offset).latencyMs!), 30);
  });

  test('has no latency before the clocks are compared', () => {
    const meter = new FrameMeter();
    meter.keep(message(3000, performance.timeOrigin));
    assert.equal(meter.shown(metadata(3000, 30), undefined).latencyMs, undefined);
    assert.equal(meter.latency(), undefined);
  });

  test('falls back on the capture time that the browser knows', () => {
    const meter = new FrameMeter();
    const shown = meter.shown(metadata(3000, 1045, 1000), 77);
    assert.equal(Math.round(shown.latencyMs!), 45);
    assert.equal(shown.seq, undefined);
    assert.equal(Math.round(shown.capturedAt! - performance.timeOrigin), 1077);
  });

  test('says nothing where nothing is known', () => {
    const { latencyMs, capturedAt } = new FrameMeter().shown(metadata(undefined, 1000), 0);
    assert.deepEqual([latencyMs, capturedAt], [undefined, undefined]);
  });
});

describe('figures over frames', () => {
  test('the frame rate counts the frames of the last second', () => {
    const meter = new FrameMeter();
    for (let i = 0; i < 90; i++) meter.shown(metadata(i, i * 40), 0);
    assert.equal(meter.fps(89 * 40), 25);
    assert.equal(meter.fps(89 * 40 + 2000), 0);
  });

  test('percentiles are those of the last frames, in milliseconds', () => {
    const meter = new FrameMeter();
    for (let i = 1; i <= 250; i++) {
      meter.keep(message(i, performance.timeOrigin));
      meter.shown(metadata(i, i <= 100 ? 9999 : i - 100), 0);
    }
    const { p50, p95 } = meter.latency()!;
    assert.deepEqual([Math.round(p50), Math.round(p95)], [76, 143]);
  });

  test('start again with another picture, while messages are kept', () => {
    const meter = new FrameMeter();
    meter.keep(message(3000, performance.timeOrigin));
    meter.shown(metadata(3000, 20), 0);
    meter.reset();
    assert.equal(meter.latency(), undefined);
    assert.equal(meter.fps(20), 0);
    assert.notEqual(meter.annotationFor(3000), undefined);
  });
});
