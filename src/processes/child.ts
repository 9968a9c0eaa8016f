import { fork, type ChildProcess, type Serializable } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { childEnvironment } from './child-environment.ts';
import { ChildLog } from './child-log.ts';
import type { Scrub } from './scrub.ts';

/** How a process exited. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started. */
  readonly error?: Error;
}

/** What a {@link Child} is made from. */
export interface ChildInit {
  /** Path of its main module. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** A command with arguments that executes Node. */
  readonly launcher?: readonly string[];
  /** Environment variables in addition to those of every child process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly logger: Logger;
  readonly scrub: Scrub;
  /** Milliseconds that it gets to exit when asked, and again after SIGTERM. */
  readonly graceMs?: number;
  readonly termMs?: number;
}

interface ChildEvents {
  /** A message from its IPC channel, not validated. */
  message: [unknown];
  exit: [Exit];
}

/** A child process with an IPC channel: started by the constructor, with a guaranteed end. */
export class Child extends EventEmitter<ChildEvents> {
  /** Settles when the process has exited; never rejects. */
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #log: ChildLog;
  readonly #graceMs: number;
  readonly #termMs: number;
  #gone = false;

  constructor({ entry, args = [], nodeArgs = [], launcher = [], env = {}, logger, scrub, graceMs = 2000, termMs = 1000 }: ChildInit) {
    super();
    this.#graceMs = graceMs;
    this.#termMs = termMs;
    const [execPath, ...execArgv] = [...launcher, process.execPath, ...nodeArgs];
    this.#process = fork(entry, args, {
      execPath: execPath!,
      execArgv,
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...childEnvironment(process.env), ...env, FRAMELOCK_LOG_LEVEL: logger.level },
    });
    this.#log = new ChildLog(logger, scrub);
    if (this.#process.stdout) this.#log.follow(this.#process.stdout, 'info');
    if (this.#process.stderr) this.#log.follow(this.#process.stderr, 'warn');
    this.#process.on('message', (message) => this.emit('message', message));
    this.exited = new Promise((resolve) => {
      const end = (exit: Exit): void => {
        if (this.#gone) return;
        this.#gone = true;
        this.#release();
        resolve(exit);
        this.emit('exit', exit);
      };
      this.#process.once('exit', (code, signal) => end({ code, signal }));
      this.#process.on('error', (error) => {
        // The event is also emitted for messages that could not be sent to an exiting process.
        if (this.#process.pid === undefined) end({ code: null, signal: null, error });
        else logger.debug({ err: error }, 'the channel to a process failed');
      });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** From now on, what it writes goes there. */
  logTo(logger: Logger, scrub: Scrub): void {
    this.#log.goTo(logger, scrub);
  }

  /**
   * Sends a message, if the process is still connected.
   * @param socket shared with the process: the caller closes its end when the process has confirmed the connection, or has exited.
   *   (If Node were to close it, it would not do so when the process is killed meanwhile, and the peer would wait forever.)
   */
  send(message: Serializable, socket?: Socket): void {
    if (this.#gone || !this.#process.connected) return;
    // Node keeps count of the connections that a server has handed over; after a crash of their process, that server would never close.
    if (socket !== undefined) Object.assign(socket, { server: undefined });
    // An error here means that the process is exiting, which `exited` reports.
    this.#process.send(message, socket, { keepOpen: true }, () => undefined);
  }

  /** Stops it: by a message, then SIGTERM, then SIGKILL. Settles when it has exited; may be called again. */
  async stop(message: Serializable): Promise<Exit> {
    if (this.#gone) return this.exited;
    this.send(message);
    const term = setTimeout(() => this.#process.kill('SIGTERM'), this.#graceMs);
    const kill = setTimeout(() => this.kill(), this.#graceMs + this.#termMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(term);
      clearTimeout(kill);
    }
  }

  /** Kills it. */
  kill(): void {
    if (!this.#gone) this.#process.kill('SIGKILL');
  }

  /** Closes the channel and the pipes, even if another process holds their other ends. */
  #release(): void {
    if (this.#process.connected) this.#process.disconnect();
    const pipes = [this.#process.stdout, this.#process.stderr];
    const timer = setTimeout(() => pipes.forEach((pipe) => pipe?.destroy()), 1000);
    timer.unref();
    this.#process.once('close', () => clearTimeout(timer));
  }
}
