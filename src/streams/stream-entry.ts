import type { StreamDefinition } from '../config/stream-definition.ts';
import type { Entry, Origin } from '../store/definitions.ts';

/** A stream's definition and its origin: stored, or created for a publisher and removed with it. */
export interface StreamEntry extends Omit<Entry<StreamDefinition>, 'origin'> {
  readonly origin: Origin | 'publisher';
}
