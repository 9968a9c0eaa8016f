import type { AnnotationMessage, Detection } from '../../../../src/pipeline/annotation.ts';

/** Ticks of a frame at 30 frames a second. */
export const FRAME = 3000;

/** A message about a frame, 30 of them a second. @param rtp of frame 0 */
export function messageOf(seq: number, detections: readonly Partial<Detection>[] = [], { rtp = 0, age = 0, slate = false } = {}): AnnotationMessage {
  return {
    stream: 'gate',
    seq,
    rtp: (rtp + seq * FRAME) >>> 0,
    capturedAt: 1_000_000 + seq * (FRAME / 90),
    width: 1280,
    height: 720,
    detections: detections.map((one) => ({ detector: 'd', label: 'car', score: 0.9, box: [0.1, 0.1, 0.2, 0.2], ...one })),
    detectors: { d: { age } },
    ...(slate ? { slate } : {}),
  };
}
