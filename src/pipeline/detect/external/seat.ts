import type { Job, StreamPort } from './ports.ts';
import type { SeenObject } from './wire.ts';
import type { Worker } from './worker.ts';

interface SeatPorts {
  done(job: Job, seen: readonly SeenObject[], workMs: number): void;
  failed(job: Job, reason: string): void;
  /** There may be room for another frame. */
  settled(): void;
}

/** One worker in its pool: how many frames it has, and those few that came late and wait for it. */
export class Seat {
  readonly worker: Worker;
  readonly #ports: SeatPorts;
  #waiting: Job[] = [];
  #busy = 0;
  #dueAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(worker: Worker, ports: SeatPorts) {
    this.worker = worker;
    this.#ports = ports;
  }

  /** Frames that it can take beside those it has. */
  get room(): number {
    return this.#closed ? 0 : this.worker.credits - this.#busy - this.#waiting.length;
  }

  /**
   * Whether its rate allows another frame; if so, that one is counted.
   * @param later called when it does
   */
  due(later: () => void): boolean {
    const { fps } = this.worker;
    if (fps === undefined) return true;
    const [now, interval] = [performance.now(), 1000 / fps];
    if (now < this.#dueAt) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(later, this.#dueAt - now);
      return false;
    }
    // Counted from when it was due: else the rate falls to the next divisor of the source's.
    this.#dueAt = (now - this.#dueAt < interval ? this.#dueAt : now) + interval;
    return true;
  }

  /** A frame that was asked for so long ago that another took its place waits until the worker is free. */
  take(job: Job): void {
    if (this.#busy < this.worker.credits) void this.#look(job);
    else this.#waiting.push(job);
  }

  /** The stream is gone. */
  forget(port: StreamPort): void {
    this.#waiting = this.#waiting.filter((job) => job.port !== port);
  }

  /** @returns the frames that the worker has not been given */
  close(): Job[] {
    this.#closed = true;
    clearTimeout(this.#timer);
    return this.#waiting.splice(0);
  }

  async #look(job: Job): Promise<void> {
    this.#busy += 1;
    const startedAt = performance.now();
    try {
      const seen = await this.worker.look(job.frame);
      this.#ports.done(job, seen, performance.now() - startedAt);
    } catch (error) {
      this.#ports.failed(job, error instanceof Error ? error.message : String(error));
    }
    this.#busy -= 1;
    const next = this.#waiting.shift();
    if (next !== undefined) void this.#look(next);
    this.#ports.settled();
  }
}
