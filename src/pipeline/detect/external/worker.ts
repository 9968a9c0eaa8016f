import type { FrameChoice, FrameHeader, SeenObject } from './wire.ts';

/** A frame on its way to an algorithm. */
export interface OfferedFrame extends Omit<FrameHeader, 'type' | 'format'> {
  /** RGB, 8 bit, packed, `width` by `height`. */
  readonly picture: Buffer;
}

/** Somebody who looks at frames, as a pool sees it. */
export interface Worker {
  /** How it wants its frames. */
  readonly choice: FrameChoice;
  /** Frames that it may have at a time. */
  readonly credits: number;
  /** Most frames a second; undefined: as many as it has time for. */
  readonly fps: number | undefined;
  /**
   * What it sees on a frame.
   * @throws Error with a reason for people, where there is no result; at once where the worker is gone
   */
  look(frame: OfferedFrame): Promise<SeenObject[]>;
}
