import type { types } from 'mediasoup-client';
import type { ServerMessage } from '../../../src/signaling/protocol.ts';
import { RequestRefused, type Request } from './signaling-socket.ts';

export interface WatchedSoundInit {
  /** As the server names it. */
  readonly watch: string;
  readonly stream: string;
  readonly transport: types.Transport;
  /** @throws RequestRefused by the server; Error where there is no answer */
  ask(message: Request): Promise<ServerMessage>;
  /** What is to be heard; undefined: nothing any more. */
  track(track: MediaStreamTrack | undefined): void;
}

/** The sound of one watch, received while it is wanted and there is some: off ⇄ on. It ends with its transport. */
export class WatchedSound {
  readonly #init: WatchedSoundInit;
  #wanted = false;
  #there = false;
  #consumer: types.Consumer | undefined;
  #working = false;
  #closed = false;

  constructor(init: WatchedSoundInit) {
    this.#init = init;
  }

  /** Whether somebody listens. */
  set wanted(wanted: boolean) {
    this.#wanted = wanted;
    void this.#settle();
  }

  /** Whether the stream has sound. */
  set there(there: boolean) {
    this.#there = there;
    void this.#settle();
  }

  /** The server says that what was heard has ended. */
  ended(): void {
    this.#drop();
    void this.#settle();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#drop();
  }

  async #settle(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    // What failed is asked for again when something changes: a refusal holds for what there is now.
    for (let going = true; going && !this.#closed; ) {
      const listen = this.#wanted && this.#there;
      if (listen === (this.#consumer !== undefined)) break;
      going = listen ? await this.#begin() : await this.#end();
    }
    this.#working = false;
  }

  async #begin(): Promise<boolean> {
    const { ask, watch, stream, transport, track } = this.#init;
    try {
      const answer = await ask({ type: 'listen', watch });
      if (answer.type !== 'listening' || this.#closed) return false;
      const { consumer } = answer;
      this.#consumer = await transport.consume({ ...consumer, rtpParameters: consumer.rtpParameters as types.RtpParameters, streamId: stream });
      track(this.#consumer.track);
      return true;
    } catch (error) {
      if (error instanceof RequestRefused && error.code === 'no-audio') this.#there = false;
      return false;
    }
  }

  async #end(): Promise<boolean> {
    const { ask, watch } = this.#init;
    this.#drop();
    // Without an answer the watch as a whole is in doubt, which others see to.
    await ask({ type: 'unlisten', watch }).catch(() => undefined);
    return true;
  }

  #drop(): void {
    if (this.#consumer === undefined) return;
    this.#consumer.close();
    this.#consumer = undefined;
    this.#init.track(undefined);
  }
}
