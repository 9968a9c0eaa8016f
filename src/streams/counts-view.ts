import { z } from 'zod';
import { StreamId } from '../config/stream-id.ts';
import { Tally } from '../pipeline/analytics/events.ts';
import { Counter } from '../pipeline/analytics/tally.ts';
import type { Count } from '../store/counts.ts';

const ZoneCounts = {
  /** By label: how many entered, and how many left. */
  entered: Tally,
  left: Tally,
  /** By label: average stay of those that left, in ms. */
  dwellMs: z.record(z.string(), z.number()),
};

const LineCounts = { in: Tally, out: Tally };

/** ISO 8601, UTC: the start of a bucket. */
const at = { at: z.string() };

/** The counts of one stream, in total and by bucket; buckets without counts are left out. */
export const CountsView = z.strictObject({
  stream: StreamId,
  /** ISO 8601, UTC. */
  from: z.string(),
  to: z.string(),
  bucketMs: z.number().int(),
  zones: z.record(z.string(), z.strictObject({ ...ZoneCounts, buckets: z.array(z.strictObject({ ...at, ...ZoneCounts })) })),
  lines: z.record(z.string(), z.strictObject({ ...LineCounts, buckets: z.array(z.strictObject({ ...at, ...LineCounts })) })),
});
export type CountsView = z.infer<typeof CountsView>;

/** A time span in buckets; milliseconds since the epoch. */
export interface CountsSpan {
  readonly from: number;
  /** Excluded. */
  readonly to: number;
  readonly bucketMs: number;
}

/**
 * Shapes counts for the API.
 * @param shapes names of the current zones and lines, which are shown even without counts
 * @param counts in order of time
 */
export function showCounts(stream: string, { from, to, bucketMs }: CountsSpan, shapes: { zones: readonly string[]; lines: readonly string[] }, counts: readonly Count[]): CountsView {
  const inZone = counts.filter(({ kind }) => kind === 'entered' || kind === 'left');
  const onLine = counts.filter(({ kind }) => kind === 'in' || kind === 'out');
  const named = <T>(names: readonly string[], of: readonly Count[], show: (counts: readonly Count[]) => T): [string, T][] =>
    [...new Set([...names, ...of.map(({ shape }) => shape)])].map((name) => [name, show(of.filter(({ shape }) => shape === name))]);
  return {
    stream,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    bucketMs,
    zones: Object.fromEntries(named(shapes.zones, inZone, (all) => ({ ...zoneCounts(all), buckets: byBucket(all, zoneCounts) }))),
    lines: Object.fromEntries(named(shapes.lines, onLine, (all) => ({ ...lineCounts(all), buckets: byBucket(all, lineCounts) }))),
  };
}

function byBucket<T>(counts: readonly Count[], show: (counts: readonly Count[]) => T): ({ at: string } & T)[] {
  const buckets = Map.groupBy(counts, (count) => count.at);
  return [...buckets].map(([start, those]) => ({ at: new Date(start).toISOString(), ...show(those) }));
}

function zoneCounts(counts: readonly Count[]): { entered: Tally; left: Tally; dwellMs: Record<string, number> } {
  const [left, dwell] = [tally(counts, 'left'), new Map<string, number>()];
  for (const { kind, label, dwellMs } of counts) if (kind === 'left') dwell.set(label, (dwell.get(label) ?? 0) + dwellMs);
  return { entered: tally(counts, 'entered'), left, dwellMs: Object.fromEntries([...dwell].map(([label, sum]) => [label, Math.round(sum / (left[label] ?? 1))])) };
}

function lineCounts(counts: readonly Count[]): { in: Tally; out: Tally } {
  return { in: tally(counts, 'in'), out: tally(counts, 'out') };
}

function tally(counts: readonly Count[], wanted: Count['kind']): Tally {
  const counter = new Counter();
  for (const { kind, label, count } of counts) if (kind === wanted) counter.add(label, count);
  return counter.tally;
}
