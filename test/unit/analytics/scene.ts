import type { AnnotationMessage, Box, Detection } from '../../../src/pipeline/annotation.ts';
import type { SceneEvent } from '../../../src/pipeline/analytics/events.ts';
import type { Line, Zone } from '../../../src/pipeline/analytics/options.ts';
import { SceneAnalytics } from '../../../src/pipeline/analytics/scene-analytics.ts';

/** Milliseconds from frame to frame. */
export const FRAME_MS = 40;
const SIZE = 0.1;

/** Somebody whose feet are at a place. */
export function at(x: number, y: number, track: number, label = 'person', detector = 'd'): Detection {
  const box: Box = [x - SIZE / 2, y - SIZE, SIZE, SIZE];
  return { detector, label, score: 0.9, box, track };
}

/** A stream with zones and lines, of which a test says who is where on each frame. */
export class Scene {
  readonly analytics: SceneAnalytics;
  readonly events: SceneEvent[] = [];
  #seq = 0;
  #at = 1_000_000;

  constructor({ zones = [], lines = [] }: { zones?: Zone[]; lines?: Line[] }) {
    this.analytics = new SceneAnalytics({ zones, lines });
  }

  /** The next frame, on square pictures: a fraction is the same length both ways. */
  frame(detections: Detection[], changes: Partial<AnnotationMessage> = {}, frames = 1): AnnotationMessage {
    this.#seq += frames;
    this.#at += frames * FRAME_MS;
    const { message, events } = this.analytics.take({
      ...{ stream: 's', seq: this.#seq, rtp: this.#seq * 3600, capturedAt: this.#at, width: 600, height: 600 },
      ...{ detections, detectors: { d: { age: 0 } }, ...changes },
    });
    this.events.push(...events);
    return message;
  }

  /** One track along points, a frame each. */
  walk(track: number, points: readonly (readonly [number, number])[], label?: string): void {
    for (const [x, y] of points) this.frame([at(x, y, track, label)]);
  }

  get said(): string[] {
    return this.events.map((event) => (event.type === 'line.crossed' ? event.direction : event.type));
  }
}
