import { NAL_AUD, NAL_FILLER, NAL_PPS, NAL_SEI, NAL_SPS, nalType } from '../annexb.ts';
import { evenPieces, MAX_PAYLOAD, type Payloader } from './payloader.ts';

const TYPE_STAP_A = 24;
const TYPE_FU_A = 28;

/** H.264 (RFC 6184, packetization-mode 1) of NAL units without start codes; delimiters and filler are left out. */
export class H264Payloader implements Payloader {
  payloads(nals: readonly Buffer[]): Buffer[] {
    return payloadsOf(nals.filter((nal) => nalType(nal) !== NAL_AUD && nalType(nal) !== NAL_FILLER));
  }
}

/** Parameter sets and SEI travel together (STAP-A), what fits travels alone, what does not is cut (FU-A). */
function payloadsOf(nals: readonly Buffer[]): Buffer[] {
  const payloads: Buffer[] = [];
  let small: Buffer[] = [];
  const flush = (): void => {
    if (small.length === 1) payloads.push(small[0]!);
    if (small.length > 1) payloads.push(aggregate(small));
    small = [];
  };
  for (const nal of nals) {
    const type = nalType(nal);
    const header = (type === NAL_SPS || type === NAL_PPS || type === NAL_SEI) && nal.length <= MAX_PAYLOAD;
    if (header && aggregateSize(small) + 2 + nal.length <= MAX_PAYLOAD) {
      small.push(nal);
      continue;
    }
    flush();
    if (nal.length <= MAX_PAYLOAD) payloads.push(nal);
    else payloads.push(...fragment(nal));
  }
  flush();
  return payloads;
}

function aggregateSize(nals: readonly Buffer[]): number {
  return nals.reduce((sum, nal) => sum + 2 + nal.length, 1);
}

/** RFC 6184 §5.7.1; the header takes the highest NRI of what it holds. */
function aggregate(nals: readonly Buffer[]): Buffer {
  const nri = Math.max(...nals.map((nal) => nal[0]! & 0x60));
  const parts: Buffer[] = [Buffer.from([nri | TYPE_STAP_A])];
  for (const nal of nals) {
    const size = Buffer.allocUnsafe(2);
    size.writeUInt16BE(nal.length);
    parts.push(size, nal);
  }
  return Buffer.concat(parts);
}

/** RFC 6184 §5.8 */
function fragment(nal: Buffer): Buffer[] {
  const indicator = (nal[0]! & 0xe0) | TYPE_FU_A;
  const pieces = evenPieces(nal.subarray(1), MAX_PAYLOAD - 2);
  return pieces.map((piece, i) => {
    const header = (i === 0 ? 0x80 : 0) | (i === pieces.length - 1 ? 0x40 : 0) | nalType(nal);
    return Buffer.concat([Buffer.from([indicator, header]), piece]);
  });
}
