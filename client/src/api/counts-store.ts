import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { CountsView } from '../../../src/streams/counts-view.ts';
import { api } from './api.ts';

/** Milliseconds between two questions. */
const INTERVAL_MS = 10_000;

/** What the zones and lines of one stream have counted over the last hour, asked for again and again while it has any. */
export class CountsStore implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #stream: string | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #counts: CountsView | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** The last answer; undefined before the first. */
  get counts(): CountsView | undefined {
    return this.#counts;
  }

  /** @param stream undefined: there is nothing to count */
  follow(stream: string | undefined): void {
    if (stream === this.#stream) return;
    this.#stream = stream;
    this.#counts = undefined;
    this.#start();
  }

  hostConnected(): void {
    this.#start();
  }

  hostDisconnected(): void {
    clearInterval(this.#timer);
  }

  #start(): void {
    clearInterval(this.#timer);
    if (this.#stream === undefined) return;
    this.#timer = setInterval(() => void this.#ask(), INTERVAL_MS);
    void this.#ask();
  }

  async #ask(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined || document.hidden) return;
    // Where there is no answer, the last one stays until the next.
    const counts = await api.counts(stream).catch(() => undefined);
    if (counts === undefined || stream !== this.#stream) return;
    this.#counts = counts;
    this.#host.requestUpdate();
  }
}
