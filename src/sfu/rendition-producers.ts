import type { Producer } from 'mediasoup/types';
import type { Logger } from 'pino';
import type { Output, OutputLeases } from '../pipeline/ipc/outputs.ts';
import { renditionKey, type RenditionSpec } from '../pipeline/media/info.ts';
import type { RtpTarget } from '../pipeline/rtp/target.ts';
import { SfuError } from './errors.ts';
import type { MediaWorker } from './media-worker.ts';
import type { Ref } from './ref-counted.ts';
import { RenditionProducer } from './rendition-producer.ts';
import type { RouterSlot } from './router-slot.ts';

/** The renditions and the sound of one stream inside the SFU, each leased from the stream for as long as viewers need it. */
export class RenditionProducers {
  readonly #home: MediaWorker;
  readonly #lingerMs: number;
  readonly #leases: OutputLeases;
  readonly #logger: Logger;
  readonly #renditions = new Map<string, RenditionProducer>();
  readonly #sound: RenditionProducer;
  #closed = false;

  /** @param lingerMs how long what no viewer needs any more goes on being made */
  constructor(home: MediaWorker, lingerMs: number, leases: OutputLeases, logger: Logger) {
    this.#home = home;
    this.#lingerMs = lingerMs;
    this.#leases = leases;
    this.#logger = logger;
    this.#sound = this.#create('opus', (target) => ({ of: 'audio', sink: { type: 'rtp', target } }));
  }

  /** A rendition for viewers of one router. @throws SfuError `closed`, `unavailable`; Error when the worker dies meanwhile */
  renditionAt(rendition: RenditionSpec, slot: RouterSlot): Promise<Ref<Producer>> {
    return producerAt(this.#producerOf(rendition), slot);
  }

  /** The sound for viewers of one router. @throws as {@link renditionAt} */
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
  }

  get #all(): RenditionProducer[] {
    return [...this.#renditions.values(), this.#sound];
  }

  #producerOf(rendition: RenditionSpec): RenditionProducer {
    const key = renditionKey(rendition);
    let producer = this.#renditions.get(key);
    if (producer === undefined) {
      if (this.#closed) throw new SfuError('closed', 'The stream is gone.');
      producer = this.#create(rendition.codec, (target) => ({ of: 'video', rendition, sink: { type: 'rtp', target } }));
      this.#renditions.set(key, producer);
    }
    return producer;
  }

  /** Leases what the producer needs; after its worker was replaced, to its new target. */
  #create(codec: RenditionSpec['codec'] | 'opus', output: (target: RtpTarget) => Output): RenditionProducer {
    let release: (() => void) | undefined;
    return new RenditionProducer(this.#home, this.#lingerMs, codec)
      .on('start', (target) => {
        const before = release;
        release = this.#leases.lease(output(target));
        before?.();
      })
      .on('stop', () => {
        release?.();
        release = undefined;
      });
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
