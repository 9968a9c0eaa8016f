/** A picture that the browser has told of, and that waits for its message. Whoever takes it out closes its `frame`. */
export interface HeldPicture<F extends Pick<VideoFrame, 'close'> = VideoFrame> {
  readonly frame: F;
  /** As the browser tells it. */
  readonly rtp: number;
  /** When the browser had it to show, on the clock of `performance.now()`. */
  readonly presentedAt: number;
}

/** Milliseconds that a picture may wait: a frame and a half at 30 a second. */
const HOLD_MS = 50;
/** Pictures that may wait: decoders have few to give away. */
const MOST = 3;

/**
 * Lets a picture wait a moment for its message, as the composer lets a frame wait for its results. Pictures leave in order; one that a newer
 * picture has overtaken is not shown any more.
 */
export class PictureHold<F extends Pick<VideoFrame, 'close'> = VideoFrame> {
  readonly #release: (picture: HeldPicture<F>) => void;
  #held: HeldPicture<F>[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param release takes a picture to show: its message is there, or its time is over */
  constructor(release: (picture: HeldPicture<F>) => void) {
    this.#release = release;
  }

  /** @param waits whether there is something to wait for */
  add(picture: HeldPicture<F>, waits: boolean): void {
    this.#held.push(picture);
    if (!waits) this.#let(picture);
    else if (this.#held.length > MOST) this.#let(this.#held[0]!);
    else this.#timer ??= setTimeout(() => this.#overdue(), HOLD_MS);
  }

  /** What the picture with this timestamp waited for is there. */
  ready(rtp: number): void {
    const picture = this.#held.find((one) => one.rtp === rtp);
    if (picture !== undefined) this.#let(picture);
  }

  /** Idempotent. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { frame } of this.#held.splice(0)) frame.close();
  }

  #overdue(): void {
    this.#timer = undefined;
    const at = performance.now();
    const last = this.#held.findLast(({ presentedAt }) => at - presentedAt >= HOLD_MS - 1);
    if (last !== undefined) this.#let(last);
    else this.#wait();
  }

  #let(picture: HeldPicture<F>): void {
    const before = this.#held.splice(0, this.#held.indexOf(picture) + 1).slice(0, -1);
    for (const { frame } of before) frame.close();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wait();
    this.#release(picture);
  }

  #wait(): void {
    const [next] = this.#held;
    if (next !== undefined) this.#timer = setTimeout(() => this.#overdue(), Math.max(0, next.presentedAt + HOLD_MS - performance.now()));
  }
}
