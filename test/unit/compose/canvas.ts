import type { AnnotationMessage, Box } from '../../../src/pipeline/annotation.ts';
import type { Picture } from '../../../src/pipeline/picture.ts';
import { makePicture } from '../../support/pictures.ts';

const GUARD = 0xa5;
const GUARD_BYTES = 4096;
const CHROMA = 128;

/** What each pixel of a picture was before something was drawn on it. */
export const BACKGROUNDS: readonly [string, (x: number, y: number) => number][] = [
  ['grey', () => 100],
  ['black', () => 16],
  ['white', () => 235],
  ['noise', (x, y) => (Math.imul(x * 7919 + y * 104_729 + 1, 2_654_435_761) >>> 24) & 0xff],
];

/** A picture with guards before and behind its planes and padding beside each row. */
export class Canvas implements Disposable {
  readonly picture: Picture;
  readonly #luma: (x: number, y: number) => number;
  readonly #memory: Buffer[];
  readonly #release: () => void;

  constructor(width: number, height: number, luma: (x: number, y: number) => number = () => 100, range: Picture['range'] = 'limited') {
    const plain = makePicture(width, height, 0, range);
    const sizes = [[width, height], [(width + 1) >> 1, (height + 1) >> 1], [(width + 1) >> 1, (height + 1) >> 1]] as const;
    const strides = sizes.map(([w], i) => w + 5 + i) as [number, number, number];
    this.#luma = luma;
    this.#memory = sizes.map(([, h], i) => Buffer.alloc(2 * GUARD_BYTES + strides[i]! * h, GUARD));
    // A plane's memory goes on behind its last row, as libav's does, so that writing there is possible.
    const planes = this.#memory.map((bytes) => bytes.subarray(GUARD_BYTES)) as [Buffer, Buffer, Buffer];
    planes.forEach((plane, i) => {
      const [w, h] = sizes[i]!;
      for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) plane[y * strides[i]! + x] = i === 0 ? luma(x, y) : CHROMA;
    });
    this.#release = () => plain.release();
    this.picture = { width, height, range, writable: true, planes, strides, frame: plain.frame, release: this.#release };
  }

  /** One number of the picture. */
  at(plane: 0 | 1 | 2, x: number, y: number): number {
    return this.picture.planes[plane][y * this.picture.strides[plane] + x]!;
  }

  /** The pixels that are no longer what they were, by luma or by the chroma sample that covers them. */
  changed(): { luma: [number, number][]; chroma: [number, number][] } {
    const { width, height } = this.picture;
    const luma: [number, number][] = [];
    const chroma: [number, number][] = [];
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (this.at(0, x, y) !== this.#luma(x, y)) luma.push([x, y]);
    for (let y = 0; y < (height + 1) >> 1; y++) {
      for (let x = 0; x < (width + 1) >> 1; x++) if (this.at(1, x, y) !== CHROMA || this.at(2, x, y) !== CHROMA) chroma.push([x, y]);
    }
    return { luma, chroma };
  }

  /** Whether every byte that is no pixel is what it was. */
  get guarded(): boolean {
    return this.#memory.every((bytes, i) => {
      const stride = this.picture.strides[i]!;
      const width = i === 0 ? this.picture.width : (this.picture.width + 1) >> 1;
      return bytes.every((byte, at) => {
        const inside = at >= GUARD_BYTES && at < bytes.length - GUARD_BYTES && (at - GUARD_BYTES) % stride < width;
        return inside || byte === GUARD;
      });
    });
  }

  /** All planes without padding, each below the last, chroma planes side by side where the luma's width is even. */
  pixels(): Buffer {
    const { width, height, planes, strides } = this.picture;
    return Buffer.concat(
      planes.flatMap((plane, i) => {
        const [w, h] = i === 0 ? [width, height] : [(width + 1) >> 1, (height + 1) >> 1];
        return Array.from({ length: h }, (_, y) => plane.subarray(y * strides[i]!, y * strides[i]! + w));
      }),
    );
  }

  [Symbol.dispose](): void {
    this.#release();
  }
}

/** A message with boxes that one detector saw. */
export function message(boxes: readonly Box[], { age = 0, label = 'car', score = 0.87 } = {}): AnnotationMessage {
  const detections = boxes.map((box, i) => ({ detector: 'd', label, score, box, track: i + 1 }));
  return { stream: 's', seq: 0, rtp: 0, capturedAt: 0, width: 1, height: 1, detections, detectors: { d: { age } } };
}
