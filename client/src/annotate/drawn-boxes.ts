import type { AnnotationMessage, Detection } from '../../../src/pipeline/annotation.ts';
import { readingContext, readTimeCode } from '../publish/time-code.ts';
import type { BoxChoices } from './box-choices.ts';
import { boxAt, drawFrame, type BoxLook, type DrawnBox } from './box-renderer.ts';
import { FrameMatcher, type Match } from './frame-matcher.ts';
import { LockMeter } from './lock-meter.ts';
import { meetingDelay } from './meeting-delay.ts';
import { rtpDistance, type MessageStore } from './message-store.ts';
import { pictureArea, type Area } from './picture-area.ts';
import { PictureHold, type HeldPicture } from './picture-hold.ts';
import { trailsTo } from './trails.ts';
import type { LineWords, Scene } from './zone-renderer.ts';

/** What was drawn upon a frame. */
export interface DrawnFrame {
  /** Of the frame, as the browser tells it. */
  readonly rtp: number;
  /** Of the frame that the boxes belong to; an estimate where they are `moved`. */
  readonly seq: number | undefined;
  readonly kind: Match['kind'];
  /** Frames since each detector's result was computed. */
  readonly ages: Readonly<Record<string, number>>;
  /** The frame's number in the picture's time code; undefined where it has none, or is not measured. */
  readonly pictureSeq: number | undefined;
  /** Milliseconds that the picture waited for its message. */
  readonly heldMs: number;
}

/** A box that somebody points at or has chosen. */
export interface BoxDetails extends DrawnBox {
  readonly kind: Match['kind'];
  /** Of the frame in pixels. */
  readonly frame: { readonly width: number; readonly height: number };
  /** Place of the box in the player, in CSS pixels. */
  readonly place: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
}

export interface DrawnBoxesPorts {
  readonly choices: () => BoxChoices;
  readonly look: () => BoxLook;
  readonly scene: () => Scene;
  readonly words: () => LineWords;
  /** Whether the time code in the picture is to be read. */
  readonly measure: () => boolean;
  readonly drawn: (frame: DrawnFrame) => void;
}

/** Milliseconds by which the time in a time code may differ from the message's: anything else is no time code. */
const PLAUSIBLE_MS = 10_000;
/** Milliseconds without a message after which no picture waits for one. */
const SILENT_MS = 1000;
/** Frames before which lateness is that of a beginning. */
const LEAST_FRAMES = 30;

/**
 * Shows pictures and the boxes upon them as one: both are drawn in the same task, so that the browser displays them together. Boxes over the
 * `<video>` itself would not be safe: it shows its next picture whenever that is due, before or after the page has heard of it.
 */
export class DrawnBoxes {
  /** The picture, in its own size. */
  readonly picture = canvas();
  /** The boxes, in device pixels. */
  readonly overlay = canvas();
  readonly matcher: FrameMatcher;
  readonly #store: MessageStore;
  readonly #ports: DrawnBoxesPorts;
  readonly #meter = new LockMeter();
  readonly #hold = new PictureHold((picture) => this.#present(picture));
  readonly #observer = new ResizeObserver(([entry]) => entry !== undefined && this.#resize(entry));
  #reading: CanvasRenderingContext2D | undefined;
  #rtp: number | undefined;
  #match: Match | undefined;
  #pictureSeq: number | undefined;
  #heldMs = 0;
  #boxes: readonly DrawnBox[] = [];
  #area: Area | undefined;
  #pointer: { readonly x: number; readonly y: number } | undefined;
  #pinned: number | undefined;
  #skipped = 0;

  constructor(store: MessageStore, ports: DrawnBoxesPorts) {
    this.#store = store;
    this.#ports = ports;
    this.matcher = new FrameMatcher(store);
  }

  get figures(): LockMeter['figures'] {
    return this.#meter.figures;
  }

  /** What is drawn, the largest first. */
  get boxes(): readonly DrawnBox[] {
    return this.#boxes;
  }

  /** Pictures in a row that could not be had when the browser told of them. */
  get skipped(): number {
    return this.#skipped;
  }

  /**
   * By how much the browser has to hold the video back from now on, so that messages and pictures meet.
   * @param target milliseconds by which it does now
   */
  delayAfter(target: number): number {
    const { lateness, frames } = this.#meter.figures;
    if (lateness === undefined || frames < LEAST_FRAMES) return target;
    const delay = meetingDelay(target, lateness.p95);
    if (delay !== target) this.#meter.retimed();
    return delay;
  }

  connect(): void {
    // A window that moves to another screen keeps its size in CSS pixels.
    this.#observer.observe(this.overlay, 'devicePixelContentBoxSize' in ResizeObserverEntry.prototype ? { box: 'device-pixel-content-box' } : {});
  }

  /** Idempotent. */
  disconnect(): void {
    this.#observer.disconnect();
    this.clear();
  }

  /** Nothing is shown until the next frame. */
  clear(): void {
    this.#hold.clear();
    this.picture.hidden = this.overlay.hidden = true;
    this.#rtp = this.#match = this.#pictureSeq = this.#pointer = this.#pinned = undefined;
    this.#boxes = [];
    this.#skipped = 0;
    this.#meter.reset();
  }

  /** Shows the frame that the browser has just told of. */
  show(video: HTMLVideoElement, rtp: number, { mediaTime, presentationTime }: Pick<VideoFrameCallbackMetadata, 'mediaTime' | 'presentationTime'>): void {
    const frame = new VideoFrame(video);
    // A page that is late finds the next picture in the element already: that one's callback is still to come.
    const own = Math.abs(frame.timestamp - mediaTime * 1e6) < 1;
    this.#skipped = own ? 0 : this.#skipped + 1;
    if (!own) return frame.close();
    const at = performance.now();
    const { newest } = this.#store;
    const waits = this.matcher.match(rtp).kind !== 'exact' && newest !== undefined && at - newest.arrivedAt < SILENT_MS;
    this.#hold.add({ frame, rtp, presentedAt: Math.min(at, presentationTime) }, waits);
  }

  /** A message has come; the frame on screen may have waited for it. */
  told({ rtp }: AnnotationMessage): void {
    this.#hold.ready(this.matcher.pictureOf(rtp));
    const onScreen = this.#rtp !== undefined && this.#match?.kind !== 'exact' && this.matcher.timestampOf(this.#rtp) === rtp;
    this.#meter.arrived(rtp, performance.now(), onScreen);
    if (!onScreen) return;
    this.#match = this.matcher.match(this.#rtp!);
    this.#drawn();
  }

  /** What is wanted of the boxes has changed. */
  redraw(): void {
    const match = this.#match;
    const context = this.overlay.getContext('2d');
    if (this.#rtp === undefined || match === undefined || context === null) return;
    const { choices, look, scene, words } = this.#ports;
    this.#area = pictureArea(this.picture, this.overlay);
    if (this.#area === undefined) return;
    const trails = choices().trails ? trailsTo(this.#store, this.matcher.timestampOf(this.#rtp)) : new Map<number, never>();
    const details = this.#aimed();
    this.#boxes = drawFrame(context, {
      match,
      choices: choices(),
      look: look(),
      scene: scene(),
      words: words(),
      trails,
      area: this.#area,
      ratio: this.#ratio,
      selected: (detection) => detection === details?.detection || (detection.track !== undefined && detection.track === details?.detection.track),
    });
  }

  /** Somebody points at a place of the player, CSS pixels from its upper left corner; undefined: at none. */
  point(at: { readonly x: number; readonly y: number } | undefined): void {
    this.#pointer = at;
    this.redraw();
  }

  /** Somebody has chosen a track, until it ends; undefined: none. */
  pin(track: number | undefined): void {
    this.#pinned = track;
    this.redraw();
  }

  /** The track of the box that is pointed at. */
  get pointed(): number | undefined {
    return this.#pointedBox()?.detection.track;
  }

  /** The box that is chosen, else that which is pointed at. */
  get details(): BoxDetails | undefined {
    const box = this.#aimed();
    const message = this.#match?.message;
    if (box === undefined || message === undefined || this.#area === undefined) return undefined;
    const css = (value: number, origin: number): number => (origin + value) / this.#ratio;
    const { x, y } = this.#area;
    const { left, top, right, bottom } = box.rect;
    return {
      ...box,
      kind: this.#match!.kind,
      frame: { width: message.width, height: message.height },
      place: { left: css(left, x), top: css(top, y), right: css(right, x), bottom: css(bottom, y) },
    };
  }

  get #ratio(): number {
    return this.overlay.width / Math.max(1, this.overlay.clientWidth);
  }

  #aimed(): DrawnBox | undefined {
    return (this.#pinned === undefined ? undefined : this.#boxes.find(({ detection }) => detection.track === this.#pinned)) ?? this.#pointedBox();
  }

  #pointedBox(): DrawnBox | undefined {
    if (this.#pointer === undefined || this.#area === undefined) return undefined;
    return boxAt(this.#boxes, this.#area, this.#pointer.x * this.#ratio, this.#pointer.y * this.#ratio);
  }

  #present({ frame, rtp, presentedAt }: HeldPicture): void {
    this.#paint(frame);
    frame.close();
    this.#rtp = rtp;
    this.#pictureSeq = undefined;
    this.#heldMs = performance.now() - presentedAt;
    this.#match = this.matcher.match(rtp);
    this.#meter.shown(this.matcher.timestampOf(rtp), presentedAt, this.#match.arrivedAt);
    this.#drawn();
  }

  #paint(frame: VideoFrame): void {
    const { picture } = this;
    const { displayWidth: width, displayHeight: height } = frame;
    if (picture.width !== width || picture.height !== height) [picture.width, picture.height] = [width, height];
    picture.getContext('2d', { alpha: false })?.drawImage(frame, 0, 0, width, height);
    picture.hidden = this.overlay.hidden = false;
  }

  #drawn(): void {
    const { kind, message } = this.#match!;
    this.redraw();
    if (kind === 'exact') this.#measure(message!);
    this.#ports.drawn({
      rtp: this.#rtp!,
      seq: message?.seq,
      kind,
      ages: Object.fromEntries(Object.entries(message?.detectors ?? {}).map(([name, { age }]) => [name, age])),
      pictureSeq: this.#pictureSeq,
      heldMs: this.#heldMs,
    });
  }

  /** By how much the picture and the boxes upon it are apart. */
  #measure({ rtp, seq, capturedAt, width }: AnnotationMessage): void {
    if (this.#ports.measure()) {
      this.#reading ??= readingContext();
      const code = readTimeCode(this.picture, this.picture.width / width, this.#reading);
      if (Math.abs(code.capturedAt - capturedAt) < PLAUSIBLE_MS) {
        this.#pictureSeq = code.seq;
        return this.#meter.measured((code.seq - seq) | 0, 'timecode');
      }
    }
    this.#meter.measured(rtpDistance(this.matcher.timestampOf(this.#rtp!), rtp), 'rtp');
  }

  #resize({ devicePixelContentBoxSize, contentRect }: ResizeObserverEntry): void {
    const [device] = devicePixelContentBoxSize ?? [];
    const [width, height] = [inDevicePixels(contentRect.width, device?.inlineSize), inDevicePixels(contentRect.height, device?.blockSize)];
    if (width === this.overlay.width && height === this.overlay.height) return;
    [this.overlay.width, this.overlay.height] = [width, height];
    this.redraw();
  }
}

/** Where the same thing is another object on the next frame, its track tells. */
export function keyOf({ detector, label, track, box }: Detection): string {
  return track === undefined ? `${detector} ${label} ${box.join(' ')}` : String(track);
}

/** The browser's own figure knows how it rounds; where a device is emulated, Chromium gives CSS pixels in it. */
function inDevicePixels(css: number, device: number | undefined): number {
  const computed = css * devicePixelRatio;
  return device !== undefined && Math.abs(device - computed) <= 1 ? device : Math.round(computed);
}

function canvas(): HTMLCanvasElement {
  const element = document.createElement('canvas');
  element.hidden = true;
  element.setAttribute('aria-hidden', 'true');
  return element;
}
