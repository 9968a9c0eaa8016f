/** What a stream's identifier looks like. */
export const STREAM_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** One that nobody else is likely to have. */
export function randomStreamId(prefix: string): string {
  const random = crypto.getRandomValues(new Uint32Array(1))[0]!;
  return `${prefix}-${random.toString(36).padStart(4, '0').slice(-4)}`;
}
