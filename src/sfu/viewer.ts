import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Consumer, DataConsumer, DtlsParameters, IceParameters, WebRtcTransport } from 'mediasoup/types';
import type { Variant } from '../pipeline/messages.ts';
import { SfuError } from './errors.ts';

/**
 * - `closed`: its own side asked for it
 * - `gone`: the stream was removed
 * - `worker-died`: the media worker under it is gone
 * - `transport-closed`: the viewer did not connect in time, or its connection failed
 */
export type ViewerEnd = 'closed' | 'gone' | 'worker-died' | 'transport-closed';

interface ViewerEvents {
  close: [reason: ViewerEnd];
}

export interface ViewerParts {
  readonly variant: Variant;
  readonly transport: WebRtcTransport;
  readonly consumer: Consumer;
  /** Absent where the viewer asked for no data channel. */
  readonly dataConsumer: DataConsumer | undefined;
  readonly connectTimeoutMs: number;
}

/** One viewer of one variant: a WebRTC transport with a video consumer that starts paused, and a data consumer for annotations. */
export class Viewer extends EventEmitter<ViewerEvents> {
  readonly id = randomUUID();
  readonly variant: Variant;
  readonly transport: WebRtcTransport;
  readonly consumer: Consumer;
  readonly dataConsumer: DataConsumer | undefined;
  #connectTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ variant, transport, consumer, dataConsumer, connectTimeoutMs }: ViewerParts) {
    super();
    this.variant = variant;
    this.transport = transport;
    this.consumer = consumer;
    this.dataConsumer = dataConsumer;
    this.#connectTimer = setTimeout(() => this.close('transport-closed'), connectTimeoutMs);
    transport.on('dtlsstatechange', (state) => {
      if (state === 'connected') clearTimeout(this.#connectTimer);
      if (state === 'failed' || state === 'closed') this.close('transport-closed');
    });
    transport.on('icestatechange', (state) => {
      if (state === 'disconnected') this.close('transport-closed');
    });
    transport.observer.on('close', () => this.close('worker-died'));
    consumer.on('producerclose', () => this.close('worker-died'));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws SfuError `transport-refused` */
  async connect(dtlsParameters: DtlsParameters): Promise<void> {
    await this.#attempt(this.transport.connect({ dtlsParameters }));
  }

  /** Video starts, with a key frame. */
  async resume(): Promise<void> {
    await this.#attempt(this.consumer.resume());
  }

  async pause(): Promise<void> {
    await this.#attempt(this.consumer.pause());
  }

  /** New credentials for a viewer whose network changed. */
  restartIce(): Promise<IceParameters> {
    return this.#attempt(this.transport.restartIce());
  }

  /** Idempotent. */
  close(reason: ViewerEnd = 'closed'): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#connectTimer);
    this.transport.close();
    this.emit('close', reason);
  }

  async #attempt<T>(request: Promise<T>): Promise<T> {
    try {
      return await request;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SfuError('transport-refused', `The media worker refused it: ${reason}`, { cause });
    }
  }
}
