import type { Config } from '../config/schema.ts';
import { applyChanges, type StreamChanges, type StreamDefinition } from '../config/stream-definition.ts';
import type { StreamDetector } from '../pipeline/detect/spec.ts';
import type { StreamCommand } from '../pipeline/ipc/commands.ts';
import type { StreamPlan } from '../pipeline/ipc/plan.ts';
import { allowedFile, checkScheme, parseSourceAddress } from '../pipeline/source/address.ts';
import { SourceError } from '../pipeline/source/source.ts';
import type { FieldError } from '../util/refusal.ts';

/** How long a stream on demand keeps running after its last viewer, by default; ms. */
const DEFAULT_IDLE_AFTER_MS = 10_000;

/** Default IoU from which boxes are merged: that of the paper on weighted boxes fusion. */
const DEFAULT_MERGE_IOU = 0.55;

/** The complete settings of a stream. */
export interface StreamSettings extends Omit<StreamPlan, 'stream' | 'firstSeq' | 'lineTotals'> {
  readonly onDemand: boolean;
  /** How long it keeps running after its last viewer, ms. */
  readonly idleAfterMs: number;
}

/** Settings that a running process can change. */
type MovableSettings = Required<Extract<StreamCommand, { type: 'update' }>['changes']>;

/** A definition with the configuration's defaults filled in. */
export function settingsOf(
  definition: StreamDefinition,
  detectors: StreamDetector[],
  config: Config,
  detectorSocket: string,
): StreamSettings {
  return {
    url: parseSourceAddress(definition.source).url.href,
    loop: definition.loop ?? true,
    detectors,
    detectorSocket,
    sync: definition.sync ?? config.composer.sync,
    deadlineMs: definition.deadlineMs ?? config.composer.deadlineMs,
    merge: definition.merge ?? 'union',
    mergeIou: definition.mergeIou ?? DEFAULT_MERGE_IOU,
    overlay: { ...config.overlay, ...definition.overlay },
    privacy: { ...config.privacy, ...definition.privacy },
    zones: definition.zones ?? [],
    lines: definition.lines ?? [],
    encoder: { ...config.encoder, ...definition.encoder },
    mediaRoots: config.mediaRoots,
    schemes: config.sources.allow,
    trust: config.sources.tls,
    onDemand: definition.onDemand ?? false,
    idleAfterMs: definition.idleAfterMs ?? DEFAULT_IDLE_AFTER_MS,
  };
}

/** Whether the clean variant may be forwarded as the publisher sends it. */
export function mayForward({ privacy, encoder }: StreamSettings): boolean {
  return encoder.forward && privacy.classes.length === 0;
}

/** The settings that need a new process to change. */
export function fixedPart({ url, loop, encoder, mediaRoots, schemes, trust, detectorSocket }: StreamSettings): string {
  return JSON.stringify([url, loop, encoder, mediaRoots, schemes, trust, detectorSocket]);
}

/** The settings that a running process can change. */
export function movablePart({ detectors, sync, deadlineMs, merge, mergeIou, overlay, privacy, zones, lines }: StreamSettings): MovableSettings {
  return { detectors, sync, deadlineMs, merge, mergeIou, overlay, privacy, zones, lines };
}

/** Applies changes to a definition; `overlay`, `privacy` and `encoder` are changed field by field. */
export function changedDefinition(definition: StreamDefinition, changes: StreamChanges): StreamDefinition {
  const nested = {
    ...(changes.overlay ? { overlay: { ...definition.overlay, ...changes.overlay } } : {}),
    ...(changes.privacy ? { privacy: { ...definition.privacy, ...changes.privacy } } : {}),
    ...(changes.encoder ? { encoder: { ...definition.encoder, ...changes.encoder } } : {}),
  };
  return applyChanges<StreamDefinition>(definition, { ...changes, ...nested });
}

/** Whether a stream's source is the generated scene. */
export function isDemo({ source }: StreamDefinition): boolean {
  return parseSourceAddress(source).kind === 'demo';
}

/** Checks a stream's source. A missing file is no error here, as it may appear later: the stream reports it and retries. */
export async function checkSource({ source }: StreamDefinition, { mediaRoots, sources }: Pick<Config, 'mediaRoots' | 'sources'>): Promise<FieldError[]> {
  const { kind, url } = parseSourceAddress(source);
  try {
    checkScheme(url, sources.allow);
    if (kind !== 'file') return [];
    await allowedFile(url, mediaRoots);
    return [];
  } catch (error) {
    if (error instanceof SourceError && error.code === 'source-not-found') return [];
    return [{ path: 'source', message: error instanceof Error ? error.message : 'This file can’t be used.' }];
  }
}
