import { evenPieces, MAX_PAYLOAD, type Payloader } from './payloader.ts';
import { PictureId } from './picture-id.ts';

/** Bytes of a payload descriptor: flags, the extension's flags, a picture id of 15 bits. */
const DESCRIPTOR = 4;
const X = 0x80;
const S = 0x10;
const I = 0x80;

/**
 * VP8 (RFC 7741): a frame is cut where that fits, not between its partitions, as libwebrtc does. Picture ids count the frames, so that a
 * receiver knows whether it has all of them.
 */
export class Vp8Payloader implements Payloader {
  readonly #picture = new PictureId();

  payloads(parts: readonly Buffer[]): Buffer[] {
    const id = this.#picture.next();
    return evenPieces(Buffer.concat(parts), MAX_PAYLOAD - DESCRIPTOR).map((piece, i) => {
      const payload = Buffer.allocUnsafe(DESCRIPTOR + piece.length);
      payload[0] = X | (i === 0 ? S : 0);
      payload[1] = I;
      payload.writeUInt16BE(id, 2);
      piece.copy(payload, DESCRIPTOR);
      return payload;
    });
  }
}
