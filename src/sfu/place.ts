import type { DataProducer, DirectTransport, Router, RouterRtpCodecCapability, WebRtcServer, Worker } from 'mediasoup/types';
import type { PayloadTypes } from './codecs.ts';

/**
 * One router of one worker: where viewers of one set of payload types are. The base place lives as long as its worker; a place for
 * foreign payload types goes with its last user.
 */
export class Place {
  readonly worker: Worker;
  readonly webRtcServer: WebRtcServer;
  readonly router: Router;
  readonly payloadTypes: PayloadTypes;
  readonly #direct: DirectTransport;
  readonly #onUnused: (() => void) | undefined;
  #users = 0;

  private constructor(init: PlaceInit, router: Router, direct: DirectTransport) {
    this.worker = init.worker;
    this.webRtcServer = init.webRtcServer;
    this.payloadTypes = init.payloadTypes;
    this.router = router;
    this.#direct = direct;
    this.#onUnused = init.onUnused;
  }

  /** @throws Error when the worker dies meanwhile */
  static async create(init: PlaceInit): Promise<Place> {
    const router = await init.worker.createRouter({ mediaCodecs: init.codecs });
    try {
      return new Place(init, router, await router.createDirectTransport());
    } catch (error) {
      router.close();
      throw error;
    }
  }

  /** False as soon as the worker is gone or the last user left. */
  get usable(): boolean {
    return !this.router.closed;
  }

  /** Counts a user in; the answer counts it out, once. */
  hold(): () => void {
    this.#users++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.#users > 0 || this.#onUnused === undefined) return;
      this.#onUnused();
      this.router.close();
    };
  }

  /** A data producer whose messages come from this process; data channels of viewers here consume it. */
  async produceData(label: string): Promise<DataProducer> {
    return this.#direct.produceData({ label });
  }
}

interface PlaceInit {
  readonly worker: Worker;
  readonly webRtcServer: WebRtcServer;
  readonly payloadTypes: PayloadTypes;
  readonly codecs: RouterRtpCodecCapability[];
  /** Called once, when the last user left; left out, the place stays. */
  readonly onUnused?: () => void;
}
