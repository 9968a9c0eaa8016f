import type { Box } from '../../annotation.ts';
import type { PoolState } from './frame-protocol.ts';
import type { FrameChoice } from './wire.ts';
import type { OfferedFrame } from './worker.ts';

/** One detector of one stream, as its pool sees it. */
export interface StreamPort {
  state(state: PoolState, workers: number, error?: PoolProblem): void;
  /** The stream's next frame is wanted. */
  want(id: number, choice: FrameChoice): void;
  unwant(id: number): void;
  result(id: number, detections: Detected[], workMs: number): void;
  lost(id: number, reason: string): void;
}

/** What hinders the endpoint of a pool. */
export interface PoolProblem {
  readonly code: string;
  readonly message: string;
}

/** What was seen, its box clipped to the picture. */
export interface Detected {
  readonly label: string;
  readonly score: number;
  readonly box: Box;
}

/** A frame of a stream, and the number by which the stream knows it. */
export interface Job {
  readonly port: StreamPort;
  readonly id: number;
  readonly frame: OfferedFrame;
}
