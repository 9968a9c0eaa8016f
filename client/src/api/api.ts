import type { CountsView } from '../../../src/streams/counts-view.ts';
import type { DevicesView } from '../../../src/streams/devices.ts';
import type { StreamView } from '../../../src/streams/view.ts';
import { token } from './token.ts';

export type { DevicesView, StreamView };
/** A detector as a stream has it: by name, or in place. */
export type StreamDetector = StreamView['detectors'][number];

/** What happens while a detector has not answered. */
export type Late = NonNullable<Exclude<StreamDetector, string>['late']>;
/** Whose boxes a detector's boxes are attributes of. */
export type Attach = NonNullable<Exclude<StreamDetector, string>['attach']>;

/** A model, as far as the pages show it. */
export interface ModelView {
  readonly name: string;
  readonly title?: string;
  readonly state: 'ready' | 'not-downloaded' | 'downloading' | 'broken';
  /** What it can find. */
  readonly labels?: readonly string[];
}

/** A named detector. */
export interface DetectorView {
  readonly name: string;
  readonly model?: string;
  /** `model`: it comes with the model of its name, and can't be changed. */
  readonly origin?: 'config' | 'api' | 'model';
  /** Labels that it keeps; left out, all. */
  readonly classes?: readonly string[];
  readonly late?: Late;
  readonly attach?: Attach;
  /** Of one that runs outside of the server: how it does. */
  readonly stats?: { readonly state: 'waiting' | 'ready' | 'failed' };
}

/** What the server said no to (RFC 9457). */
export class Problem extends Error {
  /** HTTP status; 0 where the server can't be reached. */
  readonly status: number;
  /** Its kind, for programs. */
  readonly code: string | undefined;
  /** Which value was wrong, by its path in the request. */
  readonly errors: readonly { path: string; message: string }[];

  constructor(status: number, detail: string, code?: string, errors: readonly { path: string; message: string }[] = []) {
    super(detail);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

/** What is said to the server about a stream; what is left out has its default, or stays. */
export interface StreamRequest {
  readonly id?: string;
  readonly source?: string;
  readonly title?: string | null;
  readonly detectors?: readonly StreamDetector[] | null;
  readonly sync?: StreamView['sync'];
  readonly deadlineMs?: number | null;
  readonly merge?: StreamView['merge'];
  readonly mergeIou?: number | null;
  readonly overlay?: Partial<StreamView['overlay']>;
  readonly privacy?: Partial<StreamView['privacy']>;
  readonly zones?: StreamView['zones'];
  readonly lines?: StreamView['lines'];
}

/** The parts of the HTTP API that the pages use. Each call throws Problem. */
export const api = {
  streams: () => call<StreamView[]>('GET', '/api/streams'),
  models: () => call<ModelView[]>('GET', '/api/models'),
  devices: () => call<DevicesView>('GET', '/api/devices'),
  detectors: () => call<DetectorView[]>('GET', '/api/detectors'),
  addStream: (request: StreamRequest) => call<StreamView>('POST', '/api/streams', request),
  changeStream: (id: string, request: StreamRequest) => call<StreamView>('PATCH', `/api/streams/${encodeURIComponent(id)}`, request),
  /** @param changes null takes a field back to its default */
  changeDetector: (name: string, changes: { readonly late?: Late | null; readonly attach?: Attach | null }) =>
    call<DetectorView>('PATCH', `/api/detectors/${encodeURIComponent(name)}`, changes),
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
  const { detail, title, code, errors } = (answer ?? {}) as { detail?: string; title?: string; code?: string; errors?: Problem['errors'] };
  throw new Problem(response.status, detail ?? title ?? response.statusText, code, errors);
}
