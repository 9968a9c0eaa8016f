import { z } from 'zod';
import { HttpChoice } from './wire.ts';

/** Where an external detector is: it comes to us, or is asked by HTTP. */
export const Endpoint = z.discriminatedUnion('kind', [
  /** Workers connect to `/detectors/NAME`. */
  z.strictObject({ kind: z.literal('worker') }),
  z.strictObject({
    kind: z.literal('http'),
    /** Credentials included; never logged as it is. */
    url: z.string(),
    choice: HttpChoice,
  }),
]);
export type Endpoint = z.infer<typeof Endpoint>;
