import { pino } from 'pino';
import type { Variant } from '../../src/pipeline/media/info.ts';
import type { Broadcast } from '../../src/sfu/broadcast.ts';
import type { SfuOptions } from '../../src/sfu/options.ts';
import { Sfu } from '../../src/sfu/sfu.ts';
import type { Viewer } from '../../src/sfu/viewer.ts';
import { writeAnswer } from '../../src/signaling/sdp-answer.ts';
import { readOffer } from '../../src/signaling/sdp-offer.ts';
import { leasesOf } from './leases.ts';
import { RtpSource } from './rtp-source.ts';
import type { Exchange } from './rtp-viewer.ts';

/** A real SFU on loopback, on ports that nobody has. */
export function startSfu(options: Partial<SfuOptions> = {}): Promise<Sfu> {
  return Sfu.create({ workers: 1, webrtc: { port: 0, listenIps: ['127.0.0.1'] }, logger: pino({ level: 'silent' }), ...options });
}

/** Sends a picture for as long as, and wherever to, a broadcast asks for it: what the streams do. */
export class Feeder implements AsyncDisposable {
  readonly sources: RtpSource[] = [];
  /** What the broadcast asked for, in order. */
  readonly asked: string[] = [];
  #work: Promise<unknown> = Promise.resolve();

  constructor(broadcast: Broadcast) {
    leasesOf(broadcast).on('start', ({ variant }, target) => {
      this.asked.push(`start ${variant}`);
      this.#work = this.#work.then(async () => this.sources.push(await RtpSource.start(target)));
    });
    leasesOf(broadcast).on('stop', ({ variant }) => this.asked.push(`stop ${variant}`));
  }

  /** The newest source. */
  get source(): RtpSource {
    return this.sources.at(-1)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#work;
    for (const source of this.sources) await source.close();
  }
}

/** A viewer that never connects: the variant is needed until it is closed. */
export function watch(sfu: Sfu, broadcast: Broadcast, variant: Variant): Promise<Viewer> {
  return broadcast.addViewer({ variant, rtpCapabilities: sfu.rtpCapabilities, data: false });
}

/** Answers offers straight from a broadcast, without HTTP. */
export function bridge(broadcast: Broadcast, variant: Variant = 'annotated', onViewer?: (viewer: Viewer) => void): Exchange {
  return async (sdp) => {
    const offer = readOffer(sdp);
    const viewer = await broadcast.addViewer({
      variant,
      rtpCapabilities: offer.rtpCapabilities,
      payloadTypes: offer.payloadTypes,
      mid: offer.midOnWire,
      data: offer.data !== undefined,
    });
    onViewer?.(viewer);
    await viewer.connect(offer.dtlsParameters);
    await viewer.resume();
    return writeAnswer(offer, viewer, broadcast.stream);
  };
}
