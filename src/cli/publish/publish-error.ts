/** Publishing can't go on, in a sentence that says why; trying again makes no sense unless `passing`. */
export class PublishError extends Error {
  override readonly name = 'PublishError';
  /** Trying again may mend it. */
  readonly passing: boolean;
  /** Milliseconds after which the server wants to be asked again, where it says. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { passing = false, retryAfterMs, ...options }: ErrorOptions & { passing?: boolean; retryAfterMs?: number | undefined } = {}) {
    super(message, options);
    this.passing = passing;
    this.retryAfterMs = retryAfterMs;
  }
}
