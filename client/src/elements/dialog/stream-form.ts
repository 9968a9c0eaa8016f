import type { DetectorView, ModelView, Problem, StreamDetector, StreamRequest, StreamView } from '../../api/api.ts';
import { STREAM_ID } from '../../api/stream-id.ts';
import { withJoins } from './detector-joins.ts';
import { FIELDS, type Field, type FieldErrors } from './field-errors.ts';
import { checkOptions, optionChanges, optionsOf, type StreamOptions } from './stream-options.ts';

/** What a person enters about a stream. */
export interface StreamForm extends StreamOptions {
  readonly source: string;
  readonly id: string;
  readonly title: string;
  /** `default` leaves the choice to the server. */
  readonly detection: 'default' | 'none' | 'some';
  /** Names of the detectors chosen, for `some`. */
  readonly detectors: readonly string[];
  readonly sync: StreamView['sync'];
}

/** A detector that can be chosen, and what hinders it. */
export interface DetectorChoice {
  readonly name: string;
  readonly trouble: Exclude<ModelView['state'] | NonNullable<DetectorView['stats']>['state'], 'ready'> | undefined;
}

/** The form for a new stream, or for one that there is. */
export function formOf(stream?: StreamView): StreamForm {
  const detectors = stream?.detectors.map(nameOf) ?? [];
  return {
    source: stream?.source.url ?? '',
    id: stream?.id ?? '',
    title: stream === undefined || stream.title === stream.id ? '' : stream.title,
    detection: stream === undefined ? 'default' : detectors.length === 0 ? 'none' : 'some',
    detectors,
    sync: stream?.sync ?? 'exact',
    ...optionsOf(stream),
  };
}

/** What can be said to be wrong without asking the server. */
export function check(form: StreamForm): FieldErrors {
  const { source, id, detection, detectors } = form;
  return {
    ...(source.trim() === '' ? { source: { key: 'dialog.sourceMissing' } } : {}),
    ...(STREAM_ID.test(id.trim()) ? {} : { id: { key: 'dialog.idWrong' } }),
    ...(detection === 'some' && detectors.length === 0 ? { detectors: { key: 'dialog.detectorsMissing' } } : {}),
    ...checkOptions(form),
  };
}

/** The names of the detectors that a form asks for; what suits the source is not known here. */
export function namesOf({ detection, detectors }: StreamForm): readonly string[] {
  return detection === 'some' ? detectors : [];
}

/**
 * The request that makes the form true: of a stream that there is, only what differs from it.
 * @param before the stream as it is; its detectors in place stay as they are while their names are chosen
 * @param catalog the detectors that can be named
 */
export function requestOf(form: StreamForm, before?: StreamView, catalog: readonly DetectorView[] = []): StreamRequest {
  const { source, id, title, detection, sync } = form;
  const name = title.trim();
  if (before === undefined) {
    return { id: id.trim(), source: source.trim(), sync, ...(name === '' ? {} : { title: name }), ...(detection === 'default' ? {} : { detectors: [...namesOf(form)] }) };
  }
  const known = new Map<string, StreamDetector>(before.detectors.map((detector) => [nameOf(detector), detector]));
  const chosen = namesOf(form).map((one) => withJoins(known.get(one) ?? one, form, catalog));
  return {
    // `null` takes a field back to its default.
    ...(name === formOf(before).title ? {} : { title: name === '' ? null : name }),
    ...(detection === 'default' ? { detectors: null } : JSON.stringify(chosen) === JSON.stringify(before.detectors) ? {} : { detectors: chosen }),
    ...(sync === before.sync ? {} : { sync }),
    ...optionChanges(form, before),
  };
}

/** The fields that a refusal is about; none where it is about something else. */
export function errorsOf({ code, errors }: Pick<Problem, 'code' | 'errors'>): FieldErrors {
  if (code === 'stream-exists') return { id: { key: 'dialog.idTaken' } };
  const found: Partial<Record<Field, { text: string }>> = {};
  for (const { path, message: text } of errors) {
    const field = fieldOf(path);
    if (field !== undefined) found[field] ??= { text };
  }
  return found;
}

/** The field that a path of a request is about: what is chosen for detectors one by one stands apart from the choice of them. */
function fieldOf(path: string): Field | undefined {
  const inner = path.replace(/^detectors\[\d+\]\.(?=(late|attach)\b)/, '').replace(/^overlay\.(names|colors)(?![\w-])/, 'looks');
  return FIELDS.find((one) => new RegExp(`^${one}(?![\\w-])`).test(inner));
}

/** What can be chosen: the detectors that there are, and what the stream has already. */
export function choicesOf(detectors: readonly DetectorView[], models: readonly ModelView[], present: readonly string[]): readonly DetectorChoice[] {
  const states = new Map(models.map(({ name, state }) => [name, state]));
  const choices = detectors.map(({ name, model, stats }) => {
    const state = stats?.state ?? states.get(model ?? name) ?? 'ready';
    return { name, trouble: state === 'ready' ? undefined : state };
  });
  const more = present.filter((name) => !choices.some((choice) => choice.name === name));
  // What works comes first.
  return [...more.map((name) => ({ name, trouble: undefined })), ...choices.toSorted((a, b) => Number(a.trouble !== undefined) - Number(b.trouble !== undefined))];
}

/** An identifier out of an address: the file's or the scene's name, in the letters that identifiers have; `taken` ones get a number. */
export function suggestId(source: string, taken: readonly string[] = []): string {
  const [path = ''] = source.trim().split(/[?#]/);
  const last = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  const id = decoded(last)
    .replace(/\.[a-z0-9]{2,5}$/i, '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  if (id === '' || !taken.includes(id)) return id;
  let number = 2;
  while (taken.includes(`${id}-${number}`)) number += 1;
  return `${id}-${number}`;
}

function nameOf(detector: StreamDetector): string {
  return typeof detector === 'string' ? detector : detector.name;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
