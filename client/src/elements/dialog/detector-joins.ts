import type { Attach, DetectorView, Late, StreamDetector, StreamView } from '../../api/api.ts';
import { shareOf } from './share.ts';

/** Whose boxes a detector's boxes are attributes of, as it is chosen. */
export interface AttachChoice {
  /** Labels of those boxes; none: a detector's boxes stand for themselves. */
  readonly to: readonly string[];
  /** As typed; empty takes it back to the default. */
  readonly minOverlap: string;
}

/** How results of detectors are joined, by their names. Those that nobody touched are left out. */
export interface DetectorJoins {
  /** `''`: as the stream's policy says. */
  readonly late: Readonly<Record<string, Late | ''>>;
  readonly attach: Readonly<Record<string, AttachChoice>>;
}

/** What has changed of one detector; null takes a field back to its default. */
export interface JoinChanges {
  readonly late?: Late | null;
  readonly attach?: Attach | null;
}

/** The configuration of another detector than this stream's own, to be changed with it. */
export interface DetectorChange {
  readonly name: string;
  readonly changes: JoinChanges;
}

/** What happens now while a detector has not answered; `''`: as the stream's policy says. */
export function lateOf(name: string, before: StreamView | undefined, detectors: readonly DetectorView[]): Late | '' {
  return joinOf(name, before, detectors)?.late ?? '';
}

/** Whose boxes a detector's boxes are attributes of now. */
export function attachOf(name: string, before: StreamView | undefined, detectors: readonly DetectorView[]): AttachChoice {
  return choiceOf(joinOf(name, before, detectors)?.attach);
}

/** Whether the least overlap of a detector is no share of a box. */
export function overlapWrong({ to, minOverlap }: AttachChoice): boolean {
  return to.length > 0 && shareOf(minOverlap) === undefined;
}

/** Whether the least overlap of any is. */
export function attachWrong({ attach }: DetectorJoins): boolean {
  return Object.values(attach).some(overlapWrong);
}

/** Whether a detector has settings that other streams have too. */
export function isShared(name: string, before: StreamView | undefined, detectors: readonly DetectorView[]): boolean {
  const origin = detectors.find((one) => one.name === name)?.origin;
  return ownDetector(name, before) === undefined && origin !== undefined && origin !== 'model';
}

/** A detector as the stream shall have it: one that comes with a model is written in place where something is said about it. */
export function withJoins(detector: StreamDetector, joins: DetectorJoins, detectors: readonly DetectorView[]): StreamDetector {
  if (typeof detector === 'string') {
    if (isShared(detector, undefined, detectors)) return detector;
    const said = definedOf(changesOf(detector, joins, {}));
    return Object.keys(said).length === 0 ? detector : { name: detector, model: detector, ...said };
  }
  const changes = changesOf(detector.name, joins, detector);
  return definedOf({ ...detector, ...changes });
}

/** What has to be said to detectors that the stream only names. */
export function detectorChanges(joins: DetectorJoins, names: readonly string[], before: StreamView, detectors: readonly DetectorView[]): readonly DetectorChange[] {
  return names.flatMap((name) => {
    if (!isShared(name, before, detectors)) return [];
    const changes = changesOf(name, joins, joinOf(name, before, detectors) ?? {});
    return Object.keys(changes).length === 0 ? [] : [{ name, changes }];
  });
}

/** A detector that is written in place in a stream. */
export function ownDetector(name: string, stream: StreamView | undefined): Exclude<StreamDetector, string> | undefined {
  return stream?.detectors.find((detector) => typeof detector !== 'string' && detector.name === name) as Exclude<StreamDetector, string> | undefined;
}

/** Where a detector says how it is joined: in place, or for every stream. */
function joinOf(name: string, before: StreamView | undefined, detectors: readonly DetectorView[]): Pick<DetectorView, 'late' | 'attach'> | undefined {
  return ownDetector(name, before) ?? (isShared(name, before, detectors) ? detectors.find((one) => one.name === name) : undefined);
}

/** What was chosen for a detector that is otherwise now. */
function changesOf(name: string, { late, attach }: DetectorJoins, now: Pick<DetectorView, 'late' | 'attach'>): JoinChanges {
  const chosenLate = late[name];
  const chosenAttach = attach[name];
  return {
    ...(chosenLate === undefined || chosenLate === (now.late ?? '') ? {} : { late: chosenLate === '' ? null : chosenLate }),
    ...(chosenAttach === undefined || same(choiceOf(attachmentOf(chosenAttach)), choiceOf(now.attach)) ? {} : { attach: attachmentOf(chosenAttach) }),
  };
}

function choiceOf(attach: Attach | null | undefined): AttachChoice {
  return { to: attach?.to ?? [], minOverlap: attach?.minOverlap === undefined ? '' : String(attach.minOverlap) };
}

function attachmentOf({ to, minOverlap }: AttachChoice): Attach | null {
  const share = shareOf(minOverlap);
  return to.length === 0 ? null : { to: [...to], ...(share === null || share === undefined ? {} : { minOverlap: share }) };
}

function same(a: AttachChoice, b: AttachChoice): boolean {
  return a.minOverlap === b.minOverlap && JSON.stringify(a.to) === JSON.stringify(b.to);
}

/** Without the fields that go back to their defaults. */
function definedOf<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], null> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as { [K in keyof T]: Exclude<T[K], null> };
}
