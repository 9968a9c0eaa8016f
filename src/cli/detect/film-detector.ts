import type { Taken } from '../../pipeline/compose/composer.ts';
import type { Attach } from '../../pipeline/compose/options.ts';
import type { FrameId } from '../../pipeline/frame.ts';
import type { Picture } from '../../pipeline/picture.ts';

/** What a detector has done so far. */
export interface Seen {
  frames: number;
  objects: number;
  busyMs: number;
}

/** A detector that looks at every frame whose turn it is, however long that takes. */
export interface FilmDetector {
  readonly name: string;
  readonly attach: Attach | undefined;
  readonly seen: Readonly<Seen>;
  /** Whether it can be offered a frame. */
  readonly free: boolean;
  /** Resolves when it may be free, or when the signal is aborted. */
  untilFree(signal: AbortSignal): Promise<void>;
  /**
   * To be called while it is free.
   * @returns undefined where it is not this frame's turn. The picture may be released when this returns.
   * @param failed is told where there is no result, once a frame
   */
  offer(id: FrameId, picture: Picture, failed: (error: unknown) => void): Taken | undefined;
  close(): Promise<void>;
}
