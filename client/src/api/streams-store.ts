import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { api, type StreamView } from './api.ts';

/** A change, as `/api/events` tells it. */
interface StreamEvent {
  readonly type: 'added' | 'changed' | 'removed';
  readonly stream: StreamView;
}

/**
 * All streams, kept up to date by server-sent events. The browser reconnects by itself; after each connection the list is read
 * anew, so that nothing is missed.
 */
export class StreamsStore implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #streams = new Map<string, StreamView>();
  #source: EventSource | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  /** `loading` before the first answer; `offline` while the server can't be reached. */
  status: 'loading' | 'ready' | 'offline' = 'loading';

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
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

  hostConnected(): void {
    this.#open();
  }

  hostDisconnected(): void {
    clearTimeout(this.#again);
    this.#source?.close();
    this.#source = undefined;
  }

  #open(): void {
    const source = new EventSource('/api/events');
    this.#source = source;
    source.onopen = () => void this.#load();
    source.addEventListener('stream', ({ data }) => this.#apply(JSON.parse(String(data)) as StreamEvent));
    source.onerror = () => {
      this.#set('offline');
      // A browser gives up on some answers, such as those of a proxy whose server is gone.
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.#open(), 2000);
    };
  }

  async #load(): Promise<void> {
    try {
      const streams = await api.streams();
      this.#streams.clear();
      for (const stream of streams) this.#streams.set(stream.id, stream);
      this.#set('ready');
    } catch {
      this.#set('offline');
      clearTimeout(this.#again);
      this.#again = setTimeout(() => void this.#load(), 2000);
    }
  }

  #apply({ type, stream }: StreamEvent): void {
    if (type === 'removed') this.#streams.delete(stream.id);
    else this.#streams.set(stream.id, stream);
    this.#host.requestUpdate();
  }

  #set(status: StreamsStore['status']): void {
    this.status = status;
    this.#host.requestUpdate();
  }
}
