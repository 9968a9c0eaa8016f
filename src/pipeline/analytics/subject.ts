import type { AnnotationMessage, Box, Detection } from '../annotation.ts';
import type { Point } from './geometry.ts';
import type { Anchor } from './options.ts';

/** Distance from a border that a box must reach to be on its other side, as a share of the box's size: trackers jitter by less. */
const MARGIN = 0.05;
/** The same for very small boxes, as a share of the picture's height: the grid of a model's output. */
const LEAST_MARGIN = 0.003;

/** Somebody or something with an identity, in a new result of its detector. Lengths are in heights of the picture. */
export interface Subject {
  readonly detector: string;
  readonly track: number;
  readonly label: string;
  readonly anchors: Readonly<Record<Anchor, Point>>;
  /** How far beyond a border it must be to count as beyond. */
  readonly margin: number;
}

/** @param aspect width of the picture in its heights */
export function subjectOf({ detector, label, track, box }: Detection, aspect: number): Subject | undefined {
  if (track === undefined || !box.every(Number.isFinite)) return undefined;
  const [x, y, width, height]: Box = box;
  return {
    detector,
    track,
    label,
    anchors: {
      bottom: [(x + width / 2) * aspect, y + height],
      center: [(x + width / 2) * aspect, y + height / 2],
    },
    margin: Math.max(LEAST_MARGIN, MARGIN * Math.sqrt(Math.max(0, width * aspect * height))),
  };
}

/** What a frame brings that is new: the detectors whose newest result it is the first to show, and what these saw. */
export interface News {
  /** When the frame was captured, ms. */
  readonly at: number;
  readonly detectors: ReadonlySet<string>;
  readonly subjects: readonly Subject[];
}

/** Finds what is new in a row of messages: a result that is shown again, carried or moved, is not. */
export class NewResults {
  /** Of each detector, the frame that its last result was computed on. */
  readonly #last = new Map<string, number>();

  take(message: AnnotationMessage): News {
    const fresh = new Set<string>();
    for (const [name, { age }] of Object.entries(message.detectors)) {
      const computedOn = (message.seq - age) >>> 0;
      const last = this.#last.get(name);
      if (last !== undefined && ((computedOn - last) | 0) <= 0) continue;
      this.#last.set(name, computedOn);
      fresh.add(name);
    }
    for (const name of this.#last.keys()) if (!message.slate && message.detectors[name] === undefined) this.#last.delete(name);
    const aspect = message.width / message.height;
    const subjects = message.detections.flatMap((detection) => (fresh.has(detection.detector) ? (subjectOf(detection, aspect) ?? []) : []));
    return { at: message.capturedAt, detectors: fresh, subjects };
  }
}
