import { parseSourceAddress, publicAddress } from '../pipeline/source/address.ts';
import type { RenditionStats, StreamStats } from '../pipeline/ipc/stats.ts';
import { Variant } from '../pipeline/media/info.ts';
import type { StreamEntry } from './stream-entry.ts';
import type { DetectorReference, UnresolvedDetector } from '../detectors/detector-catalog.ts';
import type { Stream } from './stream.ts';
import type { StreamState } from './stream-state.ts';
import type { StatsView, StreamView } from './view.ts';

/** States of streams without a process. */
const WITHOUT_PROCESS: readonly StreamState[] = ['idle', 'failed', 'stopped'];

/** What a stream's view is made from. */
export interface Shown {
  readonly stream: Stream;
  readonly entry: StreamEntry;
  readonly detectors: readonly DetectorReference[];
  readonly unresolved: readonly UnresolvedDetector[];
}

/** The public view of a stream: without credentials, and with zeros for what is not measured yet. */
export function showStream(shown: Shown): StreamView {
  const { stream, entry, detectors } = shown;
  const { kind, url } = parseSourceAddress(entry.value.source);
  const { audio } = stream;
  const { video } = stream.record;
  const { sync, deadlineMs, merge, mergeIou, onDemand, idleAfterMs, loop, zones, lines, overlay, privacy, encoder } = stream.settings;
  return {
    id: stream.id,
    title: entry.value.title ?? stream.id,
    ...stream.status,
    source: { kind, url: publicAddress(url) },
    ...(video === undefined ? {} : { video }),
    ...(audio === undefined ? {} : { audio }),
    detectors: [...detectors],
    sync,
    deadlineMs,
    merge,
    mergeIou,
    onDemand,
    idleAfterMs,
    loop,
    zones,
    lines,
    overlay,
    privacy,
    encoder,
    origin: entry.origin,
    variantsActive: stream.variants,
    viewers: stream.viewers,
    stats: showStats(shown),
    createdAt: new Date(entry.createdAt).toISOString(),
  };
}

function showStats({ stream, detectors, unresolved }: Shown): StatsView {
  const { stats, dropped, restarts } = stream.record;
  const variants = showVariants(stats, stream);
  const made = variants.annotated ?? variants.clean;
  return {
    fps: stats?.fps ?? 0,
    bitrate: Object.values(variants).reduce((sum, { bitrate }) => sum + bitrate, 0),
    dropped,
    restarts,
    latency: stats?.latency ?? { decodeToSendMs: { p50: 0, p95: 0 } },
    detectors: showDetectors(stream, detectors, unresolved),
    variants,
    renditions: stats?.renditions ?? [],
    ...(stats?.audio === undefined ? {} : { audio: stats.audio }),
    ...(made?.encoder === undefined ? {} : { encoder: made.encoder }),
    ...(made?.fallback === undefined ? {} : { encoderFallback: made.fallback }),
    process: { ...(stream.pid === undefined ? {} : { pid: stream.pid }), cpuUs: stats?.cpuUs ?? 0, rss: stats?.rss ?? 0 },
  };
}

function showVariants(stats: StreamStats | undefined, { forwarding, forwardedBitrate }: Pick<Stream, 'forwarding' | 'forwardedBitrate'>): StatsView['variants'] {
  const all = stats?.renditions ?? [];
  const variants: StatsView['variants'] = {};
  for (const variant of Variant.options) {
    const shown = showRenditions(all.filter((rendition) => rendition.variant === variant));
    if (shown !== undefined) variants[variant] = shown;
  }
  if (!forwarding) return variants;
  // This codec is the one encoded in addition; the publisher's may differ.
  const { codec: _codec, ...encoded } = variants.clean ?? { forwarded: true, bitrate: 0, frames: 0, idrs: 0, dropped: 0 };
  return { ...variants, clean: { ...encoded, bitrate: encoded.bitrate + forwardedBitrate, forwarded: true } };
}

/** Combines the renditions of one variant: the codec of the preferred one, and the sums of all. */
function showRenditions(renditions: readonly RenditionStats[]): StatsView['variants']['clean'] {
  const main = renditions.find(({ forwarded }) => forwarded) ?? renditions.find(({ codec }) => codec !== 'H264') ?? renditions[0];
  if (main === undefined) return undefined;
  const { variant: _variant, scale: _scale, ...shown } = main;
  const sum = (key: 'bitrate' | 'dropped'): number => renditions.reduce((total, one) => total + one[key], 0);
  return { ...shown, bitrate: sum('bitrate'), dropped: sum('dropped') };
}

function showDetectors(
  stream: Pick<Stream, 'status' | 'record'>,
  detectors: readonly DetectorReference[],
  unresolved: readonly UnresolvedDetector[],
): StatsView['detectors'] {
  const nothing = { fps: 0, inferenceMs: 0, offered: 0, taken: 0, skipped: 0 };
  // The process has not reported yet.
  const unmeasured = WITHOUT_PROCESS.includes(stream.status.state) ? ('closed' as const) : ('connecting' as const);
  const problems = new Map(unresolved.map(({ name, problem }) => [name, problem]));
  return Object.fromEntries(
    detectors.map((detector) => {
      const name = typeof detector === 'string' ? detector : detector.name;
      const error = problems.get(name);
      const measured = stream.record.stats?.detectors[name];
      if (error !== undefined) return [name, { state: 'failed' as const, error, ...nothing }];
      if (measured === undefined) return [name, { state: unmeasured, ...nothing }];
      return [name, { ...nothing, ...measured }];
    }),
  );
}
