/** Milliseconds that the video may be held back at most. */
const MOST_MS = 400;
/** Milliseconds by which messages may be late: so much is bridged by pictures that wait for theirs. */
const BRIDGED_MS = 25;
/** Milliseconds by which messages should be early. */
const MARGIN_MS = 10;
/** A delay that is this much longer than it must be is shortened. */
const SLACK_MS = 60;
const STEP_MS = 10;

/**
 * By how much a browser has to hold the video back so that pictures and their messages meet. What a publisher sends is forwarded at once, while its
 * messages take the way through decoder and detectors; where the server encodes, messages come first and nothing is held.
 *
 * @param target of now, in milliseconds
 * @param lateness from pictures being there to their messages' arrival, with that target: the 95th percentile, milliseconds
 */
export function meetingDelay(target: number, lateness: number): number {
  if (lateness > BRIDGED_MS) return Math.min(MOST_MS, Math.ceil(target + lateness + MARGIN_MS));
  return target > 0 && lateness < -SLACK_MS ? Math.max(0, target - STEP_MS) : target;
}
