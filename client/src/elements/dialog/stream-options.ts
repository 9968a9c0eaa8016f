import type { DetectorView, ModelView, StreamRequest, StreamView } from '../../api/api.ts';
import { attachWrong, ownDetector, type DetectorJoins } from './detector-joins.ts';
import type { FieldErrors } from './field-errors.ts';
import { looksOf, lookChanges, type LabelLook } from './label-looks.ts';
import { shareOf } from './share.ts';

/** What can be drawn into the picture. */
export const DRAWN = ['boxes', 'labels', 'scores', 'trails', 'counts', 'heatmap', 'zones'] as const;
export type Drawn = Pick<StreamView['overlay'], (typeof DRAWN)[number] | 'style'>;
export type Hidden = Pick<StreamView['privacy'], 'classes' | 'style'>;

/** What a person says about a stream that there is: how results are joined, what is drawn and what is hidden. */
export interface StreamOptions extends DetectorJoins {
  /** ms, as typed; empty takes it back to the server's default. */
  readonly deadlineMs: string;
  readonly merge: StreamView['merge'];
  /** Least IoU of boxes that are merged, as typed; empty takes it back to the default. Of no consequence where none are. */
  readonly mergeIou: string;
  readonly overlay: Drawn;
  readonly looks: readonly LabelLook[];
  readonly privacy: Hidden;
}

const NO_OVERLAY: Drawn & Pick<StreamView['overlay'], 'names' | 'colors'> = {
  ...{ boxes: true, style: 'box', labels: true, scores: true, trails: false, counts: false, heatmap: false, zones: true, names: {}, colors: {} },
};

/** The options of a stream; of none, what is of no consequence. */
export function optionsOf(stream?: StreamView): StreamOptions {
  const { overlay = NO_OVERLAY, privacy } = stream ?? {};
  return {
    deadlineMs: stream === undefined ? '' : String(stream.deadlineMs),
    merge: stream?.merge ?? 'union',
    mergeIou: stream === undefined ? '' : String(stream.mergeIou),
    late: {},
    attach: {},
    overlay: { ...pick(overlay, DRAWN), style: overlay.style },
    looks: looksOf(overlay),
    privacy: { classes: privacy?.classes ?? [], style: privacy?.style ?? 'pixelate' },
  };
}

/** What is wrong without asking the server. */
export function checkOptions(options: StreamOptions): FieldErrors {
  const { deadlineMs, merge, mergeIou } = options;
  const wait = deadlineMs.trim();
  return {
    ...(wait === '' || (Number(wait) >= 1 && Number(wait) <= 5000) ? {} : { deadlineMs: { key: 'dialog.deadlineWrong' } }),
    ...(merge !== 'union' && shareOf(mergeIou) === undefined ? { mergeIou: { key: 'dialog.shareWrong' } } : {}),
    ...(attachWrong(options) ? { attach: { key: 'dialog.shareWrong' } } : {}),
  };
}

/** The part of a request that says what differs from the stream as it is. */
export function optionChanges({ deadlineMs, merge, mergeIou, overlay, looks, privacy }: StreamOptions, before: StreamView): StreamRequest {
  const deadline = deadlineMs.trim() === '' ? null : Number(deadlineMs);
  const overlap = merge === 'union' ? before.mergeIou : shareOf(mergeIou);
  const drawn = { ...different(overlay, before.overlay), ...lookChanges(looks, before.overlay) };
  const hidden = different(privacy, before.privacy);
  return {
    ...(deadline === before.deadlineMs ? {} : { deadlineMs: deadline }),
    ...(merge === before.merge ? {} : { merge }),
    ...(overlap === undefined || overlap === before.mergeIou ? {} : { mergeIou: overlap }),
    ...(Object.keys(drawn).length === 0 ? {} : { overlay: drawn }),
    ...(Object.keys(hidden).length === 0 ? {} : { privacy: hidden }),
  };
}

/** Labels that detectors of a stream give, in their order, each once; those of algorithms elsewhere are not known. */
export function labelsOf(names: readonly string[], before: StreamView | undefined, detectors: readonly DetectorView[], models: readonly ModelView[]): readonly string[] {
  const labels = names.flatMap((name) => {
    const detector = ownDetector(name, before) ?? detectors.find((one) => one.name === name);
    return detector?.classes ?? models.find((model) => model.name === (detector?.model ?? name))?.labels ?? [];
  });
  return [...new Set(labels)];
}

/** The fields of one that the other has otherwise. */
function different<T extends object>(now: T, before: T): Partial<T> {
  return pick(
    now,
    (Object.keys(now) as (keyof T)[]).filter((key) => JSON.stringify(now[key]) !== JSON.stringify(before[key])),
  );
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
