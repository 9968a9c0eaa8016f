import type { Logger } from 'pino';
import type { WorkerLogLevel } from 'mediasoup/types';

/** Where viewers reach the media workers. */
export interface WebRtcOptions {
  /**
   * ICE port, UDP and TCP, of the first worker; worker `i` listens on `port + i`. 0 takes any free ports.
   */
  readonly port: number;
  /** Addresses to listen on. `0.0.0.0` and `::` stand for every address that this machine has. */
  readonly listenIps: readonly string[];
  /** Address or host name by which viewers reach this machine, where it is not one it has itself (NAT, containers). */
  readonly announcedAddress?: string | undefined;
}

/** What an {@link Sfu} is made from. */
export interface SfuOptions {
  /** How many media workers run; each uses at most one core. */
  readonly workers: number;
  readonly webrtc: WebRtcOptions;
  readonly logger: Logger;
  /** How much the workers' own log says. */
  readonly logLevel?: WorkerLogLevel;
  /** Viewers that a stream's own worker serves before further ones are put on another worker, through a pipe. */
  readonly viewersPerWorker?: number;
  /** Milliseconds that a variant goes on being made when nobody uses it any more. */
  readonly lingerMs?: number;
  /** Milliseconds in which a viewer has to connect. */
  readonly connectTimeoutMs?: number;
  /** Seconds without an answer to ICE consent checks (RFC 7675) after which a viewer counts as gone. */
  readonly consentTimeoutS?: number;
  /** Path of the worker's binary; left out, mediasoup's own rules apply (`MEDIASOUP_WORKER_BIN`, its package). */
  readonly workerBin?: string | undefined;
}

/** {@link SfuOptions} with everything decided. */
export type ResolvedSfuOptions = Required<Omit<SfuOptions, 'workerBin'>> & Pick<SfuOptions, 'workerBin'>;

/** Fills in what was left out. */
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
