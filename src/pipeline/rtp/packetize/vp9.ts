import { readVp9Header, vp9Frames } from '../depacketize/vp9-frames.ts';
import { evenPieces, MAX_PAYLOAD, type Payloader } from './payloader.ts';
import { PictureId } from './picture-id.ts';

/** Bits of a payload descriptor's first byte. */
const I = 0x80;
const P = 0x40;
const L = 0x20;
const B = 0x08;
const E = 0x04;
const V = 0x02;
/** Bits of a scalability structure's first byte. */
const Y = 0x10;
const G = 0x08;
/** Flags, a picture id of 15 bits, the layers, TL0PICIDX. */
const DESCRIPTOR = 5;
const STRUCTURE = 8;

/**
 * VP9 (RFC 9628) in non-flexible mode, of one layer. A superframe is sent as the one frame that it shows. Each frame is the base of its own
 * temporal unit, so that TL0PICIDX counts them; without it, and without a scalability structure on key frames, libwebrtc takes none.
 */
export class Vp9Payloader implements Payloader {
  readonly #picture = new PictureId();
  #base = 0;

  payloads(parts: readonly Buffer[], key: boolean): Buffer[] {
    const frame = Buffer.concat(parts);
    const id = this.#picture.next();
    this.#base = (this.#base + 1) & 0xff;
    const structure = key ? structureOf(frame) : Buffer.alloc(0);
    const pieces = evenPieces(frame, MAX_PAYLOAD - DESCRIPTOR - structure.length);
    return pieces.map((piece, i) => {
      const descriptor = Buffer.alloc(DESCRIPTOR);
      descriptor[0] = I | L | (key ? 0 : P) | (i === 0 ? B : 0) | (i === pieces.length - 1 ? E : 0);
      descriptor.writeUInt16BE(id, 1);
      descriptor[4] = this.#base;
      if (i !== 0 || !key) return Buffer.concat([descriptor, piece]);
      descriptor[0] |= V;
      return Buffer.concat([descriptor, structure, piece]);
    });
  }
}

/** §4.2.1: one spatial layer, of this size; groups of one picture, of the base layer, which refers to the one before it. */
function structureOf(frame: Buffer): Buffer {
  const { width = 0, height = 0 } = readVp9Header(vp9Frames(frame)[0]!) ?? {};
  const structure = Buffer.alloc(STRUCTURE);
  structure[0] = Y | G;
  structure.writeUInt16BE(width & 0xffff, 1);
  structure.writeUInt16BE(height & 0xffff, 3);
  structure[5] = 1;
  structure[6] = 1 << 2;
  structure[7] = 1;
  return structure;
}
