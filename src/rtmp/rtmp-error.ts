/** A peer violated the protocol or its limits, and the connection ends. Contains nothing that the peer sent. */
export class RtmpError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RtmpError';
  }
}
