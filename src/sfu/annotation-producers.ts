import type { DataProducer } from 'mediasoup/types';
import type { AnnotationMessage } from '../pipeline/annotation.ts';
import { AnnotationPacker } from './packed-annotations.ts';
import { PACKED_PROTOCOL } from './packed-protocol.ts';
import type { RouterSlot } from './router-slot.ts';
import { RefCounted, type Ref } from './ref-counted.ts';

/** The label of the data channel with annotation messages. */
const LABEL = 'annotations';

/** Reference-counted data producers of one stream's annotations, one per router and encoding. */
export class AnnotationProducers {
  readonly #plain = annotationProducers();
  readonly #packed = annotationProducers(PACKED_PROTOCOL);
  readonly #packer = new AnnotationPacker();

  /**
   * The data producer for viewers on a router; created for the first of them.
   * @param packed encoded by {@link AnnotationPacker} instead of as JSON
   */
  at(slot: RouterSlot, packed: boolean): Promise<Ref<DataProducer>> {
    return (packed ? this.#packed : this.#plain).acquire(slot);
  }

  /** Sends a message to every viewer's data channel. A viewer that can't keep up misses messages. */
  announce(message: AnnotationMessage): void {
    let text: string | undefined;
    for (const producer of this.#plain.values()) {
      if (!producer.closed) producer.send((text ??= JSON.stringify(message)));
    }
    let packed: Buffer | undefined;
    for (const producer of this.#packed.values()) {
      if (!producer.closed) producer.send((packed ??= this.#packer.pack(message)));
    }
  }
}

function annotationProducers(protocol?: string): RefCounted<RouterSlot, DataProducer> {
  return new RefCounted(
    (slot) => slot.produceData(LABEL, protocol),
    (producer) => producer.close(),
  );
}
