import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { StreamEvent, StreamsSnapshot } from '../../../src/streams/view.ts';
import { Backoff } from '../live/backoff.ts';
import { api, Problem, type StreamView } from './api.ts';
import { token } from './token.ts';

/**
 * - `loading`: there was no answer yet
 * - `ready`: all streams are known, and their changes are told
 * - `offline`: the server can't be reached; what is known is what was so last
 * - `forbidden`: the server asks for a token, or for another one
 */
export type StoreStatus = 'loading' | 'ready' | 'offline' | 'forbidden';

/** All streams, kept up to date by server-sent events; each connection begins with all of them, so nothing is missed. */
export class StreamsStore implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #backoff = new Backoff();
  #streams = new Map<string, StreamView>();
  #source: EventSource | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #status: StoreStatus = 'loading';

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  get status(): StoreStatus {
    return this.#status;
  }

  /** In the order in which they were made. */
  get streams(): StreamView[] {
    return [...this.#streams.values()].sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
  }

  get(id: string): StreamView | undefined {
    return this.#streams.get(id);
  }

  /** Takes what an answer of the API said, before the event about it comes. */
  put(stream: StreamView): void {
    this.#streams.set(stream.id, stream);
    this.#host.requestUpdate();
  }

  /** As `put`, for a stream that was removed. */
  drop(id: string): void {
    this.#streams.delete(id);
    this.#host.requestUpdate();
  }

  /** Begins anew, with the token that there is now. */
  reopen(): void {
    this.#set('loading');
    this.#open();
  }

  hostConnected(): void {
    this.#open();
    addEventListener('online', this.#hurry);
  }

  hostDisconnected(): void {
    this.#close();
    removeEventListener('online', this.#hurry);
  }

  #open(): void {
    this.#close();
    const bearer = token();
    // No header can be sent with an EventSource (RFC 6750 §2.3).
    const source = new EventSource(bearer === undefined ? '/api/events' : `/api/events?${new URLSearchParams({ access_token: bearer }).toString()}`);
    this.#source = source;
    source.addEventListener('snapshot', ({ data }) => {
      this.#backoff.reset();
      this.#replace((JSON.parse(String(data)) as StreamsSnapshot).streams);
    });
    source.addEventListener('stream', ({ data }) => {
      const { type, stream } = JSON.parse(String(data)) as StreamEvent;
      if (type === 'removed') this.drop(stream.id);
      else this.put(stream);
    });
    source.onerror = () => void this.#failed();
  }

  /** Reconnects by itself instead of leaving it to the browser, which gives up on some answers and waits long after others. */
  async #failed(): Promise<void> {
    this.#close();
    this.#retry = setTimeout(() => this.#open(), this.#backoff.next());
    // The event source does not say why it failed; an ordinary request does, and where it does not fail, its answer will do meanwhile.
    try {
      const streams = await api.streams();
      if (this.#source?.readyState !== EventSource.OPEN) this.#replace(streams);
    } catch (error) {
      if (this.#source?.readyState === EventSource.OPEN) return;
      const forbidden = error instanceof Problem && error.status === 401;
      // Trying again with the same token makes no sense; a person gives another one.
      if (forbidden) this.#close();
      this.#set(forbidden ? 'forbidden' : 'offline');
    }
  }

  #replace(streams: readonly StreamView[]): void {
    this.#streams = new Map(streams.map((stream) => [stream.id, stream]));
    this.#set('ready');
  }

  #close(): void {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = undefined;
  }

  readonly #hurry = (): void => {
    if (this.#status === 'offline') this.#open();
  };

  #set(status: StoreStatus): void {
    this.#status = status;
    this.#host.requestUpdate();
  }
}
