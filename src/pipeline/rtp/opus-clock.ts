/** Ticks of the RTP clock for Opus in a millisecond, whatever it samples (RFC 7587 §4.1: 48 kHz). */
export const OPUS_TICKS_PER_MS = 48;

/**
 * The RTP timestamp of sound: as that of video, a pure function of wall-clock time, so that it goes on across restarts.
 * @param capturedAt milliseconds since the epoch
 * @returns 48 kHz ticks, uint32
 */
export function opusTimestamp(capturedAt: number): number {
  return Math.round(capturedAt * OPUS_TICKS_PER_MS) % 0x1_0000_0000;
}
