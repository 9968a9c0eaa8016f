import type { Box } from '../annotation.ts';
import type { OutputTensor, RawBox } from './families/decoder.ts';
import { DECODERS } from './families/table.ts';
import type { ModelManifest } from './manifest.ts';
import type { PixelRect } from './protocol.ts';
import { suppress } from './suppress.ts';

/** A detection before its detector is known: `box` as fractions of the picture that the model saw. */
export interface SeenObject {
  readonly label: string;
  readonly score: number;
  readonly box: Box;
}

/** What is asked of one frame. */
export interface Question {
  /** Where the picture lies in the model's input, in pixels. */
  readonly content: PixelRect;
  /** Least score; the manifest's where absent. */
  readonly threshold?: number | undefined;
  /** Labels that are wanted; all where absent. */
  readonly classes?: readonly string[] | undefined;
}

/** Detections of one frame at most; there are models with thousands of boxes and thresholds of zero. */
export const MAX_DETECTIONS = 300;

/**
 * From a model's outputs for one frame to what it saw, the highest score first.
 *
 * @throws DetectError `model-mismatch` where the outputs are not those of the family
 */
export function readOutputs(outputs: readonly OutputTensor[], manifest: ModelManifest, question: Question): SeenObject[] {
  const { content, threshold = manifest.threshold, classes } = question;
  const wanted = classes === undefined ? undefined : new Set(classes);
  const boxes = DECODERS[manifest.family](outputs, manifest, threshold).filter((box) => {
    const label = manifest.labels[box.label];
    return label !== undefined && (wanted === undefined || wanted.has(label)) && Number.isFinite(box.x1 + box.y1 + box.x2 + box.y2);
  });
  const seen: SeenObject[] = [];
  for (const raw of suppress(boxes, manifest.nms, MAX_DETECTIONS)) {
    const box = placed(raw, content);
    if (box !== undefined) seen.push({ label: manifest.labels[raw.label]!, score: Math.min(1, raw.score), box });
  }
  return seen;
}

/** As fractions of the picture, clipped to it; undefined where nothing is left. */
function placed(box: RawBox, [x, y, width, height]: PixelRect): Box | undefined {
  const left = clamp((box.x1 - x) / width);
  const top = clamp((box.y1 - y) / height);
  const w = clamp((box.x2 - x) / width) - left;
  const h = clamp((box.y2 - y) / height) - top;
  return w > 0 && h > 0 ? [left, top, w, h] : undefined;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
