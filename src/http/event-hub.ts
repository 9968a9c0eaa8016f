import type { StreamRegistry } from '../streams/registry.ts';
import type { StreamView } from '../streams/view.ts';
import type { EventStream } from './event-stream.ts';

/** Least time between two `changed` events of one stream, ms. */
const CHANGE_INTERVAL_MS = 250;

/**
 * Sends changes of streams to every client of `/api/events`: `event: stream`, data `{ type: 'added' | 'changed' | 'removed', stream }`. The
 * first event of a connection is `event: snapshot`, data `{ streams }`, so that a client that reconnects has missed nothing. What
 * happens in zones and on lines is `event: scene`; a slow client misses some.
 */
export class EventHub {
  readonly #registry: StreamRegistry;
  /** Clients, with the streams whose changes they missed. */
  readonly #clients = new Map<EventStream, Set<string>>();
  /** Streams with a `changed` event less than an interval ago; true if there was another change since. */
  readonly #recent = new Map<string, boolean>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(registry: StreamRegistry) {
    this.#registry = registry;
    registry.on('added', (id) => this.#tell('added', registry.get(id)));
    registry.on('changed', (id) => this.#onChanged(id));
    registry.on('scene', (_id, events) => this.#tellScene(events));
    registry.on('removed', (view) => {
      this.#settle(view.id);
      this.#tell('removed', view);
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
    client.send(JSON.stringify({ streams: this.#registry.list() }), 'snapshot');
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
    this.#tell('changed', this.#registry.get(id));
  }

  #settle(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#recent.delete(id);
  }

  #tell(type: 'added' | 'changed' | 'removed', stream: StreamView): void {
    if (this.#clients.size === 0) return;
    const data = JSON.stringify({ type, stream });
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
      const stream = this.#registry.stream(id) === undefined ? undefined : this.#registry.get(id);
      missed.delete(id);
      if (stream !== undefined) client.send(JSON.stringify({ type: 'changed', stream }), 'stream');
    }
  }
}
