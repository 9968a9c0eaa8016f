import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import type { Variant } from '../../../src/pipeline/messages.ts';
import { Localizer } from '../i18n/localizer.ts';
import { liveAddress } from '../live/address.ts';
import type { ShownFrame } from '../live/frame-meter.ts';
import { Playback, type Figures } from '../live/playback.ts';
import type { PlayerState } from '../live/player-state.ts';
import { controlBar, keyHelp } from './player/control-bar.ts';
import { figuresPanel } from './player/figures-panel.ts';
import { playerStyles } from './player/player-styles.ts';
import { actionOf, type PlayerAction } from './player/shortcuts.ts';
import { statusOverlay } from './player/status-overlay.ts';

/** Milliseconds after which the controls hide when nothing moves. */
const REST_MS = 2500;
/** Milliseconds between two readings of what only the server knows, while it is shown. */
const SERVER_FIGURES_MS = 5000;

/**
 * Plays one live stream well below a second, muted and by itself, and never needs a reload.
 *
 * @slot - Shown over the picture, below the controls.
 * @csspart video - The `<video>` element.
 * @csspart status - The message over the picture while it is not live.
 * @csspart controls - The bar with the buttons.
 * @csspart stats - The panel with the figures.
 * @csspart help - The list of keys.
 * @cssproperty --framelock-player-accent - Colour of what is on or in focus; it stands on the picture.
 * @cssproperty --framelock-radius - Radius of the corners.
 * @cssproperty --framelock-font - Font family.
 * @event framelock-state - Whenever the state changes; `detail`: `{ state, problem?, retryAt? }`.
 * @event framelock-frame - For each frame displayed; `detail`: `{ rtp, seq, capturedAt, displayedAt, latencyMs, annotation }`, undefined where it is not known.
 * @event framelock-figures - Each second; `detail`: what `figures` has.
 */
export class FramelockPlayer extends LitElement {
  static override properties = {
    src: { reflect: true },
    variant: { reflect: true },
    controls: { type: Boolean, reflect: true },
    stats: { type: Boolean, reflect: true },
    token: {},
    state: { reflect: true },
    _help: { state: true },
    _active: { state: true },
    _fullscreen: { state: true },
    _encoder: { state: true },
    _refused: { state: true },
  };

  static override styles = playerStyles;

  static override get observedAttributes(): string[] {
    return [...super.observedAttributes, 'lang'];
  }

  /** Address of the stream, `/live/ID`, absolute where the page is a foreign one. */
  declare src: string;
  /** `annotated` (boxes burned in, default) or `clean`. */
  declare variant: Variant;
  /** Shows buttons when the pointer moves or one has the focus, and answers to keys. */
  declare controls: boolean;
  /** Shows the panel with the figures. */
  declare stats: boolean;
  /** Bearer token, where the server asks for one. */
  declare token: string | undefined;
  /** Where the stream, or the connection to it, stands. To be read only. */
  declare state: PlayerState;
  declare private _help: boolean;
  declare private _active: boolean;
  declare private _fullscreen: boolean;
  declare private _encoder: string | undefined;
  declare private _refused: boolean;

  /** The `<video>` element that plays. */
  readonly video = document.createElement('video');
  readonly #localizer = new Localizer(this);
  readonly #playback = new Playback(this.video, {
    changed: () => this.#changed(),
    frame: (frame) => this.#emit('framelock-frame', frame),
    figures: (figures) => this.#emit('framelock-figures', figures),
  });
  #rest: ReturnType<typeof setTimeout> | undefined;
  #serverFigures: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    Object.assign(this.video, { muted: true, autoplay: true, playsInline: true, disableRemotePlayback: true, tabIndex: -1 });
    this.video.setAttribute('part', 'video');
    this.src = '';
    this.variant = 'annotated';
    this.controls = false;
    this.stats = false;
    this.state = 'connecting';
    this._help = false;
    this._active = false;
    this._fullscreen = false;
    this._refused = false;
  }

  /** The frame on screen. */
  get frame(): ShownFrame | undefined {
    return this.#playback.frame;
  }

  /** What is measured: `fps`, `bitrate` (bits a second), `packetsLost`, `codec`, `latency` (ms from capture to display, p50 and p95 of the last seconds). */
  get figures(): Figures {
    return this.#playback.figures;
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
    this.addEventListener('fullscreenchange', this.#onFullscreen);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#rest);
    this.#showServerFigures(false);
    this.removeEventListener('fullscreenchange', this.#onFullscreen);
    this.#playback.close();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('src') || changed.has('variant') || changed.has('token')) this.#open();
    if (changed.has('src') || changed.has('token')) this._refused = false;
    if (changed.has('stats')) this.#showServerFigures(this.stats);
  }

  protected override render(): TemplateResult {
    const { state, controls, video } = this;
    const live = state === 'live';
    const paused = video.paused && video.srcObject !== null;
    const pip = document.pictureInPictureEnabled;
    const classes = [live ? 'live' : 'waiting', this._active ? 'active' : 'resting', paused ? 'paused' : ''].join(' ');
    return html`
      <div class="stage ${classes}" role="group" tabindex=${controls ? 0 : nothing} aria-label=${this.#localizer.t('player.label', { stream: liveAddress(this.src, location.href)?.stream ?? '' })}
        @pointermove=${this.#wake} @pointerleave=${() => (this._active = false)} @keydown=${this.#key} @dblclick=${() => controls && this.#act('fullscreen')}>
        ${video} ${this.#playback.still}
        <slot></slot>
        <div class="status" part="status" role="status">${live ? nothing : statusOverlay(this.#localizer, state, this.#playback.condition, this.#playback.secondsToRetry, controls && !this._refused ? this.#retry : undefined)}</div>
        ${this.stats ? this.#panel() : nothing}
        ${controls
          ? [
              controlBar(this.#localizer, { state, paused, sound: this.#playback.condition.audio ? !video.muted : undefined, boxes: this.variant !== 'clean', figures: this.stats, help: this._help, pip, fullscreen: this._fullscreen }, this.#act),
              this._help ? keyHelp(this.#localizer, pip) : nothing,
            ]
          : nothing}
      </div>
    `;
  }

  #panel(): TemplateResult {
    const { frame, figures, video } = this;
    return figuresPanel(this.#localizer, { figures, frame, size: [video.videoWidth, video.videoHeight], encoder: this._encoder });
  }

  #open(): void {
    const address = liveAddress(this.src, location.href, this.token);
    if (address === undefined || !this.isConnected) this.#playback.close();
    else this.#playback.open(address.signaling, address.stream, this.variant);
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

  /** A viewer can't measure what encodes on the server: it is asked for, while somebody wants to see it. */
  #showServerFigures(show: boolean): void {
    clearInterval(this.#serverFigures);
    if (!show) return;
    const read = async (): Promise<void> => {
      const address = liveAddress(this.src, location.href, this.token);
      if (address === undefined || this.state !== 'live') return;
      const stream = await fetch(address.api).then((response) => (response.ok ? response.json() : undefined), () => undefined);
      this._encoder = (stream as { stats?: { encoder?: string } } | undefined)?.stats?.encoder;
    };
    void read();
    this.#serverFigures = setInterval(() => void read(), SERVER_FIGURES_MS);
  }

  /** Has the source tried again now; where the server does not take that from this page, it is not offered again. */
  readonly #retry = async (): Promise<void> => {
    const address = liveAddress(this.src, location.href);
    if (address === undefined) return;
    const headers = new Headers();
    if (this.token !== undefined && this.token !== '') headers.set('Authorization', `Bearer ${this.token}`);
    const status = await fetch(`${address.api}/retry`, { method: 'POST', headers }).then((response) => response.status, () => 0);
    this._refused = status === 401 || status === 403;
  };

  readonly #act = (action: PlayerAction): void => {
    const { video } = this;
    switch (action) {
      case 'play':
        if (video.paused) video.play().catch(() => undefined);
        else video.pause();
        return;
      case 'sound':
        video.muted = !video.muted;
        return;
      case 'boxes':
        this.variant = this.variant === 'clean' ? 'annotated' : 'clean';
        return;
      case 'figures':
        this.stats = !this.stats;
        return;
      case 'help':
        this._help = !this._help;
        return;
      case 'pip':
        // Both are refused where there is no picture yet.
        (document.pictureInPictureElement === null ? video.requestPictureInPicture() : document.exitPictureInPicture()).catch(() => undefined);
        return;
      case 'fullscreen':
        (document.fullscreenElement === null ? this.requestFullscreen() : document.exitFullscreen()).catch(() => undefined);
    }
  };

  readonly #key = (event: KeyboardEvent): void => {
    // A button in focus answers to the space bar itself.
    if (!this.controls || (event.key === ' ' && (event.composedPath()[0] as Element).tagName === 'BUTTON')) return;
    const action = event.key === 'Escape' && this._help ? 'help' : actionOf(event);
    if (action === undefined) return;
    event.preventDefault();
    this.#act(action);
  };

  readonly #wake = (): void => {
    this._active = true;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => (this._active = false), REST_MS);
  };

  readonly #onFullscreen = (): void => {
    // The document names the outermost host only.
    this._fullscreen = this.matches(':fullscreen');
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'framelock-player': FramelockPlayer;
  }
}
