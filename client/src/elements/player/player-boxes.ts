import type { AnnotationMessage } from '../../../../src/pipeline/annotation.ts';
import type { BoxChoices } from '../../annotate/box-choices.ts';
import { nameOf, USUAL_LOOK, type BoxLook } from '../../annotate/box-renderer.ts';
import { DrawnBoxes, type DrawnFrame } from '../../annotate/drawn-boxes.ts';
import type { MessageStore } from '../../annotate/message-store.ts';
import type { Localizer } from '../../i18n/localizer.ts';

/** Frames in a row after which a browser that does not tell which frame it shows, or does not give its picture, is taken at its word. */
const UNDRAWABLE_FRAMES = 30;
/** Milliseconds between two changes of what is listed, and between two that are said. */
const LISTED_MS = 250;
const SAID_MS = 8000;
/** Names that are offered for choosing. */
const MOST_NAMES = 100;

export interface PlayerBoxesPorts {
  readonly choices: () => BoxChoices;
  readonly measure: () => boolean;
  readonly drawn: (frame: DrawnFrame) => void;
  /** Something that the player shows of the boxes has changed. */
  readonly changed: () => void;
}

/** What a player knows of the boxes that it draws. */
export class PlayerBoxes {
  readonly layer: DrawnBoxes;
  readonly #localizer: Localizer;
  readonly #ports: PlayerBoxesPorts;
  readonly #detectors = new Set<string>();
  readonly #labels = new Set<string>();
  #look = USUAL_LOOK;
  #pinned: number | undefined;
  #silent = 0;
  #listedAt = 0;
  #summary = '';
  #saidAt = -Infinity;

  constructor(messages: MessageStore, localizer: Localizer, ports: PlayerBoxesPorts) {
    this.#localizer = localizer;
    this.#ports = ports;
    this.layer = new DrawnBoxes(messages, {
      choices: ports.choices,
      look: () => this.#look,
      measure: ports.measure,
      drawn: (frame) => {
        ports.drawn(frame);
        this.#list();
      },
    });
  }

  /** False once this browser has shown that it can't: no RTP timestamps, or no pictures to draw with them. */
  get drawable(): boolean {
    return typeof VideoFrame === 'function' && this.#silent < UNDRAWABLE_FRAMES && this.layer.skipped < UNDRAWABLE_FRAMES;
  }

  get look(): BoxLook {
    return this.#look;
  }

  set look(look: BoxLook) {
    this.#look = look;
    this.layer.redraw();
  }

  get detectors(): readonly string[] {
    return [...this.#detectors].sort();
  }

  get labels(): readonly string[] {
    return [...this.#labels].sort();
  }

  get pinned(): number | undefined {
    return this.#pinned;
  }

  /** What there is to see, in words; it changes seldom. */
  get summary(): string {
    return this.#summary;
  }

  /** A frame is displayed. @param rtp undefined where the browser does not tell it */
  frame(video: HTMLVideoElement, rtp: number | undefined, metadata: VideoFrameCallbackMetadata): void {
    this.#silent = rtp === undefined ? this.#silent + 1 : 0;
    if (rtp !== undefined && this.drawable) this.layer.show(video, rtp, metadata);
    if (!this.drawable) this.#ports.changed();
  }

  message(message: AnnotationMessage): void {
    for (const name of Object.keys(message.detectors)) if (this.#detectors.size < MOST_NAMES) this.#detectors.add(name);
    for (const { label } of message.detections) if (this.#labels.size < MOST_NAMES) this.#labels.add(label);
    this.layer.told(message);
  }

  /** Shows the details of a box from now on; undefined: of none. */
  pin(track: number | undefined): void {
    this.#pinned = track;
    this.layer.pin(track);
    this.#ports.changed();
  }

  point(at: { readonly x: number; readonly y: number } | undefined): void {
    this.layer.point(at);
    this.#ports.changed();
  }

  /** Another stream: nothing of this one holds for it. */
  clear(): void {
    this.#detectors.clear();
    this.#labels.clear();
    this.#look = USUAL_LOOK;
    this.#pinned = undefined;
    this.layer.clear();
  }

  /** Details follow their box; lists are for reading. */
  #list(): void {
    const at = performance.now();
    if (this.layer.details === undefined && at - this.#listedAt < LISTED_MS) return;
    this.#listedAt = at;
    if (at - this.#saidAt >= SAID_MS) {
      const summary = this.#summarise();
      if (summary !== this.#summary) this.#saidAt = at;
      this.#summary = summary;
    }
    this.#ports.changed();
  }

  #summarise(): string {
    const counts = new Map<string, number>();
    for (const { detection } of this.layer.boxes) counts.set(detection.label, (counts.get(detection.label) ?? 0) + 1);
    if (counts.size === 0) return this.#localizer.t('boxes.nothing');
    return [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([label, count]) => `${nameOf(label, this.#look)}: ${this.#localizer.number(count, 0)}`).join(', ');
  }
}
