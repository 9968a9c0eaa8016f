import { z } from 'zod';
import { RenditionSpec } from '../media/info.ts';
import { RtpTarget } from '../rtp/target.ts';

/** Where an output goes. */
export const SinkSpec = z.discriminatedUnion('type', [z.strictObject({ type: z.literal('rtp'), target: RtpTarget })]);
export type SinkSpec = Readonly<z.infer<typeof SinkSpec>>;

/** What a stream process is to make, and where that goes: the pictures of a rendition, or the sound. */
export const Output = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('video'), rendition: RenditionSpec, sink: SinkSpec }),
  z.strictObject({ of: z.literal('audio'), sink: SinkSpec }),
]);
export type Output = Readonly<z.infer<typeof Output>>;

/** Everything that is wanted of one stream's process, whichever process that is at the moment. */
export interface OutputLeases {
  /** Has an output made. @returns ends the lease; idempotent */
  lease(output: Output): () => void;
  /** Has annotation messages told. @returns ends the lease; idempotent */
  leaseAnnotations(): () => void;
}
