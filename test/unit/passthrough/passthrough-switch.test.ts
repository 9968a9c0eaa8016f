import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KeyframeBudget } from '../../../src/pipeline/encode/keyframe-budget.ts';
import type { FrameId } from '../../../src/pipeline/frame.ts';
import type { PassthroughSource, SourceUnit } from '../../../src/pipeline/passthrough/passthrough-source.ts';
import { PassthroughSwitch } from '../../../src/pipeline/passthrough/passthrough-switch.ts';

const FRAME_MS = 40;
const FRAME_TICKS = 3600;

/** Frame `n` of a source of 25 frames a second whose timestamps wrap after some frames. */
function id(n: number): FrameId {
  return { seq: n, rtp: (0xffff_ffff - 5 * FRAME_TICKS + n * FRAME_TICKS) >>> 0, capturedAt: 1000 + n * FRAME_MS };
}

function unit(n: number, key: boolean, shown?: FrameId): SourceUnit {
  return { ordinal: n, parts: [Buffer.of(n & 0xff)], key, ...(shown === undefined ? {} : { id: shown }) };
}

function frame(n: number, gop: number): PassthroughSource {
  return { codec: 'H264', units: [unit(n, n % gop === 0)] };
}

/** Which frames of a source with key frames `gop` frames apart are sent as they are: a dot; `x`: encoded. */
function run(switchOver: PassthroughSwitch, frames: number, gop: number, before: (n: number) => void = () => undefined): string {
  let line = '';
  for (let n = 0; n < frames; n++) {
    before(n);
    line += switchOver.decide(id(n), frame(n, gop)) === undefined ? 'x' : '.';
  }
  return line;
}

describe('whether a frame is sent as the source has it', () => {
  test('all are, from the first key frame on', () => {
    const switchOver = new PassthroughSwitch('H264');
    assert.equal(switchOver.decide(id(7), frame(7, 10)), undefined);
    assert.equal(switchOver.reason, 'awaiting-keyframe');
    const sent = [8, 9, 10, 11].map((n) => switchOver.decide(id(n), frame(n, 10))?.map(({ rtp, key }) => ({ rtp, key })));
    assert.deepEqual(sent, [undefined, undefined, [{ rtp: id(10).rtp, key: true }], [{ rtp: id(11).rtp, key: false }]]);
    assert.equal(switchOver.reason, undefined);
  });

  test('who needs a key frame is served by the encoder until the source’s next one', () => {
    const switchOver = new PassthroughSwitch('H264');
    assert.equal(run(switchOver, 150, 50, (n) => n === 70 && switchOver.requestKeyframe()), `${'.'.repeat(70)}${'x'.repeat(30)}${'.'.repeat(50)}`);
  });

  test('who joins right after a key frame is served by the encoder too; who will soon be sent one waits for that', () => {
    const switchOver = new PassthroughSwitch('H264');
    assert.equal(run(switchOver, 100, 50, (n) => n === 52 && switchOver.requestKeyframe()), `${'.'.repeat(52)}${'x'.repeat(48)}`);
    const late = new PassthroughSwitch('H264');
    assert.equal(run(late, 110, 50, (n) => n === 92 && late.requestKeyframe()), '.'.repeat(110));
  });

  test('where key frames are asked for faster than the budget has it, the source’s pictures go on until there is one', () => {
    const budget = new KeyframeBudget();
    const switchOver = new PassthroughSwitch('H264', budget);
    run(switchOver, 51, 50);
    for (let n = 0; n < 3; n++) budget.spend(id(51).capturedAt);
    switchOver.requestKeyframe();
    let line = '';
    for (let n = 51; n < 60; n++) line += switchOver.decide(id(n), frame(n, 50)) === undefined ? 'x' : '.';
    assert.equal(line, '.......xx', 'at 40 ms a frame, 250 ms are over with the seventh after');
  });

  test('a key frame that was waited for and is late is made', () => {
    const switchOver = new PassthroughSwitch('H264');
    run(switchOver, 51, 25);
    let line = '';
    for (let n = 51; n < 81; n++) {
      if (n === 67) switchOver.requestKeyframe();
      line += switchOver.decide(id(n), { codec: 'H264', units: [unit(n, false)] }) === undefined ? 'x' : '.';
    }
    // Of 1 s: from 600 ms on it is waited for, until 1100 ms.
    assert.match(line, /^\.{27}x+$/);
  });

  test('receivers that have seen nothing begin with a key frame', () => {
    const switchOver = new PassthroughSwitch('H264');
    assert.equal(run(switchOver, 60, 50, (n) => n === 10 && switchOver.restart()), `${'.'.repeat(10)}${'x'.repeat(40)}${'.'.repeat(10)}`);
  });

  test('nothing is sent after a gap before the next key frame', () => {
    const switchOver = new PassthroughSwitch('H264');
    run(switchOver, 10, 50);
    for (const n of [11, 12, 13]) {
      assert.equal(switchOver.decide(id(n), frame(n, 50)), undefined);
      assert.equal(switchOver.reason, 'damaged');
    }
    assert.equal(switchOver.decide(id(50), frame(50, 50))?.length, 1);
  });

  test('key frames that come too seldom are not relied upon', () => {
    const switchOver = new PassthroughSwitch('H264');
    // Ten seconds after the first; then, once it is known, throughout.
    assert.equal(run(switchOver, 650, 300), `${'.'.repeat(251)}${'x'.repeat(399)}`);
    assert.equal(switchOver.reason, 'long-gop');
    for (const n of [700, 701]) switchOver.decide(id(n), frame(n, 100));
    assert.equal(switchOver.reason, undefined, 'the source sends them more often now');
  });

  test('what can’t be sent is told, and ends with the next key frame', () => {
    const switchOver = new PassthroughSwitch('H264');
    run(switchOver, 10, 50);
    for (const obstacle of ['slate', 'privacy'] as const) {
      assert.equal(switchOver.decide(id(10), { obstacle }), undefined);
      assert.equal(switchOver.reason, obstacle);
    }
    assert.equal(switchOver.decide(id(11), frame(11, 50)), undefined);
    // A pause, such as one without a picture, is no long time between key frames.
    assert.equal(switchOver.decide(id(1000), frame(1000, 50))?.length, 1);
  });

  test('another codec than that which is sent is encoded, and its own goes on with a key frame', () => {
    const switchOver = new PassthroughSwitch('VP9');
    const of = (n: number, codec: 'H264' | 'VP9', key: boolean): unknown => switchOver.decide(id(n), { codec, units: [unit(n, key)] })?.length ?? switchOver.reason;
    assert.deepEqual([of(0, 'VP9', true), of(1, 'H264', true), of(2, 'VP9', false), of(3, 'VP9', true)], [1, 'codec', 'awaiting-keyframe', 1]);
  });
});

describe('pictures that became no frame of the stream', () => {
  test('are sent before the next one, with times between', () => {
    const switchOver = new PassthroughSwitch('H264');
    switchOver.decide(id(0), frame(0, 50));
    const dropped = id(2);
    const sent = switchOver.decide(id(4), { codec: 'H264', units: [unit(1, false), unit(2, false, dropped), unit(3, false), unit(4, false)] });
    assert.deepEqual(sent?.map(({ rtp }) => rtp), [1, 2, 3, 4].map((n) => id(n).rtp));
    assert.deepEqual(sent?.map(({ capturedAt }) => capturedAt), [1, 2, 3, 4].map((n) => id(n).capturedAt));
  });

  test('are not sent before a key frame, which needs none of them', () => {
    const switchOver = new PassthroughSwitch('H264');
    switchOver.decide(id(0), frame(0, 50));
    assert.deepEqual(switchOver.decide(id(2), { codec: 'H264', units: [unit(1, false), unit(2, true)] })?.map(({ key }) => key), [true]);
  });

  test('need room between their neighbours', () => {
    const switchOver = new PassthroughSwitch('H264');
    switchOver.decide(id(0), frame(0, 50));
    const next = { ...id(1), rtp: (id(0).rtp + 1) >>> 0 };
    assert.equal(switchOver.decide(next, { codec: 'H264', units: [unit(1, false), unit(2, false)] }), undefined);
  });
});
