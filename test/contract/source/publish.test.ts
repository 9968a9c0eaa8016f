import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { FrameNumberer } from '../../../src/pipeline/frame.ts';
import type { StreamEvent } from '../../../src/pipeline/ipc/events.ts';
import { PublishSource } from '../../../src/pipeline/source/publish-source.ts';
import { PublisherInbox } from '../../../src/pipeline/source/publish/publisher-inbox.ts';
import { RtpSource } from '../../support/rtp-source.ts';

const SSRC = 77;
const PAYLOAD_TYPE = 96;
const FRAMES = 60;

/** What stands between a sender and a stream process, and loses packets. */
class LossyWay implements AsyncDisposable {
  /** What the source told the control process. */
  readonly told: readonly string[];
  readonly source: PublishSource;
  readonly sender: RtpSource;
  lost = 0;
  readonly #inbox: PublisherInbox;
  readonly #relay: ReturnType<typeof createSocket>;

  private constructor(source: PublishSource, sender: RtpSource, inbox: PublisherInbox, relay: ReturnType<typeof createSocket>, told: string[]) {
    this.source = source;
    this.sender = sender;
    this.#inbox = inbox;
    this.#relay = relay;
    this.told = told;
  }

  /** @param loses whether a packet that comes for the first time gets lost; `nth` counts packets */
  static async open(loses: (nth: number) => boolean): Promise<LossyWay> {
    const told: string[] = [];
    let port = 0;
    const inbox = new PublisherInbox((event: StreamEvent) => {
      told.push(event.type);
      if (event.type === 'publisher-port') port = event.port;
    });
    const source = new PublishSource(new URL('publish://'), { numberer: new FrameNumberer(), loop: false, mediaRoots: [], inbox });
    const arrival = source.awaited.arrival(AbortSignal.timeout(60_000));
    const relay = createSocket('udp4').bind(0, '127.0.0.1');
    await once(relay, 'listening');
    const relayPort = relay.address().port;
    const sender = await RtpSource.start({ host: '127.0.0.1', port: relayPort, ssrc: SSRC, payloadType: PAYLOAD_TYPE, extensions: { absCaptureTime: 1, playoutDelay: 2 } });
    const way = new LossyWay(source, sender, inbox, relay, told);
    const seen = new Set<number>();
    let senderPort = 0;
    relay.on('message', (packet, from) => {
      if (from.port === port) return relay.send(packet, senderPort, '127.0.0.1');
      senderPort = from.port;
      const sequence = packet.readUInt16BE(2);
      const first = !seen.has(sequence);
      seen.add(sequence);
      if (first && loses(seen.size)) way.lost += 1;
      else relay.send(packet, port, '127.0.0.1');
    });
    inbox.set({ codec: 'H264', payloadType: PAYLOAD_TYPE, ssrc: SSRC, port: relayPort });
    await arrival;
    return way;
  }

  /** The publisher is gone. */
  leave(): void {
    this.#inbox.set(null);
  }

  /** RTP timestamps of so many frames. */
  async frames(count: number): Promise<number[]> {
    const frames: number[] = [];
    while (frames.length < count) {
      const frame = await this.source.next();
      frames.push(frame!.id.rtp);
      frame!.picture!.release();
    }
    return frames;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source.close();
    this.#inbox.close();
    await this.sender.close();
    this.#relay.close();
  }
}

describe('what a publisher sends', () => {
  it('is decoded frame by frame under its own timestamps, and captured in its order', async () => {
    await using way = await LossyWay.open(() => false);
    const video = await way.source.open();
    assert.deepEqual([video.codec, video.width, video.height], ['h264', 160, 96]);
    const frames = await way.frames(FRAMES);
    const sent = way.sender.sent.map(({ rtp }) => rtp);
    assert.ok(frames.every((rtp) => sent.includes(rtp)));
  });

  it('is asked for again where packets are lost, and no key frame is needed', async () => {
    await using way = await LossyWay.open((nth) => nth > 3 && nth % 7 === 0);
    await way.source.open();
    const frames = await way.frames(FRAMES);
    assert.ok(way.lost > 3, `only ${way.lost} packets were lost`);
    const sent = way.sender.sent.map(({ rtp }) => rtp);
    const span = sent.slice(sent.indexOf(frames[0]!), sent.indexOf(frames.at(-1)!) + 1);
    // Frames that wait for a packet come at once when it is there, and of those the newest is kept.
    assert.ok(frames.length > span.length * 0.4, `${frames.length} of ${span.length} frames`);
    assert.deepEqual(way.told.filter((type) => type === 'keyframe-request').length, 1, 'the one at the start');
  });

  it('ends for its source when it leaves', async () => {
    await using way = await LossyWay.open(() => false);
    await way.source.open();
    const pending = way.frames(10_000);
    const ended = assert.rejects(pending, { code: 'source-waiting' });
    way.leave();
    await ended;
  });
});
