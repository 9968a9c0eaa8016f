import type { DataProducer, DirectTransport, Router, RouterRtpCodecCapability, WebRtcServer, Worker } from 'mediasoup/types';
import type { PayloadTypes } from './codecs.ts';

interface RouterSlotInit {
  readonly worker: Worker;
  readonly webRtcServer: WebRtcServer;
  readonly payloadTypes: PayloadTypes;
  readonly codecs: RouterRtpCodecCapability[];
}

/** One router of one worker, for viewers with one set of payload types. */
export class RouterSlot {
  readonly worker: Worker;
  readonly webRtcServer: WebRtcServer;
  readonly router: Router;
  readonly payloadTypes: PayloadTypes;
  readonly #directTransport: DirectTransport;

  private constructor({ worker, webRtcServer, payloadTypes }: RouterSlotInit, router: Router, directTransport: DirectTransport) {
    this.worker = worker;
    this.webRtcServer = webRtcServer;
    this.payloadTypes = payloadTypes;
    this.router = router;
    this.#directTransport = directTransport;
  }

  /** @throws Error when the worker dies meanwhile */
  static async create(init: RouterSlotInit): Promise<RouterSlot> {
    const router = await init.worker.createRouter({ mediaCodecs: init.codecs });
    try {
      return new RouterSlot(init, router, await router.createDirectTransport());
    } catch (error) {
      router.close();
      throw error;
    }
  }

  /** Creates a data producer fed by this process, for the data channels of viewers on this router. */
  async produceData(label: string, protocol = ''): Promise<DataProducer> {
    return this.#directTransport.produceData({ label, protocol });
  }

  /** Idempotent. */
  close(): void {
    this.router.close();
  }
}
