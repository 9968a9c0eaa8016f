/** The time limits of supervision, in ms. */
export interface ProcessTiming {
  /** How long a process may take from its start to its first message. */
  readonly startLimitMs: number;
  /** How long it may be silent afterwards. */
  readonly silenceMs: number;
  /** Interval of the check for silence. */
  readonly tickMs: number;
  /** How long a source must have been live for the next failure to count as the first. */
  readonly healthyMs: number;
  /** The first and the longest wait before a restart. */
  readonly backoffFirstMs: number;
  readonly backoffMostMs: number;
}

export const DEFAULT_TIMING: ProcessTiming = {
  startLimitMs: 30_000,
  silenceMs: 5000,
  tickMs: 500,
  healthyMs: 60_000,
  backoffFirstMs: 250,
  backoffMostMs: 10_000,
};
