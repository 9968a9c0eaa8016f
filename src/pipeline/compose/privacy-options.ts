import { z } from 'zod';

/** What is made unrecognisable in every variant, before anything is encoded. */
export const PrivacyOptions = z.strictObject({
  /** Labels whose boxes are hidden; none hides nothing. */
  classes: z.array(z.string().min(1).max(100)).max(100).default([]),
  style: z.enum(['pixelate', 'blur']).default('pixelate'),
  /** By how much of its size a box is widened on each side. */
  margin: z.number().min(0).max(1).default(0.1),
  /** How long a box that is no longer found stays hidden, and how old the newest result may be; after that, the whole picture is hidden. In ms. */
  holdMs: z.number().min(0).max(10_000).default(600),
});
export type PrivacyOptions = z.infer<typeof PrivacyOptions>;
