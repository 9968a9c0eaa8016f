import type { Box, Detection } from '../annotation.ts';
import { assign } from './assignment.ts';
import { iou } from './iou.ts';
import { KalmanBox } from './kalman-box.ts';

/** From this score on, a detection is matched first and may begin a track; below it, it can only keep one alive. */
const HIGH_SCORE = 0.5;
/** Least overlap with the predicted box for a match of the first and of the second round. */
const FIRST_IOU = 0.2;
const SECOND_IOU = 0.5;
/** A track that is not seen for this long is forgotten, in milliseconds. */
const LOST_MS = 1000;

interface Track {
  readonly id: number;
  readonly label: string;
  readonly motion: KalmanBox;
  seenAt: number;
}

/**
 * Gives detections an identity over time: ByteTrack (Zhang et al., ECCV 2022). Confident detections are matched with the predicted
 * boxes first, doubtful ones then keep what is left alive. Tracks keep to their label.
 */
export class ByteTracker {
  readonly #nextId: () => number;
  #tracks: Track[] = [];

  /** @param nextId gives identities that are unique within the stream */
  constructor(nextId: () => number) {
    this.#nextId = nextId;
  }

  /**
   * @param at capture time of the detections' frame, milliseconds, not before the last
   * @returns the same detections in the same order, with `track` where they have one
   */
  update(detections: readonly Detection[], at: number): Detection[] {
    this.#tracks = this.#tracks.filter(({ seenAt }) => at - seenAt <= LOST_MS);
    const ids = new Map<Detection, number>();
    const high = detections.filter(({ score }) => score >= HIGH_SCORE);
    const low = detections.filter(({ score }) => score < HIGH_SCORE);
    const unseen = this.#match(high, this.#tracks, FIRST_IOU, at, ids);
    this.#match(low, unseen, SECOND_IOU, at, ids);
    for (const detection of high) {
      if (ids.has(detection)) continue;
      const track = { id: this.#nextId(), label: detection.label, motion: new KalmanBox(detection.box, at), seenAt: at };
      this.#tracks.push(track);
      ids.set(detection, track.id);
    }
    return detections.map((detection) => {
      const track = ids.get(detection);
      return track === undefined ? detection : { ...detection, track };
    });
  }

  /** Where a track's box is at a time; undefined for a track that is forgotten. */
  boxAt(track: number, at: number): Box | undefined {
    return this.#tracks.find(({ id }) => id === track)?.motion.boxAt(at);
  }

  /** Matches and updates; returns the tracks that got nothing. */
  #match(detections: readonly Detection[], tracks: readonly Track[], leastIou: number, at: number, ids: Map<Detection, number>): Track[] {
    if (detections.length === 0 || tracks.length === 0) return [...tracks];
    const boxes = tracks.map(({ motion }) => motion.boxAt(at));
    const costs = detections.map(({ box, label }) =>
      tracks.map((track, j) => {
        const overlap = track.label === label ? iou(box, boxes[j]!) : 0;
        return overlap >= leastIou ? 1 - overlap : Infinity;
      }),
    );
    const taken = new Set<Track>();
    assign(costs).forEach((column, row) => {
      if (column < 0) return;
      const [track, detection] = [tracks[column]!, detections[row]!];
      track.motion.update(detection.box, at);
      track.seenAt = at;
      taken.add(track);
      ids.set(detection, track.id);
    });
    return tracks.filter((track) => !taken.has(track));
  }
}
