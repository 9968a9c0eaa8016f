/** What a peer sent breaks the protocol or its limits; the connection ends. Holds nothing of what was sent. */
export class RtmpError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RtmpError';
  }
}
