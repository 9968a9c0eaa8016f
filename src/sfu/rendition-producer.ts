import { EventEmitter } from 'node:events';
import type { RtpTarget } from '../pipeline/rtp/target.ts';
import type { VideoCodec } from '../pipeline/media/video-codec.ts';
import { SfuError } from './errors.ts';
import { Ingest } from './ingest.ts';
import type { MediaWorker } from './media-worker.ts';

interface RenditionProducerEvents {
  /** It is needed: send it there. Comes again, with another target, when its worker was replaced. */
  start: [target: RtpTarget];
  /** Nobody needs it any more. */
  stop: [];
}

/**
 * One rendition of a stream, or its sound, and those who need it: idle → open with the first user → lingering without users → idle.
 */
export class RenditionProducer extends EventEmitter<RenditionProducerEvents> {
  readonly #home: MediaWorker;
  readonly #lingerMs: number;
  readonly #codec: VideoCodec | 'opus';
  #users = 0;
  #lingering: NodeJS.Timeout | undefined;
  #ingest: Promise<Ingest> | undefined;
  #closed = false;

  constructor(home: MediaWorker, lingerMs: number, codec: VideoCodec | 'opus') {
    super();
    this.#home = home;
    this.#lingerMs = lingerMs;
    this.#codec = codec;
  }

  /**
   * Counts a user in.
   * @returns counts it out; idempotent
   * @throws SfuError `closed`
   */
  use(): () => void {
    if (this.#closed) throw new SfuError('closed', 'The stream is gone.');
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
    this.#users += 1;
    let used = true;
    return () => {
      if (!used) return;
      used = false;
      this.#users -= 1;
      if (this.#users === 0 && !this.#closed) this.#linger();
    };
  }

  /**
   * Where it comes in; made where it isn't there. Only for users.
   * @throws SfuError `unavailable` while there is no worker; Error when the worker dies meanwhile
   */
  ingest(): Promise<Ingest> {
    const ingest = this.#ingest ?? this.#home.base().then((slot) => Ingest.create(slot, this.#codec));
    if (this.#ingest === undefined) {
      this.#ingest = ingest;
      ingest.then(
        ({ target }) => {
          if (this.#ingest === ingest) this.emit('start', target);
        },
        () => {
          if (this.#ingest === ingest) this.#ingest = undefined;
        },
      );
    }
    return ingest;
  }

  /** The worker died, and the ingest with it. */
  forget(): void {
    this.#ingest = undefined;
  }

  /**
   * There is a worker again: what was needed is made at once, for those who are on their way back.
   * @throws Error when the worker dies meanwhile
   */
  async rebuild(): Promise<void> {
    if (this.#users > 0 || this.#lingering !== undefined) await this.ingest();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
    this.#end();
    this.emit('stop');
    this.removeAllListeners();
  }

  #linger(): void {
    this.#lingering = setTimeout(() => {
      this.#lingering = undefined;
      this.#end();
      this.emit('stop');
    }, this.#lingerMs);
  }

  #end(): void {
    this.#ingest?.then(
      (ingest) => ingest.close(),
      () => undefined,
    );
    this.#ingest = undefined;
  }
}
