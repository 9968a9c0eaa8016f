import type { StreamDefinition } from '../config/stream-definition.ts';
import type { Entry, Origin } from '../store/definitions.ts';

/** A stream's definition and where it comes from: kept by the store, or made for a publisher and gone with them. */
export interface StreamEntry extends Omit<Entry<StreamDefinition>, 'origin'> {
  readonly origin: Origin | 'publisher';
}
