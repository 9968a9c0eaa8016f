import type { Response } from 'express';

/** Interval of comments that keep proxies from closing a quiet connection, in ms. */
const HEARTBEAT_MS = 15_000;

/** Unsent bytes beyond which optional events are dropped, and beyond which the client is disconnected. */
const BEHIND_BYTES = 64 << 10;
const LOST_BYTES = 4 << 20;

/** One client of server-sent events (WHATWG HTML §9.2). A slow client uses a bounded amount of memory. */
export class EventStream {
  readonly #response: Response;
  readonly #heartbeat: NodeJS.Timeout;
  #dropped = 0;

  /** Sends the headers. */
  constructor(response: Response) {
    this.#response = response;
    response.status(200).set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    response.flushHeaders();
    response.socket?.setNoDelay(true);
    response.write('retry: 2000\n\n');
    this.#heartbeat = setInterval(() => this.#write(': alive\n\n'), HEARTBEAT_MS);
    response.once('close', () => clearInterval(this.#heartbeat));
  }

  /** Whether the client can't keep up: too much is unsent. */
  get behind(): boolean {
    return this.#response.writableLength > BEHIND_BYTES;
  }

  /** Events dropped because the client could not keep up. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * @param data JSON on one line
   * @param event name; left out, `message`
   */
  send(data: string, event?: string): void {
    this.#write(event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`);
  }

  /** Like {@link send}, unless the client is behind. @returns whether it was sent */
  offer(data: string, event?: string): boolean {
    if (this.behind) {
      this.#dropped++;
      return false;
    }
    this.send(data, event);
    return true;
  }

  /** Calls back when the client has caught up. */
  onDrain(listener: () => void): void {
    this.#response.on('drain', listener);
  }

  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }

  /** Idempotent. */
  close(): void {
    this.#response.end();
  }

  #write(text: string): void {
    if (this.#response.writableEnded) return;
    if (this.#response.writableLength > LOST_BYTES) this.#response.destroy();
    else this.#response.write(text);
  }
}
