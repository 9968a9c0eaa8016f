import type { Logger } from 'pino';
import type { WorkerLogLevel } from 'mediasoup/types';

/** The addresses of the media workers, as viewers reach them. */
export interface WebRtcOptions {
  /**
   * ICE port, UDP and TCP, of the first worker; worker `i` listens on `port + i`. 0 takes any free ports.
   */
  readonly port: number;
  /** Addresses to listen on. `0.0.0.0` and `::` mean every address of this machine. */
  readonly listenIps: readonly string[];
  /** Address or host name by which viewers reach this machine if it is not one of its own (NAT, containers). */
  readonly announcedAddress?: string | undefined;
}

/** What an {@link Sfu} is made from. */
export interface SfuOptions {
  /** Number of media workers; each uses at most one core. */
  readonly workers: number;
  readonly webrtc: WebRtcOptions;
  readonly logger: Logger;
  /** Log level of the workers. */
  readonly logLevel?: WorkerLogLevel;
  /** Viewers that a stream's home worker serves before further ones go to other workers, through pipes. */
  readonly viewersPerWorker?: number;
  /** Milliseconds that a variant is still made after its last user has left. */
  readonly lingerMs?: number;
  /** Milliseconds within which a viewer must connect. */
  readonly connectTimeoutMs?: number;
  /** Seconds without an answer to ICE consent checks (RFC 7675) after which a viewer counts as gone. */
  readonly consentTimeoutS?: number;
  /** Path of the worker's binary; left out, mediasoup's own rules apply (`MEDIASOUP_WORKER_BIN`, its package). */
  readonly workerBin?: string | undefined;
}

/** {@link SfuOptions} with defaults filled in. */
export type ResolvedSfuOptions = Required<Omit<SfuOptions, 'workerBin'>> & Pick<SfuOptions, 'workerBin'>;

/** Fills in the defaults. */
export function resolveSfuOptions(options: SfuOptions): ResolvedSfuOptions {
  return {
    logLevel: 'error',
    viewersPerWorker: 400,
    lingerMs: 10_000,
    connectTimeoutMs: 30_000,
    consentTimeoutS: 30,
    ...options,
  };
}
