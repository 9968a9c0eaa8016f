import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FormatContext, Log, Packet, type Stream } from 'node-av/lib';
import { AVMEDIA_TYPE_AUDIO, AV_LOG_QUIET } from 'node-av/constants';
import { pino } from 'pino';
import { AudioTrack } from '../../../src/pipeline/audio/audio-track.ts';
import { OpusTranscoder } from '../../../src/pipeline/audio/opus-transcoder.ts';
import { AudioRtpSink } from '../../../src/pipeline/sinks/audio-rtp-sink.ts';
import { isRtcp, readRtpPacket } from '../../../src/pipeline/rtp/packet.ts';
import type { RtpTarget } from '../../../src/pipeline/rtp/target.ts';
import { makeFlashAndBeep } from '../../support/flash-and-beep.ts';
import { now } from '../../../src/util/clock.ts';

Log.setLevel(AV_LOG_QUIET);

const SECONDS = 4;

describe('the sound of a stream', () => {
  let folder: string;
  let format: FormatContext;
  let stream: Stream;
  let packets: Packet[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-sound-'));
    const path = join(folder, 'clip.mp4');
    await makeFlashAndBeep(path, ['-c:a', 'aac'], SECONDS);
    format = new FormatContext();
    format.allocContext();
    await format.openInput(path, null, null);
    await format.findStreamInfo();
    stream = format.streams![format.findBestStream(AVMEDIA_TYPE_AUDIO)]!;
    packets = [];
    for (;;) {
      const packet = new Packet();
      packet.alloc();
      if ((await format.readFrame(packet)) < 0) break;
      packet.timeBase = stream.timeBase;
      if (packet.streamIndex === stream.index) packets.push(packet);
    }
  });

  after(async () => {
    await format.closeInput();
    await rm(folder, { recursive: true });
  });

  /** A socket that takes packets in, and how it is told to a sender. */
  async function receiver(): Promise<{ socket: Socket; target: RtpTarget; timestamps: number[] }> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const timestamps: number[] = [];
    socket.on('message', (datagram) => {
      if (!isRtcp(datagram)) timestamps.push(readRtpPacket(datagram)!.timestamp);
    });
    return { socket, timestamps, target: { host: '127.0.0.1', port: socket.address().port, ssrc: 5, payloadType: 111, extensions: { absCaptureTime: 1, playoutDelay: 2 } } };
  }

  function push(output: AudioTrack): void {
    for (const packet of packets) output.push(packet.clone()!);
  }

  it('goes on without a gap where its timeline steps a little, and begins anew where it jumps', async () => {
    const chain = await OpusTranscoder.open(stream);
    const times: number[] = [];
    for (const offsetMs of [0, SECONDS * 1000, 3_600_000]) {
      for (const packet of packets) times.push(...(await chain.process(packet, offsetMs)).map(({ capturedAt }) => capturedAt));
    }
    chain.close();
    const steps = times.slice(1).map((time, i) => Math.round(time - times[i]!));
    const jumps = steps.filter((step) => step !== 20);
    assert.equal(jumps.length, 1, `steps of ${jumps.join(', ')} ms`);
    assert.ok(Math.abs(jumps[0]! - (3_600_000 - 2 * SECONDS * 1000)) < 100, `a jump of ${jumps[0]} ms`);
    assert.ok(times.length > 3 * SECONDS * 50 - 10);
  });

  it('keeps as much as may wait, and lets go of all when its source closes', async () => {
    const { socket, target } = await receiver();
    const output = new AudioTrack(pino({ level: 'silent' }));
    const sink = await AudioRtpSink.create({ target, firstSequence: 0, cname: 'test', logger: pino({ level: 'silent' }) });
    output.add(sink);
    output.begin(stream);
    for (let i = 0; i < 4; i++) push(output);
    assert.equal(output.stats()?.dropped, packets.length * 4 - 500);
    // An hour ahead of its time: it waits.
    output.place(0, now() + 3_600_000);
    await output.end();
    output.remove(sink);
    sink.close();
    assert.equal(output.stats(), undefined);
    socket.close();
  });

  it('is not kept while nobody listens', async () => {
    const output = new AudioTrack(pino({ level: 'silent' }));
    output.begin(stream);
    output.place(0, now());
    for (let i = 0; i < 4; i++) push(output);
    const { socket, target, timestamps } = await receiver();
    const sink = await AudioRtpSink.create({ target, firstSequence: 0, cname: 'test', logger: pino({ level: 'silent' }) });
    output.add(sink);
    assert.deepEqual([output.stats()?.dropped, output.stats()?.packets, timestamps.length], [0, 0, 0]);
    await output.end();
    sink.close();
    socket.close();
  });
});
