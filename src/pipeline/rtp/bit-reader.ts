/** Reads bits, most significant first. */
export class BitReader {
  protected readonly bytes: Uint8Array;
  protected at = 0;
  #byte = 0;
  #left = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** An unsigned number. @param count of bits, 0…32 @throws RangeError behind the end */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.#bit();
    return value;
  }

  /** @throws RangeError behind the end */
  flag(): boolean {
    return this.#bit() === 1;
  }

  /** The byte that is read next, which is passed. @throws RangeError behind the end */
  protected nextByte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new RangeError('The data ends too early');
    this.at += 1;
    return byte;
  }

  #bit(): number {
    if (this.#left === 0) {
      this.#byte = this.nextByte();
      this.#left = 8;
    }
    this.#left -= 1;
    return (this.#byte >> this.#left) & 1;
  }
}
