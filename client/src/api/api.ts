import type { DetectorChanges, StreamChanges, StreamDefinition } from '../../../src/config/stream-definition.ts';
import type { CatalogEntry } from '../../../src/detectors/catalog-entry.ts';
import type { ProblemDocument } from '../../../src/http/problem.ts';
import type { ShelfModel } from '../../../src/models/shelf-model.ts';
import type { CountsView } from '../../../src/streams/counts-view.ts';
import type { DevicesView } from '../../../src/streams/devices.ts';
import type { StreamView } from '../../../src/streams/view.ts';
import { token } from './token.ts';

export type { DevicesView, StreamView };
export type { CatalogEntry as DetectorView, ShelfModel as ModelView };
/** A detector as a stream has it: by name, or in place. */
export type StreamDetector = StreamView['detectors'][number];

/** What happens while a detector has not answered. */
export type Late = NonNullable<Exclude<StreamDetector, string>['late']>;
/** Whose boxes a detector's boxes are attributes of. */
export type Attach = NonNullable<Exclude<StreamDetector, string>['attach']>;

/** What the server said no to (RFC 9457). */
export class Problem extends Error {
  /** HTTP status; 0 where the server can't be reached. */
  readonly status: number;
  /** Its kind, for programs. */
  readonly code: string | undefined;
  /** Which value was wrong, by its path in the request. */
  readonly errors: NonNullable<ProblemDocument['errors']>;

  constructor(status: number, detail: string, code?: string, errors: NonNullable<ProblemDocument['errors']> = []) {
    super(detail);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

/** What is said to the server about a stream, new or not; what is left out has its default, or stays. */
export type StreamRequest = StreamChanges & Partial<Pick<StreamDefinition, 'id'>>;

/** The parts of the HTTP API that the pages use. Each call throws Problem. */
export const api = {
  streams: () => call<StreamView[]>('GET', '/api/streams'),
  models: () => call<ShelfModel[]>('GET', '/api/models'),
  devices: () => call<DevicesView>('GET', '/api/devices'),
  detectors: () => call<CatalogEntry[]>('GET', '/api/detectors'),
  addStream: (request: StreamRequest) => call<StreamView>('POST', '/api/streams', request),
  changeStream: (id: string, request: StreamRequest) => call<StreamView>('PATCH', `/api/streams/${encodeURIComponent(id)}`, request),
  /** @param changes null takes a field back to its default */
  changeDetector: (name: string, changes: DetectorChanges) =>
    call<CatalogEntry>('PATCH', `/api/detectors/${encodeURIComponent(name)}`, changes),
  removeStream: (id: string) => call<undefined>('DELETE', `/api/streams/${encodeURIComponent(id)}`),
  /** Of the last hour, by the minute. */
  counts: (id: string) => call<CountsView>('GET', `/api/streams/${encodeURIComponent(id)}/counts`),
  retryStream: (id: string) => call<StreamView>('POST', `/api/streams/${encodeURIComponent(id)}/retry`, {}),
};

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const bearer = token();
  const response = await fetch(path, {
    method,
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }) },
    body: body === undefined ? null : JSON.stringify(body),
  }).catch((error: unknown) => {
    throw new Problem(0, error instanceof Error ? error.message : String(error));
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as T;
  const { detail, title, code, errors } = (answer ?? {}) as Partial<ProblemDocument>;
  throw new Problem(response.status, detail ?? title ?? response.statusText, code, errors);
}
