/** What pictures may be needed for. */
export type PictureNeed = 'detectors' | 'outputs';

/** Milliseconds that pictures go on being made when nothing needs them any more: needs that come and go would start decoders again and again. */
const LINGER_MS = 2000;

/** Whether the pictures of a stream are needed, rather than only its packets. Sources ask for each packet. */
export class PictureDemand {
  readonly #needs = new Set<PictureNeed>();
  readonly #now: () => number;
  #until = -Infinity;

  /** @param now milliseconds on a clock that never steps back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get wanted(): boolean {
    return this.#needs.size > 0 || this.#now() < this.#until;
  }

  /** Says whether one kind of need is there. */
  set(need: PictureNeed, there: boolean): void {
    if (there) this.#needs.add(need);
    else if (this.#needs.delete(need) && this.#needs.size === 0) this.#until = this.#now() + LINGER_MS;
  }
}

/** For what is always decoded. */
export const ALWAYS: Pick<PictureDemand, 'wanted'> = { wanted: true };
