import { z } from 'zod';

/** The id of a stream, as addresses and configuration write it. */
export const StreamId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'Must be 1 to 63 of a–z, 0–9 and “-”, not starting with “-”.');
