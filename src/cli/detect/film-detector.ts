import type { Taken } from '../../pipeline/compose/composer.ts';
import type { Attach } from '../../pipeline/compose/options.ts';
import type { FrameId } from '../../pipeline/frame.ts';
import type { Picture } from '../../pipeline/picture.ts';

/** Progress of a detector. */
export interface Seen {
  frames: number;
  objects: number;
  busyMs: number;
}

/** A detector that processes every frame that is due, however long that takes. */
export interface FilmDetector {
  readonly name: string;
  readonly attach: Attach | undefined;
  readonly seen: Readonly<Seen>;
  /** Whether it can accept a frame. */
  readonly free: boolean;
  /** Resolves when it may be free, or when the signal is aborted. */
  untilFree(signal: AbortSignal): Promise<void>;
  /**
   * Offers a frame; called while it is free.
   * @returns undefined if the frame is not due. The picture may be released when this returns.
   * @param failed called if there is no result, once per frame
   */
  offer(id: FrameId, picture: Picture, failed: (error: unknown) => void): Taken | undefined;
  close(): Promise<void>;
}
