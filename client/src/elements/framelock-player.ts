import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import type { Variant } from '../../../src/pipeline/media/info.ts';
import { EVERYTHING } from '../annotate/box-choices.ts';
import { USUAL_LOOK, type DrawnBox } from '../annotate/box-renderer.ts';
import type { LockFigures } from '../annotate/lock-meter.ts';
import { Localizer } from '../i18n/localizer.ts';
import { liveAddress } from '../live/address.ts';
import type { ShownFrame } from '../live/frame-meter.ts';
import { Playback, type Figures } from '../live/playback.ts';
import type { PlayerState } from '../live/player-state.ts';
import type { BoxesShown } from './player/boxes-panel.ts';
import { controlBar, keyHelp } from './player/control-bar.ts';
import { figuresPanel } from './player/figures-panel.ts';
import { PlayerBoxes } from './player/player-boxes.ts';
import { PlayerControls } from './player/player-controls.ts';
import { playerStyles } from './player/player-styles.ts';
import { statusOverlay } from './player/status-overlay.ts';
import { StreamFactsReader } from './player/stream-facts.ts';

/** Names in an attribute, with commas between them. */
const NAMES = { fromAttribute: (value: string | null): string[] => (value ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '') };
/**
 * Plays one live stream well below a second, muted and by itself, and never needs a reload.
 *
 * @attr {string} lang - Language of the texts, `en` or `zh-CN`; left out, what the page or the browser prefers.
 * @slot - Shown over the picture, below the controls.
 * @csspart video - The `<video>` element.
 * @csspart status - The message over the picture while it is not live.
 * @csspart controls - The bar with the buttons.
 * @csspart stats - The panel with the figures.
 * @csspart help - The list of keys.
 * @csspart boxes - The panel with what is shown of the boxes.
 * @csspart details - What is known of the box that is pointed at or chosen.
 * @cssproperty --framelock-player-accent - Colour of what is on or in focus; it stands on the picture.
 * @cssproperty --framelock-radius - Radius of the corners.
 * @cssproperty --framelock-font - Font family.
 * @event framelock-state - Whenever the state changes; `detail`: `{ state, problem?, retryAt? }`.
 * @event framelock-frame - For each frame displayed; `detail`: `{ rtp, seq, capturedAt, displayedAt, latencyMs, annotation }`, undefined where it is not known.
 * @event framelock-drawn - For each frame that boxes are drawn upon, again where its message comes late; `detail`: `{ rtp, seq, kind, ages, pictureSeq?, heldMs }`.
 * @event framelock-boxes - A viewer chose what is shown of the boxes; `detail`: `{ boxes, hiddenDetectors, hiddenLabels, unlabelled, trails, withoutZones, threshold }`.
 * @event framelock-figures - Each second; `detail`: what `figures` has.
 */
export class FramelockPlayer extends LitElement {
  static override properties = {
    src: { reflect: true },
    variant: { reflect: true },
    controls: { type: Boolean, reflect: true },
    stats: { type: Boolean, reflect: true },
    plain: { type: Boolean, reflect: true },
    trails: { type: Boolean, reflect: true },
    unlabelled: { type: Boolean, reflect: true },
    withoutZones: { attribute: 'without-zones', type: Boolean, reflect: true },
    threshold: { type: Number },
    hiddenDetectors: { attribute: 'hidden-detectors', converter: NAMES },
    hiddenLabels: { attribute: 'hidden-labels', converter: NAMES },
    measure: { type: Boolean, reflect: true },
    token: {},
    state: { reflect: true },
    boxes: { reflect: true },
  };

  static override styles = playerStyles;

  static override get observedAttributes(): string[] {
    return [...super.observedAttributes, 'lang'];
  }

  /** Address of the stream, `/live/ID`, absolute where the page is a foreign one. */
  declare src: string;
  /** `annotated` (boxes burned in, default) or `clean`: boxes are drawn here, each on exactly its frame. */
  declare variant: Variant;
  /** Shows buttons when the pointer moves or one has the focus, and answers to keys. */
  declare controls: boolean;
  /** Shows the panel with the figures. */
  declare stats: boolean;
  /** Draws nothing upon `clean`. */
  declare plain: boolean;
  /** Draws where things came from. */
  declare trails: boolean;
  /** Draws boxes without their labels. */
  declare unlabelled: boolean;
  /** Draws no zones and lines. */
  declare withoutZones: boolean;
  /** The least score of a box that is drawn, 0…1. */
  declare threshold: number;
  /** Detectors whose boxes are not drawn. */
  declare hiddenDetectors: readonly string[];
  /** Labels whose boxes are not drawn. */
  declare hiddenLabels: readonly string[];
  /** Reads the time code of the generated scene out of each picture, and compares it with what is drawn. */
  declare measure: boolean;
  /** Bearer token, where the server asks for one. */
  declare token: string | undefined;
  /** Where the stream, or the connection to it, stands. To be read only. */
  declare state: PlayerState;
  /** Where the boxes on the picture come from: `drawn` here, `burned-in` by the server, or `none`. To be read only. */
  declare boxes: BoxesShown;

  /** The `<video>` element that plays. */
  readonly video = document.createElement('video');
  readonly #localizer = new Localizer(this);
  readonly #playback = new Playback(this.video, {
    changed: () => this.#changed(),
    frame: (frame, metadata) => {
      if (this.#drawing) this.#boxes.frame(this.video, frame.rtp, metadata);
      this.#emit('framelock-frame', frame);
    },
    message: (message) => this.#boxes.message(message),
    figures: (figures) => {
      this.#playback.delay = this.#drawing ? this.#boxes.layer.delayAfter(this.#playback.delay) : 0;
      this.#emit('framelock-figures', figures);
    },
  });
  readonly #boxes = new PlayerBoxes(this, this.#playback.messages, this.#localizer);
  readonly #controls = new PlayerControls(this, this.#boxes);
  readonly #facts = new StreamFactsReader(({ stats, overlay = USUAL_LOOK, zones = [], lines = [] }) => {
    this.#encoder = stats?.encoder;
    this.#boxes.describe(overlay, { zones, lines });
  });
  #encoder: string | undefined;
  /** The variant that was asked for last. */
  #opened: Variant | undefined;

  constructor() {
    super();
    Object.assign(this.video, { muted: true, autoplay: true, playsInline: true, disableRemotePlayback: true, tabIndex: -1 });
    this.video.setAttribute('part', 'video');
    const usual = { src: '', variant: 'annotated', controls: false, stats: false, plain: false, measure: false, state: 'connecting', boxes: 'burned-in' } satisfies Partial<FramelockPlayer>;
    Object.assign(this, EVERYTHING, usual);
  }

  /** The frame on screen. */
  get frame(): ShownFrame | undefined {
    return this.#playback.frame;
  }

  /** What is measured: `fps`, `bitrate` (bits a second), `packetsLost`, `codec`, `protocol`, `latency` (ms from capture to display, p50 and p95 of the last seconds), `freezes` and `frozenMs`. */
  get figures(): Figures {
    return this.#playback.figures;
  }

  /** How well the picture and the boxes that are drawn on it keep together. */
  get lock(): LockFigures {
    return this.#boxes.layer.figures;
  }

  /** The boxes that are drawn on the frame on screen, the largest first. */
  get drawnBoxes(): readonly DrawnBox[] {
    return this.#boxes.layer.boxes;
  }

  /** Ticks from the RTP timestamps of the video to those of its messages; 0 but for a layer of a publisher that counts from elsewhere. */
  get rtpOffset(): number {
    return this.#boxes.layer.matcher.offset;
  }

  set rtpOffset(ticks: number) {
    this.#boxes.layer.matcher.offset = ticks;
  }

  /** What was said about the frame with this RTP timestamp, if it was some seconds ago at most. */
  annotationFor(rtp: number): AnnotationMessage | undefined {
    return this.#playback.annotationFor(rtp);
  }

  override attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (name === 'lang') this.requestUpdate();
    else super.attributeChangedCallback(name, before, after);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#open();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#facts.forget();
    this.#playback.close();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!this.hasUpdated) this.#boxes.recall();
    if (changed.has('src')) {
      this.#boxes.clear();
      this.#facts.forget();
    }
    const drawn = this.variant === 'clean' && !this.plain;
    this.boxes = drawn && this.#boxes.drawable ? 'drawn' : drawn || this.variant !== 'clean' ? 'burned-in' : 'none';
    if (!this.#drawing && this.hasUpdated) this.#boxes.layer.clear();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('src') || changed.has('token') || this.#opened !== this.#playing) this.#open();
    if (Object.keys(EVERYTHING).some((name) => changed.has(name))) this.#boxes.layer.redraw();
    if (changed.has('src') || changed.has('token')) this.#controls.admit();
    this.#readFacts();
  }

  protected override render(): TemplateResult {
    const { state, controls, video } = this;
    const { act, active, choosing, fullscreen, help, key, leave, move, refused, retry } = this.#controls;
    const live = state === 'live';
    const paused = video.paused && video.srcObject !== null;
    const pip = document.pictureInPictureEnabled;
    const classes = [live ? 'live' : 'waiting', active ? 'active' : 'resting', paused ? 'paused' : ''].join(' ');
    return html`
      <div class="stage ${classes}" role="group" tabindex=${controls ? 0 : nothing} aria-label=${this.#localizer.t('player.label', { stream: liveAddress(this.src, location.href)?.stream ?? '' })}
        @pointermove=${move} @pointerleave=${leave} @click=${this.#boxes.tap} @keydown=${key} @dblclick=${() => controls && act('fullscreen')}>
        ${video} ${this.#boxes.layer.picture} ${this.#boxes.layer.overlay} ${this.#playback.still}
        <slot></slot>
        ${live ? this.#boxes.details() : nothing}
        <div class="status" part="status" role="status">${live ? nothing : statusOverlay(this.#localizer, this.#playback, controls && !refused ? retry : undefined)}</div>
        ${this.stats ? figuresPanel(this.#localizer, { figures: this.figures, frame: this.frame, video, encoder: this.#encoder }) : nothing}
        ${controls
          ? [
              controlBar(this.#localizer, { state, paused, sound: this.#playback.condition.audio ? !video.muted : undefined, boxes: this.boxes !== 'none', choices: choosing, figures: this.stats, help, pip, fullscreen }, act),
              choosing ? this.#boxes.panel(() => act('choices')) : nothing,
              help ? keyHelp(this.#localizer, pip) : nothing,
            ]
          : nothing}
      </div>
    `;
  }

  /** Whether boxes are drawn on the picture that is on screen. */
  get #drawing(): boolean {
    return !this.plain && this.#boxes.drawable && this.#playback.variant === 'clean';
  }

  /** Where boxes can't be drawn here, the server's are shown. */
  get #playing(): Variant {
    return this.boxes === 'burned-in' ? 'annotated' : 'clean';
  }

  #open(): void {
    this.#opened = this.#playing;
    const address = liveAddress(this.src, location.href, this.token);
    if (address === undefined || !this.isConnected) this.#playback.close();
    else this.#playback.open(address.signaling, address.stream, this.#playing);
  }

  #changed(): void {
    const { state, condition } = this.#playback;
    this.requestUpdate();
    if (state === this.state) return;
    this.state = state;
    this.#emit('framelock-state', { ...condition, state });
  }

  #emit(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  /** What is shown or drawn here and only the server knows. */
  #readFacts(): void {
    const address = liveAddress(this.src, location.href, this.token);
    if (address === undefined || this.state !== 'live' || !(this.stats || this.boxes === 'drawn')) return;
    void this.#facts.follow({ address: address.api, drawing: this.#playback.condition.drawing, figures: this.stats });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'framelock-player': FramelockPlayer;
  }
}
