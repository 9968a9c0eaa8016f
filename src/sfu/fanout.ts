import type { Consumer, Producer } from 'mediasoup/types';
import { LOOPBACK, RECEIVE_BUFFER } from './loopback.ts';
import type { RouterSlot } from './router-slot.ts';
import { RefCounted, type Ref } from './ref-counted.ts';

interface Relay {
  readonly out: Consumer;
  readonly producer: Producer;
}

/** One producer on every router where it is consumed. */
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
   * The producer itself on its own router; on another router, a producer at the end of a pipe that its users share.
   * @throws Error when a worker dies meanwhile
   */
  async at(slot: RouterSlot): Promise<Ref<Producer>> {
    if (slot === this.#slot) return { value: this.#producer, release: () => undefined };
    const { value, release } = await this.#relays.acquire(slot);
    return { value: value.producer, release };
  }

  /** The pipe translates payload types and retransmits lost packets. */
  async #relayTo({ router }: RouterSlot): Promise<Relay> {
    const { pipeConsumer, pipeProducer } = await this.#slot.router.pipeToRouter({
      producerId: this.#producer.id,
      router,
      // Routers of one worker can't have producers with the same id.
      keepId: false,
      enableRtx: true,
      enableSctp: false,
      listenInfo: { protocol: 'udp', ip: LOOPBACK, recvBufferSize: RECEIVE_BUFFER },
    });
    return { out: pipeConsumer!, producer: pipeProducer! };
  }
}
