import type { DetectorView, Late, ModelView, StreamDetector, StreamRequest, StreamView } from '../../api/api.ts';
import type { FieldErrors } from './stream-form.ts';

/** What can be drawn into the picture. */
export const DRAWN = ['boxes', 'labels', 'scores', 'trails', 'counts', 'heatmap', 'zones'] as const;
export type Drawn = Pick<StreamView['overlay'], (typeof DRAWN)[number] | 'style'>;
export type Hidden = Pick<StreamView['privacy'], 'classes' | 'style'>;

/** What a person says about a stream that there is: how results are joined, what is drawn and what is hidden. */
export interface StreamOptions {
  /** ms, as typed; empty takes it back to the server's default. */
  readonly deadlineMs: string;
  readonly merge: StreamView['merge'];
  /** What was chosen for detectors, by name; `''`: as the stream's policy says. Those that nobody touched are left out. */
  readonly late: Readonly<Record<string, Late | ''>>;
  readonly overlay: Drawn;
  readonly privacy: Hidden;
}

/** The configuration of another detector than this stream's own, to be changed with it. */
export interface DetectorChange {
  readonly name: string;
  readonly late: Late | null;
}

const NO_OVERLAY: Drawn = { boxes: true, style: 'box', labels: true, scores: true, trails: false, counts: false, heatmap: false, zones: true };

/** The options of a stream; of none, what is of no consequence. */
export function optionsOf(stream?: StreamView): StreamOptions {
  const { overlay = NO_OVERLAY, privacy } = stream ?? {};
  return {
    deadlineMs: stream === undefined ? '' : String(stream.deadlineMs),
    merge: stream?.merge ?? 'union',
    late: {},
    overlay: { ...pick(overlay, DRAWN), style: overlay.style },
    privacy: { classes: privacy?.classes ?? [], style: privacy?.style ?? 'pixelate' },
  };
}

/** What is wrong without asking the server. */
export function checkOptions({ deadlineMs }: StreamOptions): FieldErrors {
  const text = deadlineMs.trim();
  return text === '' || (Number(text) >= 1 && Number(text) <= 5000) ? {} : { deadlineMs: { key: 'dialog.deadlineWrong' } };
}

/** The part of a request that says what differs from the stream as it is. */
export function optionChanges({ deadlineMs, merge, overlay, privacy }: StreamOptions, before: StreamView): StreamRequest {
  const deadline = deadlineMs.trim() === '' ? null : Number(deadlineMs);
  const drawn = different(overlay, before.overlay);
  const hidden = different(privacy, before.privacy);
  return {
    ...(deadline === before.deadlineMs ? {} : { deadlineMs: deadline }),
    ...(merge === before.merge ? {} : { merge }),
    ...(drawn === undefined ? {} : { overlay: drawn }),
    ...(hidden === undefined ? {} : { privacy: hidden }),
  };
}

/** What happens now while a detector has not answered; `''`: as the stream's policy says. */
export function lateOf(name: string, before: StreamView | undefined, detectors: readonly DetectorView[]): Late | '' {
  return ownDetector(name, before)?.late ?? (isShared(name, before, detectors) ? detectors.find((one) => one.name === name)?.late : undefined) ?? '';
}

/** Whether a detector has settings that other streams have too. */
export function isShared(name: string, before: StreamView | undefined, detectors: readonly DetectorView[]): boolean {
  const origin = detectors.find((one) => one.name === name)?.origin;
  return ownDetector(name, before) === undefined && origin !== undefined && origin !== 'model';
}

/** A detector as the stream shall have it: one that comes with a model is written in place where something is said about it. */
export function withLate(detector: StreamDetector, { late }: StreamOptions, detectors: readonly DetectorView[]): StreamDetector {
  const name = typeof detector === 'string' ? detector : detector.name;
  const chosen = late[name];
  if (typeof detector === 'string') {
    if (chosen === undefined || chosen === '' || isShared(name, undefined, detectors)) return detector;
    return { name, model: name, late: chosen };
  }
  if (chosen === undefined || chosen === (detector.late ?? '')) return detector;
  const { late: _late, ...rest } = detector;
  return chosen === '' ? rest : { ...rest, late: chosen };
}

/** What has to be said to detectors that the stream only names. */
export function detectorChanges({ late }: StreamOptions, names: readonly string[], before: StreamView, detectors: readonly DetectorView[]): readonly DetectorChange[] {
  return names.flatMap((name) => {
    const chosen = late[name];
    if (chosen === undefined || !isShared(name, before, detectors) || chosen === lateOf(name, before, detectors)) return [];
    return [{ name, late: chosen === '' ? null : chosen }];
  });
}

/** Labels that detectors of a stream give, in their order, each once; those of algorithms elsewhere are not known. */
export function labelsOf(names: readonly string[], before: StreamView | undefined, detectors: readonly DetectorView[], models: readonly ModelView[]): readonly string[] {
  const labels = names.flatMap((name) => {
    const detector = ownDetector(name, before) ?? detectors.find((one) => one.name === name);
    return detector?.classes ?? models.find((model) => model.name === (detector?.model ?? name))?.labels ?? [];
  });
  return [...new Set(labels)];
}

/** A detector that is written in place in a stream. */
function ownDetector(name: string, stream: StreamView | undefined): Exclude<StreamDetector, string> | undefined {
  return stream?.detectors.find((detector) => typeof detector !== 'string' && detector.name === name) as Exclude<StreamDetector, string> | undefined;
}

/** The fields of one that the other has otherwise; undefined where there are none. */
function different<T extends object>(now: T, before: T): Partial<T> | undefined {
  const changed = (Object.keys(now) as (keyof T)[]).filter((key) => JSON.stringify(now[key]) !== JSON.stringify(before[key]));
  return changed.length === 0 ? undefined : pick(now, changed);
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
