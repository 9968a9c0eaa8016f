/** NAL unit types that matter here (ITU-T H.264 table 7-1). */
export const NAL_IDR = 5;
export const NAL_SEI = 6;
export const NAL_SPS = 7;
export const NAL_PPS = 8;
export const NAL_AUD = 9;
export const NAL_FILLER = 12;

/** The type of a NAL unit that has at least its header byte. */
export function nalType(nal: Uint8Array): number {
  return nal[0]! & 0x1f;
}

/**
 * Splits a byte stream (H.264 annex B) at its start codes, of three or four bytes.
 * @returns views of the NAL units, without start codes and without the zero bytes that may trail them; empty units are left out
 */
export function splitAnnexB(stream: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  let start = -1;
  for (let at = stream.indexOf(START_CODE); at >= 0; at = stream.indexOf(START_CODE, at + 3)) {
    if (start >= 0) pushTrimmed(nals, stream.subarray(start, at));
    start = at + 3;
  }
  if (start >= 0) pushTrimmed(nals, stream.subarray(start));
  return nals;
}

const START_CODE = Buffer.from([0, 0, 1]);

function pushTrimmed(nals: Buffer[], nal: Buffer): void {
  let end = nal.length;
  while (end > 0 && nal[end - 1] === 0) end -= 1;
  if (end > 0) nals.push(nal.subarray(0, end));
}
