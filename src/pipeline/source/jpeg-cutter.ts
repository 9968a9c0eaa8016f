/** Longest picture that is taken, in bytes. */
const MAX_PART = 64 << 20;
const START = Buffer.from([0xff, 0xd8]);
const END = Buffer.from([0xff, 0xd9]);
const HEAD_END = /\r?\n\r?\n/;
/** Bytes in front of a picture that are searched for its headers. */
const HEAD_BYTES = 1024;

/**
 * Cuts a `multipart/x-mixed-replace` body into its JPEG pictures. Cameras write boundaries with and without leading dashes, headers in any
 * form, lengths that are wrong: none of that is believed where a picture itself tells better. A length is used where a picture ends there,
 * so that a picture is complete with its last byte and not with the next boundary.
 */
export class JpegCutter {
  #held: Buffer = Buffer.alloc(0);

  /** @returns the pictures that are complete with these bytes */
  push(chunk: Buffer): Buffer[] {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const pictures: Buffer[] = [];
    for (let picture = this.#next(); picture !== undefined; picture = this.#next()) pictures.push(picture);
    if (this.#held.length > MAX_PART) this.#held = Buffer.alloc(0);
    return pictures;
  }

  #next(): Buffer | undefined {
    const start = this.#held.indexOf(START);
    if (start < 0) {
      if (this.#held.length > HEAD_BYTES) this.#held = this.#held.subarray(-HEAD_BYTES);
      return undefined;
    }
    const end = this.#byLength(start) ?? endOfJpeg(this.#held, start);
    if (end === undefined) return undefined;
    const picture = this.#held.subarray(start, end);
    this.#held = this.#held.subarray(end);
    return picture;
  }

  #byLength(start: number): number | undefined {
    const head = this.#held.toString('latin1', Math.max(0, start - HEAD_BYTES), start);
    if (!HEAD_END.test(head)) return undefined;
    const length = Number(/content-length\s*:\s*(\d+)/i.exec(head)?.[1]);
    if (!(length > 0) || this.#held.length < start + length) return undefined;
    return this.#held.subarray(start + length - 2, start + length).equals(END) ? start + length : undefined;
  }
}

/**
 * Where a JPEG ends, by its segments: a picture may hold another one, as a preview, whose end is not its own (ITU-T T.81 §B.1).
 * @returns the offset behind its end; undefined where it is not complete
 */
function endOfJpeg(data: Buffer, start: number): number | undefined {
  let at = start + 2;
  while (at + 4 <= data.length) {
    if (data[at] !== 0xff) return after(data, at);
    const marker = data[at + 1]!;
    if (marker === 0xd9) return at + 2;
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else if (marker === 0xda) return endOfScan(data, at + 2 + data.readUInt16BE(at + 2), start);
    else at += 2 + data.readUInt16BE(at + 2);
  }
  return undefined;
}

/** Entropy-coded data holds no marker but restarts; between scans of a progressive picture stand further segments. */
function endOfScan(data: Buffer, from: number, start: number): number | undefined {
  let at = from;
  for (;;) {
    at = data.indexOf(0xff, at);
    if (at < 0 || at + 1 >= data.length) return undefined;
    const marker = data[at + 1]!;
    if (marker === 0xd9) return at + 2;
    if (marker === 0x00 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd7)) at += marker === 0xff ? 1 : 2;
    else if (at + 4 > data.length) return undefined;
    else if (marker === 0xd8) return at > start ? at : undefined;
    else at += 2 + data.readUInt16BE(at + 2);
  }
}

function after(data: Buffer, at: number): number | undefined {
  const end = data.indexOf(END, at);
  return end < 0 ? undefined : end + 2;
}
