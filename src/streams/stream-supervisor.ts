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
  /** Whether anybody needs the stream now. */
  readonly needed: () => boolean;
  /** Address of the source. */
  readonly url: () => string;
  /** What a process that has just come up shall do. */
  readonly plan: () => StreamPlan;
  /** Is told of each process' end. */
  readonly record: StreamHistory;
  readonly logger: Logger;
  readonly timing: ProcessTiming;
}

interface StreamSupervisorEvents {
  /** The state of the stream, or the problem or time that goes with it. */
  status: [StreamStatus];
  /** A process has its plan, and takes commands. */
  running: [];
  /** A process is gone. */
  over: [];
  /** What the process says beside its own state. */
  event: [Exclude<StreamEvent, { type: 'ready' | 'state' }>];
}

/**
 * The process of a stream, while the stream needs one, and the state that follows.
 *
 * One loop owns the process: it starts one while the stream is wanted, waits for its end, and decides what is next. Everything else
 * changes what is wanted and wakes the loop.
 */
export class StreamSupervisor extends EventEmitter<StreamSupervisorEvents> {
  readonly #init: StreamSupervisorInit;
  readonly #backoff: Backoff;
  readonly #wake = new Wake();
  #loop: Promise<void> | undefined;
  #status: StreamStatus = { state: 'connecting' };
  #run: StreamRun | undefined;
  /** A file has played once. */
  #ended = false;
  /** A wait before a restart is over, whatever its length. */
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

  /** Of its process, while there is one. */
  get pid(): number | undefined {
    return this.#run?.pid;
  }

  /** Whether commands reach a process. */
  get running(): boolean {
    return this.#run?.running === true;
  }

  /** Once. */
  start(): void {
    this.#status = { state: this.#wanted ? 'connecting' : 'idle' };
    this.#loop = this.#supervise();
  }

  /** Lost where no process runs: the plan of the next will hold what is to be said. */
  send(command: StreamCommand): void {
    this.#run?.send(command);
  }

  /** What is needed may have changed. */
  reconcile(): void {
    if (!this.#wanted) this.#run?.halt();
    this.#wake.signal();
  }

  /** Another process takes the place of this one, without a wait: the plan is one that only a new one can follow. */
  restart(): void {
    this.#ended = false;
    this.#hurry();
    this.#run?.halt();
  }

  /** Tries again now: skips a wait, plays an ended file once more. */
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

  /** The next process starts without a wait. */
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

  /** One process from its start to its end. */
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

  /** Waits, longer each time, before the next process. */
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
        // What the source of a process says that is being ended is of the past.
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
