/** Reads the bits of a NAL unit's payload (ITU-T H.264 §7.2), passing over emulation prevention bytes (§7.4.1). */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #zeros = 0;
  #byte = 0;
  #left = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** u(n). @param count 0…32 @throws RangeError behind the end */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.#bit();
    return value;
  }

  flag(): boolean {
    return this.#bit() === 1;
  }

  /** ue(v), Exp-Golomb (§9.1). @throws RangeError behind the end, or where the code is no number of 32 bits */
  unsigned(): number {
    let zeros = 0;
    while (this.#bit() === 0) if (++zeros > 31) throw new RangeError('An Exp-Golomb code is too long');
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v) (§9.1.1). @throws as {@link unsigned} */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }

  #bit(): number {
    if (this.#left === 0) this.#next();
    this.#left -= 1;
    return (this.#byte >> this.#left) & 1;
  }

  #next(): void {
    if (this.#zeros >= 2 && this.#bytes[this.#at] === 3) {
      this.#at += 1;
      this.#zeros = 0;
    }
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError('The NAL unit ends too early');
    this.#at += 1;
    this.#zeros = byte === 0 ? this.#zeros + 1 : 0;
    this.#byte = byte;
    this.#left = 8;
  }
}
