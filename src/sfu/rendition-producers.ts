import { EventEmitter } from 'node:events';
import type { Producer } from 'mediasoup/types';
import type { Logger } from 'pino';
import { renditionKey, type Rendition } from '../pipeline/media/info.ts';
import type { RtpTarget } from '../pipeline/rtp/target.ts';
import { SfuError } from './errors.ts';
import { RenditionProducer } from './rendition-producer.ts';
import type { MediaWorker } from './media-worker.ts';
import type { RouterSlot } from './router-slot.ts';
import type { Ref } from './ref-counted.ts';

interface RenditionProducersEvents {
  /** A rendition is needed: make it and send it there. Comes again, with another target, when its worker was replaced. */
  start: [rendition: Rendition, target: RtpTarget];
  /** Nobody needs the rendition any more. */
  stop: [rendition: Rendition];
  /** The sound is needed, as with `start`. */
  'audio-start': [target: RtpTarget];
  /** Nobody listens any more. */
  'audio-stop': [];
}

/** Everything that a stream process can make for one stream, each for as long as somebody needs it. */
export class RenditionProducers extends EventEmitter<RenditionProducersEvents> {
  readonly #home: MediaWorker;
  readonly #lingerMs: number;
  readonly #logger: Logger;
  readonly #renditions = new Map<string, RenditionProducer>();
  readonly #sound: RenditionProducer;
  #closed = false;

  /** @param lingerMs how long what nobody needs any more goes on being made */
  constructor(home: MediaWorker, lingerMs: number, logger: Logger) {
    super();
    this.#home = home;
    this.#lingerMs = lingerMs;
    this.#logger = logger;
    this.#sound = new RenditionProducer(home, lingerMs, 'opus')
      .on('start', (target) => this.emit('audio-start', target))
      .on('stop', () => this.emit('audio-stop'));
  }

  /**
   * Needs a rendition, wherever it goes.
   * @returns ends the need; idempotent
   * @throws SfuError `closed`, `unavailable`; Error when the worker dies meanwhile
   */
  async acquire(rendition: Rendition): Promise<() => void> {
    const producer = this.#producerOf(rendition);
    const leave = producer.use();
    try {
      await producer.ingest();
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** A rendition for viewers of one place. @throws as {@link acquire} */
  renditionAt(rendition: Rendition, slot: RouterSlot): Promise<Ref<Producer>> {
    return producerAt(this.#producerOf(rendition), slot);
  }

  /** The sound for viewers of one place. @throws as {@link acquire} */
  soundAt(slot: RouterSlot): Promise<Ref<Producer>> {
    return producerAt(this.#sound, slot);
  }

  /** The worker died. */
  forget(): void {
    for (const producer of this.#all) producer.forget();
  }

  /** There is a worker again: what was needed is made at once. */
  rebuild(): void {
    for (const producer of this.#all) {
      producer.rebuild().catch((error: unknown) => this.#logger.warn({ err: error }, 'what the stream needs could not be made again'));
    }
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    for (const producer of this.#all) producer.close();
    this.removeAllListeners();
  }

  get #all(): RenditionProducer[] {
    return [...this.#renditions.values(), this.#sound];
  }

  #producerOf(rendition: Rendition): RenditionProducer {
    const key = renditionKey(rendition);
    let producer = this.#renditions.get(key);
    if (producer === undefined) {
      if (this.#closed) throw new SfuError('closed', 'The stream is gone.');
      producer = new RenditionProducer(this.#home, this.#lingerMs, rendition.codec)
        .on('start', (target) => this.emit('start', rendition, target))
        .on('stop', () => this.emit('stop', rendition));
      this.#renditions.set(key, producer);
    }
    return producer;
  }
}

async function producerAt(producer: RenditionProducer, slot: RouterSlot): Promise<Ref<Producer>> {
  const leave = producer.use();
  try {
    const { value, release } = await (await producer.ingest()).at(slot);
    const both = (): void => {
      release();
      leave();
    };
    return { value, release: both };
  } catch (error) {
    leave();
    throw error;
  }
}
