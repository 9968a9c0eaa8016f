import { pictureArea } from '../annotate/picture-area.ts';

/** Milliseconds that a size has to last: a window that is being drawn larger passes through many. */
const SETTLED_MS = 400;
/** A picture may be shown this much larger than it is, by the power of two: nobody sees 15 %. */
const TOLERANCE = 0.2;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * How many of the largest spatial layers, each twice the size of the next, have more pixels than are shown.
 * @param surface that shows all of the picture, in device pixels
 */
export function layersToSkip(picture: Size, surface: Size): number {
  const area = pictureArea(picture, surface);
  return area === undefined || area.height === 0 ? 0 : Math.max(0, Math.floor(Math.log2(picture.height / area.height) + TOLERANCE));
}

/** Follows how small a `<video>` shows a picture, of which the server may have smaller sizes. */
export class ShownSize {
  readonly #video: HTMLVideoElement;
  readonly #changed: (skippedLayers: number) => void;
  readonly #observer = new ResizeObserver(() => this.#later());
  #picture: Size | undefined;
  #skippedLayers = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param changed called with the number of layers to skip whenever it changes; it begins with 0 */
  constructor(video: HTMLVideoElement, changed: (skippedLayers: number) => void) {
    this.#video = video;
    this.#changed = changed;
    for (const type of ['enterpictureinpicture', 'leavepictureinpicture']) video.addEventListener(type, () => this.#later());
  }

  get skippedLayers(): number {
    return this.#skippedLayers;
  }

  /** The size that the picture has at its source. */
  set picture({ width, height }: Size) {
    if (this.#picture?.width === width && this.#picture.height === height) return;
    this.#picture = { width, height };
    this.#later();
  }

  connect(): void {
    this.#observer.observe(this.#video);
  }

  /** Idempotent; `connect` goes on. */
  disconnect(): void {
    this.#observer.disconnect();
    clearTimeout(this.#timer);
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), SETTLED_MS);
  }

  #look(): void {
    const { clientWidth, clientHeight } = this.#video;
    // What is not laid out may be shown in another window, whose size the page does not learn when a person changes it.
    const elsewhere = document.pictureInPictureElement !== null || clientWidth === 0;
    const surface = { width: clientWidth * devicePixelRatio, height: clientHeight * devicePixelRatio };
    const skippedLayers = this.#picture === undefined || elsewhere ? 0 : layersToSkip(this.#picture, surface);
    if (skippedLayers === this.#skippedLayers) return;
    this.#skippedLayers = skippedLayers;
    this.#changed(skippedLayers);
  }
}
