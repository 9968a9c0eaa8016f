import type { AnnotationMessage, Box, Detection } from '../annotation.ts';
import { ageOf, withAttributes } from '../detections.ts';
import type { Picture } from '../picture.ts';
import { drawMosaic } from './mosaic.ts';
import type { PrivacyOptions } from './privacy-options.ts';
import { rectOf } from './rect.ts';

/** How much further a box is widened for each frame that has passed since it was computed. */
const MARGIN_A_FRAME = 0.01;

interface Hidden {
  readonly box: Box;
  /** `capturedAt` of the last frame that had it. */
  readonly at: number;
}

/**
 * Hides what must not be seen. It fails safe: while nobody has looked for it, because its detector is loading, slow, gone or not among
 * those of the stream, the whole picture is hidden.
 */
export class PrivacyMask {
  #options: PrivacyOptions;
  /** What was hidden lately, by its track, or by its place where it has none. */
  readonly #lately = new Map<string, Hidden>();
  /** `capturedAt` of the last frames, by their numbers: no older than results may be. */
  readonly #times = new Map<number, number>();

  constructor(options: PrivacyOptions) {
    this.#options = options;
  }

  /** Labels of what is to be hidden. */
  get classes(): readonly string[] {
    return this.#options.classes;
  }

  configure(options: PrivacyOptions): void {
    this.#options = options;
  }

  /**
   * @param message what is known about the picture
   * @param watchers names of the detectors that can see what is to be hidden
   */
  apply(picture: Picture, message: AnnotationMessage, watchers: readonly string[]): void {
    const { classes, style } = this.#options;
    if (classes.length === 0) return;
    if (!this.#lookedFor(message, watchers)) {
      drawMosaic(picture, { left: 0, top: 0, right: picture.width, bottom: picture.height }, style);
      return;
    }
    for (const box of this.#boxes(message)) {
      const area = rectOf(box, picture);
      if (area !== undefined) drawMosaic(picture, area, style);
    }
  }

  /** Whether all that can see it have looked not long ago. */
  #lookedFor({ seq, detectors, capturedAt }: AnnotationMessage, watchers: readonly string[]): boolean {
    this.#times.set(seq, capturedAt);
    for (const [old, at] of this.#times) {
      if (capturedAt - at <= this.#options.holdMs) break;
      this.#times.delete(old);
    }
    return (
      watchers.length > 0 &&
      watchers.every((name) => {
        const age = detectors[name]?.age;
        return age !== undefined && this.#times.has((seq - age) >>> 0);
      })
    );
  }

  #boxes(message: AnnotationMessage): Box[] {
    const { classes, margin, holdMs } = this.#options;
    for (const detection of withAttributes(message.detections)) {
      if (!classes.includes(detection.label)) continue;
      const age = ageOf(detection, message);
      this.#lately.set(keyOf(detection), { box: widened(detection.box, margin + age * MARGIN_A_FRAME), at: message.capturedAt });
    }
    for (const [key, { at }] of this.#lately) {
      if (message.capturedAt - at > holdMs || at > message.capturedAt) this.#lately.delete(key);
    }
    return [...this.#lately.values()].map(({ box }) => box);
  }
}

/** A thing without a track is told from others by where it is, to a tenth of the picture. */
function keyOf({ detector, track, box }: Detection): string {
  return track === undefined ? `${detector} ${box.map((value) => Math.round(value * 10)).join()}` : `${detector} #${track}`;
}

function widened([x, y, width, height]: Box, by: number): Box {
  return [x - width * by, y - height * by, width * (1 + 2 * by), height * (1 + 2 * by)];
}
