import type { AnnotationMessage } from '../../src/pipeline/annotation.ts';
import { TIMECODE_SQUARE } from '../../src/demo/timecode.ts';

/** The number that the boxes of the example detectors spell: they stand around the white squares of the frame's time code. */
export function numberInBoxes({ detections, width }: AnnotationMessage, detector: string): number {
  const bits = detections.filter((one) => one.detector === detector).map(({ box }) => Math.round((box[0] * width) / TIMECODE_SQUARE));
  return bits.reduce((sum, bit) => sum + 2 ** bit, 0);
}
