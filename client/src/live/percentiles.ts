/** Of a handful of measurements, in their unit. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

/** Undefined where nothing was measured. */
export function percentiles(values: readonly number[]): Percentiles | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const pick = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { p50: pick(0.5), p95: pick(0.95) };
}
