import type { Response } from 'express';

/** Comments keep proxies from closing a quiet connection; in ms. */
const HEARTBEAT_MS = 15_000;

/** Unsent bytes beyond which what can be left out is left out, and beyond which the client is given up. */
const BEHIND_BYTES = 64 << 10;
const LOST_BYTES = 4 << 20;

/** One client of server-sent events (WHATWG HTML §9.2). A slow client costs a bounded amount of memory. */
export class EventStream {
  readonly #response: Response;
  readonly #heartbeat: NodeJS.Timeout;
  #dropped = 0;

  /** Sends the head of the answer. */
  constructor(response: Response) {
    this.#response = response;
    response.status(200).set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    response.flushHeaders();
    response.socket?.setNoDelay(true);
    response.write('retry: 2000\n\n');
    this.#heartbeat = setInterval(() => this.#write(': alive\n\n'), HEARTBEAT_MS);
    response.once('close', () => clearInterval(this.#heartbeat));
  }

  /** The client can't keep up: what would be sent now waits behind too much already. */
  get behind(): boolean {
    return this.#response.writableLength > BEHIND_BYTES;
  }

  /** Events that were left out because the client could not keep up. */
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

  /** Like {@link send}, unless the client is behind. Whether it was sent. */
  offer(data: string, event?: string): boolean {
    if (this.behind) {
      this.#dropped++;
      return false;
    }
    this.send(data, event);
    return true;
  }

  /** The client has caught up. */
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
