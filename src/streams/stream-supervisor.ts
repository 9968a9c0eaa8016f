import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { Backoff } from '../util/backoff.ts';
import type { StreamCommand } from '../pipeline/ipc/commands.ts';
import type { StreamEvent } from '../pipeline/ipc/events.ts';
import type { StreamPlan } from '../pipeline/ipc/plan.ts';
import type { Exit } from '../processes/child.ts';
import type { StreamProgram } from './stream-process.ts';
import type { StreamHistory } from './stream-history.ts';
import { StreamRun, type RunEnd } from './stream-run.ts';
import type { StreamStatus } from './stream-state.ts';
import type { ProcessTiming } from '../processes/timing.ts';
import { Wake } from '../util/wake.ts';

/** What a {@link StreamSupervisor} is made from. */
export interface StreamSupervisorInit {
  readonly program: StreamProgram;
  /** Whether the stream is needed now. */
  readonly needed: () => boolean;
  /** Address of the source. */
  readonly url: () => string;
  /** The plan for a process that has just started. */
  readonly plan: () => StreamPlan;
  /** Records the end of each process. */
  readonly record: StreamHistory;
  readonly logger: Logger;
  readonly timing: ProcessTiming;
}

interface StreamSupervisorEvents {
  /** The state of the stream, or the problem or time that goes with it. */
  status: [StreamStatus];
  /** A process has its plan and accepts commands. */
  running: [];
  /** A process has exited. */
  over: [];
  /** Events of the process other than its state. */
  event: [Exclude<StreamEvent, { type: 'ready' | 'state' }>];
}

/**
 * Runs the process of a stream while it is needed, and derives the stream's state.
 *
 * One loop owns the process: it starts it while the stream is needed, waits for its exit, and decides what comes next. Everything else
 * changes what is needed and wakes the loop.
 */
export class StreamSupervisor extends EventEmitter<StreamSupervisorEvents> {
  readonly #init: StreamSupervisorInit;
  readonly #backoff: Backoff;
  readonly #wake = new Wake();
  #loop: Promise<void> | undefined;
  #status: StreamStatus = { state: 'connecting' };
  #run: StreamRun | undefined;
  /** The source is a file that has played once. */
  #ended = false;
  /** Skips the current wait before a restart. */
  #impatient = false;
  #closed = false;

  constructor(init: StreamSupervisorInit) {
    super();
    this.#init = init;
    this.#backoff = new Backoff({ first: init.timing.backoffFirstMs, most: init.timing.backoffMostMs });
  }

  get status(): StreamStatus {
    return this.#status;
  }

  /** Process id; undefined without a process. */
  get pid(): number | undefined {
    return this.#run?.pid;
  }

  /** Whether a process accepts commands. */
  get running(): boolean {
    return this.#run?.running === true;
  }

  /** Called once. */
  start(): void {
    this.#status = { state: this.#wanted ? 'connecting' : 'idle' };
    this.#loop = this.#supervise();
  }

  /** Sends a command. Without a process it is dropped: the next plan contains its effect. */
  send(command: StreamCommand): void {
    this.#run?.send(command);
  }

  /** Looks again at what is needed. */
  reconcile(): void {
    if (!this.#wanted) this.#run?.halt();
    this.#wake.signal();
  }

  /** Replaces the process at once, for a plan that the running one can't change to. */
  restart(): void {
    this.#ended = false;
    this.#hurry();
    this.#run?.halt();
  }

  /** Retries now: skips a wait, or plays an ended file again. */
  retry(): void {
    this.#ended = false;
    this.#run?.send({ type: 'retry' });
    this.#hurry();
  }

  /** Ends the process, within 3 s. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.reconcile();
    await this.#loop;
  }

  get #wanted(): boolean {
    return !this.#closed && !this.#ended && this.#init.needed();
  }

  /** Makes the next process start at once. */
  #hurry(): void {
    this.#backoff.reset();
    this.#impatient = true;
    this.#wake.signal();
  }

  async #supervise(): Promise<void> {
    while (!this.#closed) {
      if (this.#wanted) {
        const end = await this.#runOnce();
        if (!end.onPurpose) await this.#recover(end);
      } else {
        this.#enter({ state: this.#ended ? 'stopped' : 'idle' });
        await this.#wake.wait();
      }
    }
    this.#enter({ state: 'stopped' });
  }

  /** Runs one process from its start to its exit. */
  async #runOnce(): Promise<RunEnd> {
    const { program, url, record, logger, timing } = this.#init;
    this.#enter({ state: 'connecting' });
    let run: StreamRun;
    try {
      run = new StreamRun({ program, url: url(), logger, timing });
    } catch (error) {
      record.endRun(true);
      return { exit: { code: null, signal: null, error: error as Error }, onPurpose: false, hung: false, healthy: false };
    }
    this.#run = run;
    run.on('event', (event) => this.#onEvent(run, event));
    const end = await run.end;
    this.#run = undefined;
    record.endRun(!end.onPurpose);
    this.emit('over');
    return end;
  }

  /** Waits before the next process, with back-off. */
  async #recover({ exit, hung, healthy }: RunEnd): Promise<void> {
    if (this.#closed) return;
    const { logger, record } = this.#init;
    this.#impatient = false;
    if (healthy) this.#backoff.reset();
    const waitMs = this.#backoff.next();
    const problem = hung
      ? { code: 'process-hung', message: 'The process of this stream gave no sign of life; it was ended and is started again.' }
      : { code: 'process-exited', message: `The process of this stream ended by itself (${how(exit)}) and is started again.` };
    logger.error({ err: exit.error, code: exit.code, signal: exit.signal, waitMs, restarts: record.restarts }, problem.message);
    this.#enter({ state: 'retrying', problem, retryAt: Date.now() + waitMs });
    const until = performance.now() + waitMs;
    for (let left = waitMs; left > 0 && this.#wanted && !this.#impatient; left = until - performance.now()) {
      await this.#wake.wait(left);
    }
  }

  #onEvent(run: StreamRun, event: StreamEvent): void {
    if (this.#run !== run) return;
    switch (event.type) {
      case 'ready':
        if (run.running) break;
        run.begin(this.#init.plan());
        this.emit('running');
        break;
      case 'state': {
        // The state of a process that is being stopped is outdated.
        if (run.halting) break;
        const { type: _type, state, ...why } = event;
        if (state === 'ended') {
          this.#ended = true;
          this.reconcile();
        } else {
          this.#enter({ state, ...why });
        }
        break;
      }
      default:
        this.emit('event', event);
    }
  }

  #enter(status: StreamStatus): void {
    const old = this.#status;
    if (JSON.stringify(status) === JSON.stringify(old)) return;
    this.#status = status;
    if (status.state !== old.state) this.#init.logger.info({ state: status.state, problem: status.problem }, `stream is ${status.state}`);
    this.emit('status', status);
  }
}

function how({ code, signal, error }: Exit): string {
  if (error !== undefined) return 'it could not be started';
  return signal ?? `code ${code}`;
}
