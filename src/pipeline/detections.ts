import type { AnnotationMessage, Detection } from './annotation.ts';

/** Frames since the oldest result that a detection was made from: 0 is the message's own frame. */
export function ageOf({ detector, mergedFrom = [] }: Pick<Detection, 'detector' | 'mergedFrom'>, { detectors }: Pick<AnnotationMessage, 'detectors'>): number {
  return [detector, ...mergedFrom].reduce((oldest, name) => Math.max(oldest, detectors[name]?.age ?? 0), 0);
}

/** Detections, each followed by what was seen of it. */
export function withAttributes(detections: readonly Detection[]): Detection[] {
  return detections.flatMap((detection) => [detection, ...(detection.attributes ?? [])]);
}
