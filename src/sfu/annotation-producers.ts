import type { DataProducer } from 'mediasoup/types';
import type { AnnotationMessage } from '../pipeline/annotation.ts';
import { AnnotationPacker } from './packed-annotations.ts';
import { PACKED_PROTOCOL } from './packed-protocol.ts';
import type { RouterSlot } from './router-slot.ts';
import { RefCounted, type Ref } from './ref-counted.ts';

/** The label of the data channel with annotation messages. */
const LABEL = 'annotations';

/** Where the data channels of one stream's viewers get their annotations from: one producer a place and form, for as long as it is shared. */
export class AnnotationProducers {
  readonly #plain = annotationProducers();
  readonly #packed = annotationProducers(PACKED_PROTOCOL);
  readonly #packer = new AnnotationPacker();

  /**
   * What data channels in a place consume.
   * @param packed as {@link AnnotationPacker} makes them, rather than as JSON
   */
  at(slot: RouterSlot, packed: boolean): Promise<Ref<DataProducer>> {
    return (packed ? this.#packed : this.#plain).acquire(slot);
  }

  /** Tells every viewer's data channel; who can't keep up misses messages. */
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
