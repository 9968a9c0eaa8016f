import type { Box, Detection } from '../annotation.ts';
import { assign } from './assignment.ts';
import { iou } from './iou.ts';
import { KalmanBox } from './kalman-box.ts';

/** From this score on, a detection is matched first and may begin a track; below it, it can only keep one alive. */
const HIGH_SCORE = 0.5;
/** Least overlap with the predicted box for a match: of sure detections, of doubtful ones, and with tracks that were seen once. */
const LEAST_IOU = { sure: 0.2, doubtful: 0.5, tentative: 0.3 } as const;
/** The same where results are further apart than this many milliseconds: a motion is known less well then. */
const APART_MS = 100;
const LEAST_IOU_APART = { sure: 0.1, doubtful: 0.3, tentative: 0.15 } as const;
/** A lost track is removed after this long, in milliseconds. */
const LOST_MS = 1000;
/** After a pause as long as this between two results nothing is where it was, in milliseconds. */
const PAUSE_MS = 5000;
/** Longest time for which a motion is taken to go on, in milliseconds. */
const MAX_PREDICTION_MS = 1000;
/** Tracks kept at most; a model gives far fewer boxes a frame, but noise begins new tracks with every one. */
const MAX_TRACKS = 500;

/**
 * `tentative`: seen once; gone if the next result does not confirm it. `tracked`: in the last result. `lost`: not in the last result,
 * and waited for.
 */
type TrackState = 'tentative' | 'tracked' | 'lost';

interface Track {
  readonly id: number;
  readonly label: string;
  readonly motion: KalmanBox;
  state: TrackState;
  /** Milliseconds. */
  seenAt: number;
  /** Where it should be on the frame that is being matched. */
  expected: Box;
}

/**
 * Gives detections an identity over time: ByteTrack (Zhang et al., ECCV 2022). Sure detections are matched with the predicted boxes
 * first, doubtful ones then keep alive what was there a moment ago. Tracks keep to their label. Unlike in the paper, a track has its
 * identity from the first sight, and time is counted in milliseconds, because detectors skip frames.
 */
export class ByteTracker {
  readonly #nextId: () => number;
  #tracks: Track[] = [];
  /** When the last result was. */
  #updatedAt = -Infinity;

  /** @param nextId gives identities that are unique within the stream */
  constructor(nextId: () => number) {
    this.#nextId = nextId;
  }

  /**
   * @param at capture time of the detections' frame, milliseconds, not before the last
   * @param weak detections that are not asked for, because their score is too low: they keep alive what no other detection does
   * @returns the same detections (those that are weak left out) in the same order, with `track` where they have one
   */
  update(detections: readonly Detection[], at: number, weak: readonly Detection[] = []): Detection[] {
    const known = this.#tracks.filter(({ seenAt }) => at - seenAt <= PAUSE_MS);
    for (const track of known) track.expected = this.#expected(track, at);
    const least = at - this.#updatedAt > APART_MS ? LEAST_IOU_APART : LEAST_IOU;
    this.#updatedAt = at;
    const found = new Map<Detection, Track>();
    const sure = detections.filter(({ score }) => score >= HIGH_SCORE);
    const doubtful = detections.filter(({ score }) => score < HIGH_SCORE);
    match(sure, known.filter(({ state }) => state !== 'tentative'), least.sure, found);
    for (const rest of [doubtful, weak]) {
      const seen = new Set(found.values());
      match(rest, known.filter((track) => track.state === 'tracked' && !seen.has(track)), least.doubtful, found);
    }
    match(sure.filter((one) => !found.has(one)), known.filter(({ state }) => state === 'tentative'), least.tentative, found);
    for (const [{ box }, track] of found) {
      track.motion.update(box, at);
      track.state = 'tracked';
      track.seenAt = at;
    }
    const kept = known.filter((track) => track.seenAt === at || (track.state !== 'tentative' && at - track.seenAt <= LOST_MS));
    for (const track of kept) if (track.seenAt !== at) track.state = 'lost';
    for (const detection of sure) {
      if (found.has(detection)) continue;
      const { box, label } = detection;
      const track: Track = { id: this.#nextId(), label, motion: new KalmanBox(box, at), state: 'tentative', seenAt: at, expected: box };
      kept.push(track);
      found.set(detection, track);
    }
    // The newest stand last, and those that were lost longest first.
    this.#tracks = kept.length > MAX_TRACKS ? kept.toSorted((a, b) => a.seenAt - b.seenAt).slice(-MAX_TRACKS) : kept;
    return detections.map((detection) => {
      const track = found.get(detection);
      return track === undefined ? detection : { ...detection, track: track.id };
    });
  }

  /** Where a track's box is at a time; undefined for a track that is forgotten. */
  boxAt(id: number, at: number): Box | undefined {
    const track = this.#tracks.find((one) => one.id === id);
    return track === undefined ? undefined : this.#expected(track, at);
  }

  #expected({ motion, seenAt }: Track, at: number): Box {
    return motion.boxAt(Math.min(at, seenAt + MAX_PREDICTION_MS));
  }
}

/** Adds the best pairs of detections and tracks to those that are found. */
function match(detections: readonly Detection[], tracks: readonly Track[], leastIou: number, found: Map<Detection, Track>): void {
  if (detections.length === 0 || tracks.length === 0) return;
  const costs = detections.map(({ box, label }) => tracks.map((track) => (track.label === label ? 1 - iou(box, track.expected) : Infinity)));
  assign(costs, 1 - leastIou).forEach((column, row) => {
    if (column >= 0) found.set(detections[row]!, tracks[column]!);
  });
}
