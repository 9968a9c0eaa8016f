import type { StreamEvent, StreamsSnapshot, StreamView } from '../streams/view.ts';
import type { EventStream } from './event-stream.ts';

/** Least time between two `changed` events of one stream, ms. */
const CHANGE_INTERVAL_MS = 250;

/** The registry of streams, as far as its events are told. */
export interface EventfulStreams {
  list(): StreamView[];
  get(id: string): StreamView;
  /** Undefined where there is none. */
  stream(id: string): object | undefined;
  on(event: 'added' | 'changed', listener: (id: string) => void): unknown;
  on(event: 'removed', listener: (stream: StreamView) => void): unknown;
  on(event: 'scene', listener: (id: string, events: readonly object[]) => void): unknown;
}

/**
 * Sends changes of streams to every client of `/api/events`: `event: stream`, data `{ type: 'added' | 'changed' | 'removed', stream }`. The
 * first event of a connection is `event: snapshot`, data `{ streams }`, so that a client that reconnects has missed nothing. What
 * happens in zones and on lines is `event: scene`; a slow client misses some.
 */
export class EventHub {
  readonly #registry: EventfulStreams;
  /** Clients, with the streams whose changes they missed. */
  readonly #clients = new Map<EventStream, Set<string>>();
  /** Streams with a `changed` event less than an interval ago; true if there was another change since. */
  readonly #recent = new Map<string, boolean>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(registry: EventfulStreams) {
    this.#registry = registry;
    registry.on('added', (id) => this.#tell({ type: 'added', stream: registry.get(id) }));
    registry.on('changed', (id) => this.#onChanged(id));
    registry.on('scene', (_id, events) => this.#tellScene(events));
    registry.on('removed', (view) => {
      this.#settle(view.id);
      this.#tell({ type: 'removed', stream: view });
    });
  }

  get clients(): number {
    return this.#clients.size;
  }

  add(client: EventStream): void {
    const missed = new Set<string>();
    this.#clients.set(client, missed);
    client.onClose(() => this.#clients.delete(client));
    client.onDrain(() => this.#catchUp(client, missed));
    const snapshot: StreamsSnapshot = { streams: this.#registry.list() };
    client.send(JSON.stringify(snapshot), 'snapshot');
  }

  /** Ends all connections. Idempotent. */
  close(): void {
    for (const id of [...this.#timers.keys()]) this.#settle(id);
    for (const client of this.#clients.keys()) client.close();
  }

  #onChanged(id: string): void {
    if (this.#recent.has(id)) {
      this.#recent.set(id, true);
      return;
    }
    this.#recent.set(id, false);
    this.#timers.set(
      id,
      setTimeout(() => {
        const again = this.#recent.get(id) === true;
        this.#settle(id);
        if (again) this.#onChanged(id);
      }, CHANGE_INTERVAL_MS).unref(),
    );
    this.#tell({ type: 'changed', stream: this.#registry.get(id) });
  }

  #settle(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#recent.delete(id);
  }

  #tell(event: StreamEvent): void {
    if (this.#clients.size === 0) return;
    const { type, stream } = event;
    const data = JSON.stringify(event);
    for (const [client, missed] of this.#clients) {
      if (type !== 'changed') client.send(data, 'stream');
      else if (client.offer(data, 'stream')) missed.delete(stream.id);
      else missed.add(stream.id);
    }
  }

  #tellScene(events: readonly object[]): void {
    if (this.#clients.size === 0) return;
    for (const event of events) {
      const data = JSON.stringify(event);
      for (const client of this.#clients.keys()) client.offer(data, 'scene');
    }
  }

  #catchUp(client: EventStream, missed: Set<string>): void {
    for (const id of missed) {
      missed.delete(id);
      if (this.#registry.stream(id) === undefined) continue;
      const event: StreamEvent = { type: 'changed', stream: this.#registry.get(id) };
      client.send(JSON.stringify(event), 'stream');
    }
  }
}
