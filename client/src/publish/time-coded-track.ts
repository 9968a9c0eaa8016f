import { now } from '../live/clock-offset.ts';
import { drawTimeCode, readingContext, readTimeCode } from './time-code.ts';

/** Frames that are remembered: some seconds, far more than a round trip lasts. */
const KEPT_FRAMES = 600;

/**
 * A picture with the time of its capture drawn into each frame, as the strip of the generated scene. It costs a canvas, hides the upper left corner and
 * stands still while the page is out of sight, so it is for measuring alone.
 */
export class TimeCodedTrack {
  /** What is to be published. */
  readonly track: CanvasCaptureMediaStreamTrack;
  readonly #video = document.createElement('video');
  readonly #canvas = document.createElement('canvas');
  readonly #context = this.#canvas.getContext('2d', { alpha: false })!;
  readonly #reading = readingContext();
  /** Time of capture by number, milliseconds since the epoch with fractions. */
  readonly #captured = new Map<number, number>();
  #seq = 0;
  #callback = 0;

  /** @param source a camera's or screen's; it stays its owner's */
  constructor(source: MediaStreamTrack) {
    const { width = 1280, height = 720 } = source.getSettings();
    Object.assign(this.#canvas, { width, height });
    this.track = this.#canvas.captureStream(0).getVideoTracks()[0] as CanvasCaptureMediaStreamTrack;
    Object.assign(this.#video, { muted: true, playsInline: true, srcObject: new MediaStream([source]) });
    this.#callback = this.#video.requestVideoFrameCallback(this.#onFrame);
    this.#video.play().catch(() => undefined);
  }

  /**
   * The frame that a picture shows.
   * @returns milliseconds since the epoch at which it was captured; undefined where the picture shows no frame of this track, as the strip's number and time
   * have to belong together
   */
  capturedAt(picture: HTMLVideoElement): number | undefined {
    if (picture.videoWidth === 0) return undefined;
    const { seq, capturedAt } = readTimeCode(picture, picture.videoWidth / this.#canvas.width, this.#reading);
    const exact = this.#captured.get(seq);
    return exact === undefined || Math.floor(exact) !== capturedAt ? undefined : exact;
  }

  /** Idempotent. */
  close(): void {
    this.#video.cancelVideoFrameCallback(this.#callback);
    this.#video.srcObject = null;
    this.track.stop();
  }

  readonly #onFrame: VideoFrameRequestCallback = (_now, { captureTime, width, height }) => {
    this.#callback = this.#video.requestVideoFrameCallback(this.#onFrame);
    if (width !== this.#canvas.width || height !== this.#canvas.height) Object.assign(this.#canvas, { width, height });
    const capturedAt = captureTime === undefined ? now() : performance.timeOrigin + captureTime;
    const seq = this.#seq++;
    this.#captured.set(seq, capturedAt);
    this.#captured.delete(seq - KEPT_FRAMES);
    this.#context.drawImage(this.#video, 0, 0);
    drawTimeCode(this.#context, { seq, capturedAt: Math.floor(capturedAt) });
    this.track.requestFrame();
  };
}
