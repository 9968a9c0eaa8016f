import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { DtlsParameters, IceParameters, WebRtcTransport } from 'mediasoup/types';
import { SfuError } from './errors.ts';
import type { RouterSlot } from './router-slot.ts';

/** Initial bitrate of congestion control, in bits a second; a low one would delay the first key frame. */
const INITIAL_OUTGOING_BITRATE = 20_000_000;

/**
 * - `closed`: the peer, or its owner, closed it
 * - `gone`: the stream was removed, or has another source now
 * - `replaced`: another publisher took over
 * - `source-changed`: the publisher whose video it was forwarded has left
 * - `worker-died`: the media worker under it is gone
 * - `transport-closed`: it did not connect in time, or its connection failed
 */
export type PeerEnd = 'closed' | 'gone' | 'replaced' | 'source-changed' | 'worker-died' | 'transport-closed';

interface PeerEvents {
  connected: [];
  /** Of a viewer: its audio has ended at the source; it may listen again. */
  silent: [];
  close: [reason: PeerEnd];
}

export interface TransportInit {
  readonly slot: RouterSlot;
  /** It has data channels. */
  readonly data: boolean;
  readonly consentTimeoutS: number;
}

/** @throws Error when the worker dies meanwhile */
export function createTransport({ slot, data, consentTimeoutS }: TransportInit): Promise<WebRtcTransport> {
  return slot.router.createWebRtcTransport({
    webRtcServer: slot.webRtcServer,
    enableUdp: true,
    enableTcp: true,
    preferUdp: true,
    enableSctp: data,
    initialAvailableOutgoingBitrate: INITIAL_OUTGOING_BITRATE,
    iceConsentTimeout: consentTimeoutS,
  });
}

/** The remote end of a WebRTC transport: connecting → connected → closed. */
export abstract class Peer extends EventEmitter<PeerEvents> {
  readonly id = randomUUID();
  readonly transport: WebRtcTransport;
  readonly #connectTimer: NodeJS.Timeout;
  #connected = false;
  #closed = false;

  /** @param connectTimeoutMs milliseconds within which it must connect */
  protected constructor(transport: WebRtcTransport, connectTimeoutMs: number) {
    super();
    this.transport = transport;
    this.#connectTimer = setTimeout(() => this.close('transport-closed'), connectTimeoutMs);
    transport.on('dtlsstatechange', (state) => {
      if (state === 'connected') this.#connect();
      if (state === 'failed' || state === 'closed') this.close('transport-closed');
    });
    transport.on('icestatechange', (state) => {
      if (state === 'disconnected') this.close('transport-closed');
    });
    // The worker under it died.
    transport.observer.once('close', () => this.close('worker-died'));
  }

  get connected(): boolean {
    return this.#connected;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws SfuError `transport-refused` */
  async connect(dtlsParameters: DtlsParameters): Promise<void> {
    await this.attempt(this.transport.connect({ dtlsParameters }));
  }

  /** Returns new ICE credentials, for a peer whose network has changed. @throws SfuError `transport-refused` */
  restartIce(): Promise<IceParameters> {
    return this.attempt(this.transport.restartIce());
  }

  /** Idempotent. */
  close(reason: PeerEnd = 'closed'): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#connectTimer);
    this.transport.close();
    this.emit('close', reason);
  }

  protected async attempt<T>(request: Promise<T>): Promise<T> {
    try {
      return await request;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SfuError('transport-refused', `The media worker refused it: ${reason}`, { cause });
    }
  }

  #connect(): void {
    clearTimeout(this.#connectTimer);
    if (this.#connected || this.#closed) return;
    this.#connected = true;
    this.emit('connected');
  }
}
