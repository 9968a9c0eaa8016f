import { randomFillSync } from 'node:crypto';
import { RtmpError } from './rtmp-error.ts';

const VERSION = 3;
/** Bytes of C1, C2, S1 and S2. */
const BLOCK = 1536;

/**
 * The server’s side of the plain handshake (Adobe, “RTMP Specification 1.0” §5.2). Encoders that prefer the signed one fall back to it.
 */
export class Handshake {
  readonly #send: (data: Buffer) => void;
  #received = Buffer.alloc(0);
  #answered = false;

  constructor(send: (data: Buffer) => void) {
    this.#send = send;
  }

  /**
   * @returns undefined until it is complete; then the bytes after it
   * @throws RtmpError at the first byte of another protocol
   */
  push(data: Buffer): Buffer | undefined {
    this.#received = Buffer.concat([this.#received, data]);
    if (this.#received.length > 0 && this.#received[0] !== VERSION) throw new RtmpError('This is not RTMP.');
    if (this.#received.length < 1 + BLOCK) return undefined;
    if (!this.#answered) this.#answer(this.#received.subarray(1, 1 + BLOCK));
    return this.#received.length < 1 + 2 * BLOCK ? undefined : this.#received.subarray(1 + 2 * BLOCK);
  }

  #answer(asked: Buffer): void {
    this.#answered = true;
    const own = Buffer.alloc(BLOCK);
    randomFillSync(own, 8);
    this.#send(Buffer.concat([Buffer.from([VERSION]), own, asked]));
  }
}
