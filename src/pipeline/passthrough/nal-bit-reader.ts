import { BitReader } from '../rtp/bit-reader.ts';

/** Reads the bits of a NAL unit's payload (ITU-T H.264 §7.2), passing over emulation prevention bytes (§7.4.1). */
export class NalBitReader extends BitReader {
  #zeros = 0;

  /** ue(v), Exp-Golomb (§9.1). @throws RangeError behind the end, or where the code is no number of 32 bits */
  unsigned(): number {
    let zeros = 0;
    while (!this.flag()) if (++zeros > 31) throw new RangeError('An Exp-Golomb code is too long');
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v) (§9.1.1). @throws as {@link unsigned} */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }

  protected override nextByte(): number {
    if (this.#zeros >= 2 && this.bytes[this.at] === 3) {
      this.at += 1;
      this.#zeros = 0;
    }
    const byte = super.nextByte();
    this.#zeros = byte === 0 ? this.#zeros + 1 : 0;
    return byte;
  }
}
