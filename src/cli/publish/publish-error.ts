/** Why publishing can't continue, as a message for people. Retrying makes no sense unless `passing`. */
export class PublishError extends Error {
  override readonly name = 'PublishError';
  /** A retry may succeed. */
  readonly passing: boolean;
  /** Milliseconds after which to retry, if the server says. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { passing = false, retryAfterMs, ...options }: ErrorOptions & { passing?: boolean; retryAfterMs?: number | undefined } = {}) {
    super(message, options);
    this.passing = passing;
    this.retryAfterMs = retryAfterMs;
  }
}
