/** Seconds from the NTP epoch (1900) to the Unix epoch (1970); RFC 5905. */
const NTP_OFFSET_S = 2_208_988_800;

/**
 * An NTP timestamp, as sender reports and `abs-capture-time` carry it.
 * @param ms milliseconds since the Unix epoch
 * @returns whole seconds and the fraction of one, both uint32 (UQ32.32)
 */
export function ntpTime(ms: number): { seconds: number; fraction: number } {
  const whole = Math.floor(ms / 1000);
  const fraction = Math.floor(((ms - whole * 1000) / 1000) * 2 ** 32);
  return { seconds: (whole + NTP_OFFSET_S) >>> 0, fraction: fraction >>> 0 };
}
