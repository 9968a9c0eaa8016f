import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { StreamCommand } from '../pipeline/ipc/commands.ts';
import { StreamEvent } from '../pipeline/ipc/events.ts';
import { Child, type Exit } from '../processes/child.ts';
import type { Scrub } from '../processes/scrub.ts';

/** The program that runs one source. */
export const STREAM_PROCESS = fileURLToPath(new URL('../pipeline/stream-process.ts', import.meta.url));

/** What runs in a stream process. */
export interface StreamProgram {
  /** Path of its main module. */
  readonly entry: string;
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** A command, with its arguments, that runs it in its own place, for a source of this address. */
  readonly launcher: (url: string) => readonly string[];
  /** Variables beside those that every process of ours has. */
  readonly env?: Readonly<Record<string, string>>;
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
  /** A message that has been checked. */
  event: [StreamEvent];
}

/** The control side of one stream process: typed, checked messages in both directions, and an end that is certain. */
export class StreamProcess extends EventEmitter<StreamProcessEvents> {
  readonly #child: Child;
  readonly #logger: Logger;
  #refused = 0;
  #reportedAt = 0;

  constructor({ program, url, logger, scrub }: StreamProcessInit) {
    super();
    this.#logger = logger;
    const { entry, nodeArgs = [], launcher, env = {} } = program;
    this.#child = new Child({ entry, nodeArgs, launcher: launcher(url), env, logger, scrub });
    this.#child.on('message', (message) => this.#receive(message));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Settled when the process is gone; never rejects. */
  get exited(): Promise<Exit> {
    return this.#child.exited;
  }

  /** Messages so far that were none of the protocol. */
  get refused(): number {
    return this.#refused;
  }

  send(command: StreamCommand): void {
    this.#child.send(command);
  }

  /** Ends it within 3 s, whatever state it is in. */
  stop(): Promise<Exit> {
    return this.#child.stop({ type: 'stop' } satisfies StreamCommand);
  }

  /** Ends it without asking. */
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
    this.#logger.warn({ refused: this.#refused, reason: parsed.error.issues[0]?.message }, 'the stream process sent what is no message');
  }
}
