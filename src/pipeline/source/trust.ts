import { z } from 'zod';

/** Whose certificates are trusted of sources that are read by TLS. */
export const SourceTrust = z.strictObject({
  /** Left off, any certificate will do: what is read is encrypted, but may come from anybody. */
  verify: z.boolean(),
  /** PEM file of the authorities that are trusted, and no others; left out, those that the program knows. */
  caFile: z.string().optional(),
});
export type SourceTrust = z.infer<typeof SourceTrust>;

export const TRUST_ANY: SourceTrust = { verify: false };
