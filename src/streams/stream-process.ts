import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { StreamCommand } from '../pipeline/ipc/commands.ts';
import { StreamEvent } from '../pipeline/ipc/events.ts';
import { Child, type Exit } from '../processes/child.ts';
import type { Scrub } from '../processes/scrub.ts';
import type { SpareProcess } from './spare-process.ts';

/** The program that runs one source. */
export const STREAM_PROCESS = fileURLToPath(new URL('../pipeline/stream-process.ts', import.meta.url));

/** How to run a stream process. */
export interface StreamProgram {
  /** Path of its main module. */
  readonly entry: string;
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** Returns a command with arguments that confines the program and executes it, for a source of this address. */
  readonly launcher: (url: string) => readonly string[];
  /** Environment variables in addition to those of every child process. */
  readonly env?: Readonly<Record<string, string>>;
  /** One that is started already; left out, none is. */
  readonly spare?: SpareProcess | undefined;
}

/** What a {@link StreamProcess} is made from. */
export interface StreamProcessInit {
  readonly program: StreamProgram;
  /** Address of the source. */
  readonly url: string;
  readonly logger: Logger;
  readonly scrub: Scrub;
}

interface StreamProcessEvents {
  /** A validated message. */
  event: [StreamEvent];
}

/** The control side of one stream process: typed, validated messages in both directions, and a guaranteed end. */
export class StreamProcess extends EventEmitter<StreamProcessEvents> {
  readonly #child: Child;
  readonly #logger: Logger;
  #refused = 0;
  #reportedAt = 0;

  constructor({ program, url, logger, scrub }: StreamProcessInit) {
    super();
    this.#logger = logger;
    const { entry, nodeArgs = [], launcher, env = {}, spare } = program;
    const command = launcher(url);
    this.#child = spare?.take(command, logger, scrub) ?? new Child({ entry, nodeArgs, launcher: command, env, logger, scrub });
    this.#child.on('message', (message) => this.#receive(message));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Settles when the process has exited; never rejects. */
  get exited(): Promise<Exit> {
    return this.#child.exited;
  }

  /** Number of invalid messages so far. */
  get refused(): number {
    return this.#refused;
  }

  send(command: StreamCommand): void {
    this.#child.send(command);
  }

  /** Stops it within 3 s, whatever its state. */
  stop(): Promise<Exit> {
    return this.#child.stop({ type: 'stop' } satisfies StreamCommand);
  }

  /** Kills it. */
  kill(): void {
    this.#child.kill();
  }

  #receive(message: unknown): void {
    const parsed = StreamEvent.safeParse(message);
    if (parsed.success) {
      this.emit('event', parsed.data);
      return;
    }
    this.#refused++;
    const at = performance.now();
    if (at - this.#reportedAt < 1000 && this.#refused > 1) return;
    this.#reportedAt = at;
    this.#logger.warn({ refused: this.#refused, reason: parsed.error.issues[0]?.message }, 'the stream process sent an invalid message');
  }
}
