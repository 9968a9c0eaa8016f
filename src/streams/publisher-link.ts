import type { Logger } from 'pino';
import type { StreamCommand } from '../pipeline/ipc/commands.ts';
import type { BroadcastPort, TapPort } from './ports.ts';

/** What a {@link PublisherLink} is made from. */
export interface PublisherLinkInit {
  readonly broadcast: BroadcastPort;
  /** Sends a command to the current stream process. */
  readonly send: (command: StreamCommand) => void;
  readonly logger: Logger;
}

/** Connects the publisher to the stream process, whichever of the two comes or goes. */
export class PublisherLink {
  readonly #init: PublisherLinkInit;
  #port: number | undefined;
  #tap: TapPort | undefined;
  /** Counts the calls of {@link #join}: only the newest has an effect. */
  #turn = 0;

  constructor(init: PublisherLinkInit) {
    this.#init = init;
    init.broadcast.on('publisher', () => this.#refresh());
  }

  /** Sets the port on which the process receives; undefined when the process is gone. */
  listen(port: number | undefined): void {
    this.#port = port;
    this.#refresh();
  }

  requestKeyframe(): void {
    void this.#tap?.requestKeyframe();
  }

  #refresh(): void {
    this.#join().catch((error: unknown) => this.#init.logger.debug({ err: error }, 'a publisher went while it was being led to its stream'));
  }

  async #join(): Promise<void> {
    const turn = ++this.#turn;
    const { broadcast, send } = this.#init;
    this.#tap?.close();
    this.#tap = undefined;
    send({ type: 'publisher', publisher: null });
    if (this.#port === undefined) return;
    const tap = await broadcast.tap(this.#port);
    if (tap === undefined) return;
    if (turn !== this.#turn) return tap.close();
    this.#tap = tap;
    send({ type: 'publisher', publisher: tap.feed });
    await tap.resume();
  }
}
