import { pino } from 'pino';
import { FrameNumberer, type FrameId } from '../../src/pipeline/frame.ts';
import { RtpSender } from '../../src/pipeline/rtp/sender.ts';
import type { RtpTarget } from '../../src/pipeline/rtp/target.ts';
import { now } from '../../src/util/clock.ts';

/** Colour bars, 160×96: parameter sets, an IDR picture and 15 pictures after it, constrained baseline, encoded by x264. */
const NALS = [
  'Z0LAC9oKNsBEAAADAAQAAAMA8jxQqoA=',
  'aM4CEsg=',
  'ZYiEBLyYoAAi/TwUA4X4gABgCxFTwqLtPHigACEnHAAEWyOAAInc8EQOF+IAAYAsRU8Pi7T4oAAgvxwABEkjgACLpPDwOF+IAAYAsRU8Pi7T4oAAg0xwABEkjgACH3UXTg4l09PTm6enpzdPT109PT09PT09PT109PT09PT09PTzQ0DgAEwABCxwQAA8AAIASEAgVR//wQcIKOKPA4EBRyDhAARyiwKVwrucG3ca8Q+AYdAwMvigPCgLgwGAAKUDcQCx3OoDgAR3P4ICUhwgCcx4//GFAuGil8IBIQoTI+B5CucKbkA/AMA0CIMCnxCSEAAJhUdEAcCUx+AJCBI7HQ8DAbuOlKDgACBMAA2KCenmjhQ0c08zi/qeZfH0tLSHig4=',
  'QZogEvBh0HCDkbA=',
  'QZpAFPBiuBCjIA==',
  'QZpgFfBf0CaMR0A=',
  'QZqAFvBh0Cjo2A==',
  'QZqgFvTCMCpthGBK2wjAlYNY',
  'QZrAF/BqzI6iIA==',
  'QZrgF/BauDxBxIIQgA==',
  ...['QZsAF/B7', 'QZsgF/B7', 'QZtAF/B7', 'QZtgF/B7', 'QZuAF/B7', 'QZugF/B7', 'QZvAF/B7', 'QZvgF/B7'],
].map((nal) => Buffer.from(nal, 'base64'));
const KEY_FRAME = NALS.slice(0, 3);
const DELTAS = NALS.slice(3);

/**
 * Stands in for a stream process' encoder: sends a still picture as real H.264 through the real RTP sender, and begins with an IDR
 * picture again when it is asked for one.
 */
export class RtpSource implements AsyncDisposable {
  readonly target: RtpTarget;
  /** Key frames that were asked for. */
  requests = 0;
  /** Sequence numbers and timestamps of the frames sent, newest last. */
  readonly sent: FrameId[] = [];
  readonly #numberer = new FrameNumberer();
  #sender: RtpSender | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Index into the group of pictures: 0 is the IDR. */
  #next = 0;
  #sending: Promise<void> = Promise.resolve();

  private constructor(target: RtpTarget) {
    this.target = target;
  }

  static async start(target: RtpTarget, { fps = 30, firstSequence = 0 } = {}): Promise<RtpSource> {
    const source = new RtpSource(target);
    source.#sender = await RtpSender.create({
      target,
      firstSequence,
      cname: 'test',
      logger: pino({ level: 'silent' }),
      onKeyframeRequest: () => {
        source.requests += 1;
        source.#next = 0;
      },
    });
    source.#timer = setInterval(() => source.#frame(source.#sender!), 1000 / fps);
    return source;
  }

  /** Sequence number of the last packet sent. */
  get sequence(): number {
    return this.#sender!.sequence;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sending;
    this.#sender!.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #frame(sender: RtpSender): void {
    const id = this.#numberer.number(now());
    const nals = this.#next === 0 ? KEY_FRAME : [DELTAS[this.#next - 1]!];
    this.#next = (this.#next + 1) % (DELTAS.length + 1);
    this.sent.push(id);
    this.#sending = this.#sending.then(() => sender.send(id, nals));
  }
}
