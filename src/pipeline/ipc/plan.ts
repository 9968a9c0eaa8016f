import { z } from 'zod';
import { LineState } from '../analytics/events.ts';
import { Lines, Zones } from '../analytics/options.ts';
import { MergeMode, OverlayOptions, SyncPolicy } from '../compose/options.ts';
import { PrivacyOptions } from '../compose/privacy-options.ts';
import { StreamDetector } from '../detect/spec.ts';
import { EncoderOptions } from '../encode/options.ts';
import { SourceTrust } from '../source/trust.ts';

/** Everything that a stream process needs to run one source. */
export const StreamPlan = z.strictObject({
  stream: z.string(),
  /** Address of the source, credentials included; never logged as it is. */
  url: z.string(),
  /** Files start again at their end. */
  loop: z.boolean(),
  detectors: z.array(StreamDetector),
  /** Path of the detector process's unix socket. */
  detectorSocket: z.string(),
  sync: SyncPolicy,
  /** Milliseconds that a frame may wait for its results. */
  deadlineMs: z.number().min(1).max(5000),
  merge: MergeMode,
  /** Least IoU of boxes that are merged. */
  mergeIou: z.number().gt(0).max(1),
  overlay: OverlayOptions,
  privacy: PrivacyOptions,
  zones: Zones,
  lines: Lines,
  /** What its lines have counted before, by name. */
  lineTotals: z.record(z.string(), LineState),
  encoder: EncoderOptions,
  /** The first frame's sequence number: numbers go on across restarts. */
  firstSeq: z.number().int().nonnegative(),
  /** Folders from which `file:` sources may be read, absolute and resolved. */
  mediaRoots: z.array(z.string()),
  /** Schemes that the address may have, without the colon. */
  schemes: z.array(z.string()),
  trust: SourceTrust,
});
export type StreamPlan = z.infer<typeof StreamPlan>;
