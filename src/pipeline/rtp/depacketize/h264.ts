import type { CodedFrame, Depacketizer } from './depacketizer.ts';

const START_CODE = Buffer.from([0, 0, 0, 1]);
const IDR = 5;
const STAP_A = 24;
const FU_A = 28;

/** H.264 in packetization-modes 0 and 1 (RFC 6184): gives access units with start codes (H.264 annex B). */
export class H264Depacketizer implements Depacketizer {
  #parts: Buffer[] = [];
  /** Inside a fragmented unit. */
  #fragment = false;
  #key = false;
  #broken = false;

  push(payload: Buffer): void {
    const type = (payload[0] ?? 0) & 0x1f;
    if (type === FU_A) this.#fragmented(payload);
    else if (this.#fragment) this.#broken = true;
    else if (type === STAP_A) this.#aggregated(payload);
    else if (type >= 1 && type < STAP_A) this.#unit(payload);
    else this.#broken = true;
  }

  take(): CodedFrame | undefined {
    const whole = !this.#broken && !this.#fragment && this.#parts.length > 0;
    const frame = whole ? { data: Buffer.concat(this.#parts), key: this.#key } : undefined;
    this.#parts = [];
    this.#fragment = false;
    this.#key = false;
    this.#broken = false;
    return frame;
  }

  #unit(nal: Buffer): void {
    if ((nal[0]! & 0x1f) === IDR) this.#key = true;
    this.#parts.push(START_CODE, nal);
  }

  /** §5.7.1 */
  #aggregated(payload: Buffer): void {
    for (let at = 1; at < payload.length; ) {
      const length = at + 2 <= payload.length ? payload.readUInt16BE(at) : 0;
      at += 2;
      if (length === 0 || at + length > payload.length) {
        this.#broken = true;
        return;
      }
      this.#unit(payload.subarray(at, at + length));
      at += length;
    }
  }

  /** §5.8 */
  #fragmented(payload: Buffer): void {
    const header = payload[1];
    const starts = header !== undefined && (header & 0x80) !== 0;
    if (header === undefined || payload.length < 3 || starts === this.#fragment) {
      this.#broken = true;
      return;
    }
    if (starts) {
      this.#unit(Buffer.from([(payload[0]! & 0xe0) | (header & 0x1f)]));
      this.#fragment = true;
    }
    this.#parts.push(payload.subarray(2));
    if ((header & 0x40) !== 0) this.#fragment = false;
  }
}
