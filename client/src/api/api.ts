import type { StreamView } from '../../../src/streams/view.ts';

export type { StreamView };

/** A model, as far as the pages show it. */
export interface ModelView {
  readonly name: string;
  readonly title?: string;
  readonly state: string;
}

/** A named detector. */
export interface DetectorView {
  readonly name: string;
  readonly model?: string;
}

/** What the server said no to (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  /** Which value was wrong, by its path in the request. */
  readonly errors: readonly { path: string; message: string }[];

  constructor(status: number, detail: string, errors: readonly { path: string; message: string }[] = []) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }
}

/** What a person enters about a stream. */
export interface StreamForm {
  id?: string;
  source?: string;
  title?: string;
  detectors?: readonly (string | { name: string; model: string })[];
  sync?: string;
}

export const api = {
  streams: () => call<StreamView[] | { streams: StreamView[] }>('GET', '/api/streams').then((answer) => (Array.isArray(answer) ? answer : answer.streams)),
  models: () => call<ModelView[] | { models: ModelView[] }>('GET', '/api/models').then((answer) => (Array.isArray(answer) ? answer : answer.models)),
  detectors: () => call<DetectorView[] | { detectors: DetectorView[] }>('GET', '/api/detectors').then((answer) => (Array.isArray(answer) ? answer : answer.detectors)),
  addStream: (form: StreamForm) => call<StreamView>('POST', '/api/streams', form),
  changeStream: (id: string, form: StreamForm) => call<StreamView>('PATCH', `/api/streams/${encodeURIComponent(id)}`, form),
  removeStream: (id: string) => call<undefined>('DELETE', `/api/streams/${encodeURIComponent(id)}`),
  retryStream: (id: string) => call<StreamView>('POST', `/api/streams/${encodeURIComponent(id)}/retry`, {}),
};

/** @throws Problem, with status 0 where the server can't be reached */
async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method,
    ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new Problem(0, error instanceof Error ? error.message : String(error));
  });
  const text = await response.text();
  const answer: unknown = text === '' ? undefined : parsed(text);
  if (response.ok) return answer as T;
  const { detail, title, errors } = (answer ?? {}) as { detail?: string; title?: string; errors?: Problem['errors'] };
  throw new Problem(response.status, detail ?? title ?? response.statusText, errors);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
