import type { Consumer, Producer } from 'mediasoup/types';
import { LOOPBACK, RECEIVE_BUFFER } from './loopback.ts';
import type { RouterSlot } from './router-slot.ts';
import { RefCounted, type Ref } from './ref-counted.ts';

interface Relay {
  readonly out: Consumer;
  readonly producer: Producer;
}

/** One producer at all the places where it is consumed. */
export class Fanout {
  readonly #slot: RouterSlot;
  readonly #producer: Producer;
  readonly #relays = new RefCounted<RouterSlot, Relay>(
    (elsewhere) => this.#relayTo(elsewhere),
    ({ out }) => out.close(),
  );

  constructor(slot: RouterSlot, producer: Producer) {
    this.#slot = slot;
    this.#producer = producer;
  }

  /**
   * The producer itself at its own place; elsewhere one at the end of a pipe that its users share.
   * @throws Error when a worker dies meanwhile
   */
  async at(slot: RouterSlot): Promise<Ref<Producer>> {
    if (slot === this.#slot) return { value: this.#producer, release: () => undefined };
    const { value, release } = await this.#relays.acquire(slot);
    return { value: value.producer, release };
  }

  /** Payload types are translated on the way; packets that the pipe loses are sent again. */
  async #relayTo({ router }: RouterSlot): Promise<Relay> {
    const { pipeConsumer, pipeProducer } = await this.#slot.router.pipeToRouter({
      producerId: this.#producer.id,
      router,
      // Two routers of one worker can't have producers of one id.
      keepId: false,
      enableRtx: true,
      enableSctp: false,
      listenInfo: { protocol: 'udp', ip: LOOPBACK, recvBufferSize: RECEIVE_BUFFER },
    });
    return { out: pipeConsumer!, producer: pipeProducer! };
  }
}
