/** What a peer sent breaks the protocol or its limits; the connection ends. Holds nothing of what was sent. */
export class RtmpError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RtmpError';
  }
}

/** Somebody may not publish; the sentence is for them, and holds no secret. */
export class RtmpRefusal extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RtmpRefusal';
  }
}
