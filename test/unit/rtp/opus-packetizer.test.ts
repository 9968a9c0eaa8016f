import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Packetizer } from '../../../src/pipeline/rtp/packetize/packetizer.ts';
import { opusTimestamp } from '../../../src/pipeline/rtp/opus-clock.ts';
import { readRtpPacket } from '../../../src/pipeline/rtp/packet.ts';
import { readRtp } from '../../support/rtp-viewer.ts';

const IDENTITY = { ssrc: 7, payloadType: 111, extensions: { absCaptureTime: 10, playoutDelay: 11 } };

test('an Opus packet travels alone, with the time of its capture; the first of all is marked', () => {
  const packetizer = new Packetizer('opus', IDENTITY, 0xffff);
  const capturedAt = 1_763_650_000_123.5;
  const [first] = packetizer.packetize({ rtp: 960, capturedAt }, [Buffer.from([1, 2, 3])]);
  const [second] = packetizer.packetize({ rtp: 1920, capturedAt: capturedAt + 20 }, [Buffer.from([4])]);
  const [one, two] = [readRtpPacket(first!)!, readRtpPacket(second!)!];
  assert.deepEqual([one.sequence, one.timestamp, one.ssrc, one.payloadType, one.marker, [...one.payload]], [0xffff, 960, 7, 111, true, [1, 2, 3]]);
  assert.deepEqual([two.sequence, two.timestamp, two.marker, [...two.payload]], [0, 1920, false, [4]]);
  const { extensions } = readRtp(first!);
  assert.deepEqual([...extensions.keys()], [10]);
  const time = extensions.get(10)!;
  assert.equal(time.readUInt32BE(0), 1_763_650_000 + 2_208_988_800);
  assert.ok(Math.abs((time.readUInt32BE(4) / 2 ** 32) * 1000 - 123.5) < 0.001);
});

test('the timestamp of sound is that of the wall clock, across its wrap', () => {
  const wrap = (2 ** 32 / 48) * 400;
  assert.equal(opusTimestamp(wrap + 20), 960);
  assert.equal((opusTimestamp(wrap + 10) - opusTimestamp(wrap - 10)) >>> 0, 960);
});
