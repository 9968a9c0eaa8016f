import { nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import type { AnnotationMessage } from '../../../../src/pipeline/annotation.ts';
import type { Variant } from '../../../../src/pipeline/media/info.ts';
import { rememberChoices, rememberedChoices, type BoxChoices } from '../../annotate/box-choices.ts';
import { nameOf, USUAL_LOOK, type BoxLook } from '../../annotate/box-renderer.ts';
import { DrawnBoxes } from '../../annotate/drawn-boxes.ts';
import type { MessageStore } from '../../annotate/message-store.ts';
import { EMPTY_SCENE, type Scene } from '../../annotate/zone-renderer.ts';
import type { Localizer } from '../../i18n/localizer.ts';
import { boxDetails } from './box-details.ts';
import { boxesPanel, type BoxesShown } from './boxes-panel.ts';

/** Frames in a row after which a browser that does not tell which frame it shows, or does not give its picture, is taken at its word. */
const UNDRAWABLE_FRAMES = 10;
/** Milliseconds between two changes of what is listed, and between two that are said. */
const LISTED_MS = 250;
const SAID_MS = 8000;
/** Names that are offered for choosing. */
const MOST_NAMES = 100;

/** The player, as far as it has to do with boxes. */
export interface BoxesHost extends HTMLElement, Pick<ReactiveControllerHost, 'addController' | 'requestUpdate'>, BoxChoices {
  variant: Variant;
  plain: boolean;
  readonly boxes: BoxesShown;
  readonly measure: boolean;
}

/** Everything of a player that has to do with the boxes that it draws. */
export class PlayerBoxes implements ReactiveController {
  readonly layer: DrawnBoxes;
  readonly #host: BoxesHost;
  readonly #localizer: Localizer;
  readonly #detectors = new Set<string>();
  readonly #labels = new Set<string>();
  #look = USUAL_LOOK;
  #scene = EMPTY_SCENE;
  #pinned: number | undefined;
  #silent = 0;
  #drawable = typeof VideoFrame === 'function';
  #listedAt = 0;
  #summary = '';
  #saidAt = -Infinity;

  constructor(host: BoxesHost, messages: MessageStore, localizer: Localizer) {
    this.#host = host;
    this.#localizer = localizer;
    this.layer = new DrawnBoxes(messages, {
      choices: () => this.#choices,
      look: () => this.#look,
      scene: () => this.#scene,
      words: () => ({ into: localizer.t('boxes.in'), out: localizer.t('boxes.out') }),
      measure: () => host.measure,
      drawn: (frame) => {
        this.#emit('framelock-drawn', frame);
        this.#list();
      },
    });
    host.addController(this);
  }

  hostConnected(): void {
    this.layer.connect();
  }

  hostDisconnected(): void {
    this.layer.disconnect();
  }

  /** False once this browser has shown that it can't: no RTP timestamps, or no pictures to draw with them. */
  get drawable(): boolean {
    return this.#drawable;
  }

  /** What the stream says of how its boxes look, and of its zones and lines. */
  describe(look: BoxLook, scene: Scene): void {
    this.#look = look;
    this.#scene = scene;
    this.layer.redraw();
    this.#host.requestUpdate();
  }

  /** A frame is displayed. @param rtp undefined where the browser does not tell it */
  frame(video: HTMLVideoElement, rtp: number | undefined, metadata: VideoFrameCallbackMetadata): void {
    this.#silent = rtp === undefined ? this.#silent + 1 : 0;
    if (rtp !== undefined) this.layer.show(video, rtp, metadata);
    if (Math.max(this.#silent, this.layer.skipped) < UNDRAWABLE_FRAMES) return;
    this.#drawable = false;
    this.#host.requestUpdate();
  }

  message(message: AnnotationMessage): void {
    for (const name of Object.keys(message.detectors)) if (this.#detectors.size < MOST_NAMES) this.#detectors.add(name);
    for (const { label } of message.detections) if (this.#labels.size < MOST_NAMES) this.#labels.add(label);
    this.layer.told(message);
  }

  /** What a viewer chose earlier, where the page itself says nothing. */
  recall(): void {
    for (const [name, value] of Object.entries(rememberedChoices())) {
      const attribute = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      if (!this.#host.hasAttribute(attribute)) Object.assign(this.#host, { [name]: value });
    }
  }

  /** Somebody wants the boxes from there. */
  readonly show = (shown: BoxesShown): void => {
    this.#host.variant = shown === 'burned-in' ? 'annotated' : 'clean';
    this.#host.plain = shown === 'none';
    this.#emit('framelock-boxes', { ...this.#choices, boxes: shown });
  };

  /** Shows the details of a box from now on; undefined: of none. */
  readonly pin = (track: number | undefined): void => {
    this.#pinned = track;
    this.layer.pin(track);
    this.#host.requestUpdate();
  };

  readonly move = (event: PointerEvent): void => {
    if (event.pointerType === 'mouse' && this.#host.boxes === 'drawn') this.#point(event);
  };

  readonly leave = (): void => this.#point(undefined);

  /** A tap on a box keeps its details; another one, or one beside it, lets them go. */
  readonly tap = (event: MouseEvent): void => {
    if (this.#host.boxes !== 'drawn' || event.composedPath().some((one) => one instanceof Element && one.matches('button, .panel'))) return;
    this.#point(event);
    const { pointed } = this.layer;
    this.pin(pointed === this.#pinned ? undefined : pointed);
  };

  /** The box that is pointed at or chosen. */
  details(): TemplateResult | typeof nothing {
    const details = this.#host.boxes === 'drawn' ? this.layer.details : undefined;
    if (details === undefined) return nothing;
    const { clientWidth: width, shadowRoot } = this.#host;
    return boxDetails(this.#localizer, details, this.#look, width, shadowRoot?.querySelector<HTMLElement>('.panel.boxes')?.offsetLeft ?? width);
  }

  panel(close: () => void): TemplateResult {
    return boxesPanel(
      this.#localizer,
      {
        shown: this.#host.boxes,
        drawable: this.drawable,
        choices: this.#choices,
        look: this.#look,
        zones: this.#look.zones !== false && this.#scene.zones.length + this.#scene.lines.length > 0,
        detectors: [...this.#detectors].sort(),
        labels: [...this.#labels].sort(),
        boxes: this.layer.boxes,
        pinned: this.#pinned,
        summary: this.#summary,
      },
      { show: this.show, choose: this.#choose, pin: this.pin, close },
    );
  }

  /** Another stream: nothing of this one holds for it. */
  clear(): void {
    this.#detectors.clear();
    this.#labels.clear();
    this.#look = USUAL_LOOK;
    this.#scene = EMPTY_SCENE;
    this.#pinned = undefined;
    this.layer.clear();
  }

  get #choices(): BoxChoices {
    const { hiddenDetectors, hiddenLabels, unlabelled, trails, withoutZones, threshold } = this.#host;
    return { hiddenDetectors, hiddenLabels, unlabelled, trails, withoutZones, threshold };
  }

  readonly #choose = (choices: Partial<BoxChoices>): void => {
    Object.assign(this.#host, choices);
    rememberChoices(this.#choices);
    this.#emit('framelock-boxes', { ...this.#choices, boxes: this.#host.boxes });
  };

  #point(event: MouseEvent | undefined): void {
    const { left, top } = this.#host.getBoundingClientRect();
    this.layer.point(event === undefined ? undefined : { x: event.clientX - left, y: event.clientY - top });
    this.#host.requestUpdate();
  }

  #emit(type: string, detail: unknown): void {
    this.#host.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
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
    this.#host.requestUpdate();
  }

  #summarise(): string {
    const counts = new Map<string, number>();
    for (const { detection } of this.layer.boxes) counts.set(detection.label, (counts.get(detection.label) ?? 0) + 1);
    if (counts.size === 0) return this.#localizer.t('boxes.nothing');
    return [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([label, count]) => `${nameOf(label, this.#look)}: ${this.#localizer.number(count, 0)}`).join(', ');
  }
}
