import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { StreamCommand } from '../pipeline/ipc/commands.ts';
import type { StreamEvent } from '../pipeline/ipc/events.ts';
import type { StreamPlan } from '../pipeline/ipc/plan.ts';
import type { SourceState } from '../pipeline/media/info.ts';
import type { Exit } from '../processes/child.ts';
import { Heartbeat } from '../processes/heartbeat.ts';
import { scrubberFor } from '../processes/scrub.ts';
import { StreamProcess, type StreamProgram } from './stream-process.ts';
import type { ProcessTiming } from '../processes/timing.ts';

/** How one run of a stream's process ended. */
export interface RunEnd {
  readonly exit: Exit;
  /** It was ended because that was wanted. */
  readonly onPurpose: boolean;
  /** It was killed because it gave no sign of life. */
  readonly hung: boolean;
  /** It had been live, without a break, for long enough to count as mended. */
  readonly healthy: boolean;
}

/** What a {@link StreamRun} is made from. */
export interface StreamRunInit {
  readonly program: StreamProgram;
  /** Address of the source: what of it is secret stays out of the log. */
  readonly url: string;
  readonly logger: Logger;
  readonly timing: ProcessTiming;
}

interface StreamRunEvents {
  event: [StreamEvent];
}

/** One process of a stream from its start to its end, and the watch over it. */
export class StreamRun extends EventEmitter<StreamRunEvents> {
  /** Settled when the process is gone; never rejects. */
  readonly end: Promise<RunEnd>;
  readonly #process: StreamProcess;
  readonly #timing: ProcessTiming;
  readonly #heartbeat: Heartbeat;
  /** It has its plan and takes commands. */
  #running = false;
  #halting = false;
  #hung = false;
  /** What its source last said; undefined before the first word. */
  #state: SourceState | undefined;
  #liveSince: number | undefined;
  /** Nominal time from one frame to the next, ms. */
  #frameMs = 0;

  constructor({ program, url, logger, timing }: StreamRunInit) {
    super();
    this.#timing = timing;
    this.#process = new StreamProcess({ program, url, logger, scrub: scrubberFor(url) });
    this.#heartbeat = new Heartbeat(timing.tickMs, Math.ceil(timing.startLimitMs / timing.tickMs), () => {
      this.#hung = true;
      this.#process.kill();
    });
    this.#process.on('event', (event) => this.#receive(event));
    this.end = this.#process.exited.then((exit) => this.#finish(exit));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Whether commands reach it. */
  get running(): boolean {
    return this.#running && !this.#halting;
  }

  /** It is being ended on purpose. */
  get halting(): boolean {
    return this.#halting;
  }

  /** Gives it its plan; once, after its `ready`. */
  begin(plan: StreamPlan): void {
    this.#running = true;
    this.#watch();
    this.send({ type: 'start', plan });
  }

  /** Dropped where the process has no plan yet: the plan will hold what is to be said. */
  send(command: StreamCommand): void {
    if (this.running) this.#process.send(command);
  }

  /** Ends it within 3 s; `end` tells when. Idempotent. */
  halt(): void {
    if (this.#halting) return;
    this.#halting = true;
    void this.#process.stop();
  }

  #receive(event: StreamEvent): void {
    switch (event.type) {
      case 'state':
        this.#state = event.state;
        this.#liveSince = event.state === 'live' ? (this.#liveSince ?? performance.now()) : undefined;
        this.#watch();
        break;
      case 'video':
        this.#frameMs = 1000 / event.video.fps;
        this.#watch();
        break;
      case 'progress':
        this.#heartbeat.beat();
        break;
      case 'stats':
        // While frames are due, only frames are a sign of life: a process whose pipeline hangs may still report.
        if (this.#state !== 'live') this.#heartbeat.beat();
        break;
      case 'ready':
      case 'annotation':
      case 'audio':
      case 'native':
      case 'truth':
      case 'scene':
      case 'publisher-port':
      case 'keyframe-request':
        break;
    }
    this.emit('event', event);
  }

  /** From now on so much silence is too much; slow sources get the time of several frames. */
  #watch(): void {
    if (!this.#running) return;
    const frames = this.#state === 'live' ? 5 * this.#frameMs : 0;
    this.#heartbeat.expect(Math.ceil(Math.max(this.#timing.silenceMs, frames) / this.#timing.tickMs));
  }

  #finish(exit: Exit): RunEnd {
    this.#heartbeat.stop();
    this.#running = false;
    const healthy = this.#liveSince !== undefined && performance.now() - this.#liveSince >= this.#timing.healthyMs;
    return { exit, onPurpose: this.#halting, hung: this.#hung, healthy };
  }
}
