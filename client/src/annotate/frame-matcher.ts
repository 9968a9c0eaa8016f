import type { AnnotationMessage, Box, Detection } from '../../../src/pipeline/annotation.ts';
import { between, clipped } from '../../../src/pipeline/compose/detector-history.ts';
import { rtpDistance, type Kept, type MessageStore } from './message-store.ts';

/** Milliseconds after which boxes of an earlier frame are no longer shown, as the composer has it. */
const MAX_CARRY_MS = 2000;
/** Milliseconds over which a track's speed is taken. */
const SPEED_MS = 250;
const TICKS_PER_MS = 90;
/** Ticks of a frame while there is one message only: 30 frames a second. */
const USUAL_TICKS = 3000;

/** What can be drawn upon one frame. */
export interface Match {
  /**
   * - `exact`: the frame's own message
   * - `moved`: it is not there; boxes of the frames around it, moved to this frame's time, with their age
   * - `none`: nothing is known that is young enough
   */
  readonly kind: 'exact' | 'moved' | 'none';
  /** The boxes as they are to be drawn, and how old each detector's are on this frame; undefined for `none`. */
  readonly message: AnnotationMessage | undefined;
  /** When the frame's own message came, on the clock of `performance.now()`; undefined while it has not. */
  readonly arrivedAt: number | undefined;
}

const NONE: Match = { kind: 'none', message: undefined, arrivedAt: undefined };

/** Finds what is to be drawn upon a frame: its own message, and never that of another frame as it stands. */
export class FrameMatcher {
  readonly #store: MessageStore;
  /** Ticks from the timestamp of a frame on screen to that of its message; a simulcast layer may count from elsewhere. */
  offset = 0;

  constructor(store: MessageStore) {
    this.#store = store;
  }

  /** @param rtp timestamp of the frame on screen, as the browser tells it */
  match(rtp: number): Match {
    const wanted = this.timestampOf(rtp);
    const known = this.#store.upTo(wanted);
    if (known === undefined) return NONE;
    if (known.message.rtp === wanted) return { kind: 'exact', message: known.message, arrivedAt: known.arrivedAt };
    const ms = rtpDistance(wanted, known.message.rtp) / TICKS_PER_MS;
    // A slate has no boxes to carry, and what comes after one is another scene.
    if (ms > MAX_CARRY_MS || known.message.slate === true) return NONE;
    return { kind: 'moved', message: this.#moved(known, wanted, ms), arrivedAt: undefined };
  }

  /** The timestamp that the message of a frame has. */
  timestampOf(rtp: number): number {
    return (rtp + this.offset) >>> 0;
  }

  /** The timestamp that the frame of a message has on screen. */
  pictureOf(rtp: number): number {
    return (rtp - this.offset) >>> 0;
  }

  #moved(known: Kept, rtp: number, ms: number): AnnotationMessage {
    const { message } = known;
    const capturedAt = message.capturedAt + ms;
    const later = this.#store.after(rtp)?.message;
    const usable = later !== undefined && later.slate !== true && rtpDistance(later.rtp, rtp) <= MAX_CARRY_MS * TICKS_PER_MS;
    const frames = later === undefined ? Math.max(1, Math.round((ms * TICKS_PER_MS) / this.#ticksPerFrame(known))) : framesTo(rtp, message, later);
    return {
      ...message,
      rtp,
      capturedAt,
      seq: (message.seq + frames) >>> 0,
      detections: withParts(message.detections, usable ? between(resultOf(message), resultOf(later), capturedAt) : this.#extrapolated(known, ms)),
      detectors: Object.fromEntries(Object.entries(message.detectors).map(([name, { age }]) => [name, { age: age + frames }])),
    };
  }

  /** Each box goes on as its track went in the last moments; one without a track stays where it was. */
  #extrapolated({ message }: Kept, ms: number): Detection[] {
    const past = this.#store.back(message.rtp, SPEED_MS * TICKS_PER_MS);
    return message.detections.flatMap((detection) => {
      const { track, box } = detection;
      if (track === undefined) return detection;
      for (const { message: earlier } of past) {
        const span = rtpDistance(message.rtp, earlier.rtp) / TICKS_PER_MS;
        const before = span > 0 ? earlier.detections.find((one) => one.track === track) : undefined;
        if (before === undefined) continue;
        const moved = clipped(box.map((value, i) => value + ((value - before.box[i]!) / span) * ms) as Box);
        return moved[2] > 0 && moved[3] > 0 ? { ...detection, box: moved } : [];
      }
      return detection;
    });
  }

  #ticksPerFrame({ message }: Kept): number {
    const [first] = this.#store.back(message.rtp, MAX_CARRY_MS * TICKS_PER_MS);
    const frames = first === undefined ? 0 : (message.seq - first.message.seq) | 0;
    return frames > 0 ? rtpDistance(message.rtp, first!.message.rtp) / frames : USUAL_TICKS;
  }
}

/** What was seen of a thing goes with it. */
function withParts(before: readonly Detection[], moved: readonly Detection[]): Detection[] {
  return moved.map((detection) => {
    const { attributes, track, box } = detection;
    const from = attributes === undefined || track === undefined ? undefined : before.find((one) => one.track === track)?.box;
    if (attributes === undefined || from === undefined) return detection;
    const [dx, dy] = [box[0] - from[0], box[1] - from[1]];
    return { ...detection, attributes: attributes.map((one) => ({ ...one, box: [one.box[0] + dx, one.box[1] + dy, one.box[2], one.box[3]] as Box })) };
  });
}

/** Frames from the earlier one of two to one between them, which lies there by its time. */
function framesTo(rtp: number, earlier: AnnotationMessage, later: AnnotationMessage): number {
  const between = ((later.seq - earlier.seq) | 0) - 1;
  const share = rtpDistance(rtp, earlier.rtp) / rtpDistance(later.rtp, earlier.rtp);
  return Math.max(1, Math.min(between, Math.round(share * (between + 1))));
}

function resultOf({ seq, rtp, capturedAt, detections }: AnnotationMessage): { id: { seq: number; rtp: number; capturedAt: number }; detections: readonly Detection[] } {
  return { id: { seq, rtp, capturedAt }, detections };
}
