import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import type { Variant } from '../../../src/pipeline/messages.ts';
import { formatNumber, LanguageController, t, type Key } from '../i18n/index.ts';
import { now } from '../live/clock-offset.ts';
import { FrameMeter, type ShownFrame } from '../live/frame-meter.ts';
import { LiveConnection, type Phase, type StreamCondition } from '../live/live-connection.ts';
import { ReceiverReader, type ReceiverFigures } from '../live/receiver-stats.ts';
import { icon, type Icon } from '../ui/icons.ts';

/** What the player shows: where the stream stands, or where the connection to it does. */
export type PlayerState = StreamCondition['state'] | 'reconnecting' | 'gone' | 'unsupported';

/** Milliseconds without a frame, while the server says that there are some, after which the connection is made anew. */
const FROZEN_MS = 4000;
/** Milliseconds between two readings of the figures. */
const FIGURES_MS = 1000;
/** Milliseconds after which the controls hide when nothing moves. */
const HIDE_MS = 2500;
const SIGNALING_PATH = '/signaling';

const ICONS: Partial<Record<PlayerState, Icon>> = { failed: 'alert', gone: 'alert', unsupported: 'alert', stopped: 'pause', idle: 'pause' };

/**
 * Plays one live stream below a second, and never needs a reload.
 *
 * @slot - Shown over the picture, below the controls.
 * @csspart video - The `<video>` element.
 * @csspart status - The message over the picture while it is not live.
 * @csspart controls - The bar with the buttons.
 * @csspart stats - The panel with the figures.
 * @cssproperty --framelock-accent - Colour of what is in focus or on.
 * @cssproperty --framelock-radius - Radius of the corners.
 * @event framelock-state - `detail`: `{ state, problem?, retryAt? }`, whenever the state changes.
 * @event framelock-frame - `detail`: `{ rtp, seq, capturedAt, latencyMs, annotation }`, for each frame shown.
 */
export class FramelockPlayer extends LitElement {
  static override properties = {
    src: { reflect: true },
    variant: { reflect: true },
    controls: { type: Boolean, reflect: true },
    stats: { type: Boolean, reflect: true },
    token: {},
    state: { reflect: true },
    _condition: { state: true },
    _paused: { state: true },
    _figures: { state: true },
    _active: { state: true },
    _fullscreen: { state: true },
    _seconds: { state: true },
  };

  static override styles = css`
    :host {
      display: block;
      position: relative;
      aspect-ratio: 16 / 9;
      overflow: hidden;
      border-radius: var(--framelock-radius, 12px);
      background: #05080e;
      color: #f3f6fb;
      font: 500 0.875rem/1.4 var(--framelock-font, system-ui, sans-serif);
      container-type: inline-size;
    }
    :host([hidden]) {
      display: none;
    }
    :host(:fullscreen) {
      border-radius: 0;
      aspect-ratio: auto;
    }
    .stage {
      position: absolute;
      inset: 0;
      outline: none;
    }
    :host(:focus-visible),
    .stage:focus-visible {
      outline: 3px solid var(--framelock-accent, #2dd4bf);
      outline-offset: -3px;
    }
    video {
      width: 100%;
      height: 100%;
      object-fit: contain;
      display: block;
      transition: filter 0.3s;
    }
    .dim video {
      filter: grayscale(0.9) brightness(0.55);
    }
    .status {
      position: absolute;
      inset: 0;
      display: grid;
      place-content: center;
      justify-items: center;
      gap: 0.35rem;
      padding: 1rem;
      text-align: center;
      pointer-events: none;
      text-shadow: 0 1px 3px #000;
    }
    .status strong {
      font-size: 1.1em;
    }
    .status span {
      max-width: 40ch;
      color: #d5deeb;
    }
    .status svg {
      font-size: 1.6em;
    }
    .spinner {
      width: 1.7em;
      height: 1.7em;
      border-radius: 50%;
      border: 3px solid #ffffff40;
      border-top-color: var(--framelock-accent, #2dd4bf);
      animation: turn 0.9s linear infinite;
    }
    @keyframes turn {
      to {
        rotate: 1turn;
      }
    }
    .bar {
      position: absolute;
      inset: auto 0 0 0;
      display: flex;
      align-items: center;
      gap: 0.25rem;
      padding: 2rem 0.5rem 0.5rem;
      background: linear-gradient(transparent, #000000c4);
      opacity: 0;
      transition: opacity 0.2s;
    }
    .active .bar,
    .bar:focus-within,
    .paused .bar {
      opacity: 1;
    }
    .spacer {
      flex: 1;
    }
    button {
      display: inline-grid;
      place-items: center;
      min-width: 2.5rem;
      height: 2.5rem;
      padding: 0;
      border: 0;
      border-radius: 8px;
      background: transparent;
      color: inherit;
      font: inherit;
      cursor: pointer;
    }
    button:hover {
      background: #ffffff2b;
    }
    button:focus-visible {
      outline: 2px solid var(--framelock-accent, #2dd4bf);
      outline-offset: -2px;
    }
    button[aria-pressed='true'] {
      color: var(--framelock-accent-on-dark, #2dd4bf);
    }
    .badge {
      display: inline-flex;
      align-items: center;
      gap: 0.4rem;
      padding: 0 0.5rem;
      font-weight: 600;
    }
    .badge::before {
      content: '';
      width: 0.6em;
      height: 0.6em;
      border-radius: 50%;
      background: #fbbf24;
    }
    .live .badge::before {
      background: #34d399;
    }
    dl {
      position: absolute;
      top: 0.75rem;
      left: 0.75rem;
      display: grid;
      grid-template-columns: auto auto;
      gap: 0.15rem 1rem;
      margin: 0;
      padding: 0.7rem 0.9rem;
      max-width: calc(100% - 1.5rem);
      max-height: calc(100% - 1.5rem);
      box-sizing: border-box;
      overflow: auto;
      border-radius: 8px;
      background: #070c14e0;
      font-size: 0.8rem;
      font-variant-numeric: tabular-nums;
    }
    dt {
      color: #b6c3d6;
    }
    dd {
      margin: 0;
      text-align: right;
    }
    slot {
      position: absolute;
      display: block;
      inset: 0;
      pointer-events: none;
    }
    @container (max-width: 340px) {
      dl {
        font-size: 0.7rem;
      }
      .badge {
        font-size: 0.75rem;
      }
    }
    @media (prefers-reduced-motion: reduce) {
      * {
        transition: none !important;
      }
      .spinner {
        animation-duration: 4s;
      }
    }
  `;

  /** Address of the stream, `/live/ID`, absolute where the page is a foreign one. */
  declare src: string;
  /** `annotated` (boxes burned in, default) or `clean`. */
  declare variant: Variant;
  /** Shows buttons when the pointer moves or one has the focus. */
  declare controls: boolean;
  /** Shows the panel with the figures. */
  declare stats: boolean;
  /** Bearer token, where the server asks for one. */
  declare token: string | undefined;
  /** Where the stream, or the connection to it, stands. */
  declare state: PlayerState;
  declare private _condition: StreamCondition;
  declare private _paused: boolean;
  declare private _figures: ReceiverFigures | undefined;
  declare private _active: boolean;
  declare private _fullscreen: boolean;
  declare private _seconds: number | undefined;

  readonly #meter = new FrameMeter();
  #reader = new ReceiverReader();
  #connection: LiveConnection | undefined;
  #phase: Phase = 'connecting';
  #frame: ShownFrame | undefined;
  #lastFrameAt = 0;
  #track: MediaStreamTrack | undefined;
  #callback = 0;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #hide: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    new LanguageController(this);
    this.src = '';
    this.variant = 'annotated';
    this.controls = false;
    this.stats = false;
    this.state = 'connecting';
    this._condition = { state: 'connecting' };
    this._paused = false;
    this._active = false;
    this._fullscreen = false;
  }

  /** The `<video>` element that plays. */
  get video(): HTMLVideoElement | undefined {
    return this.renderRoot.querySelector('video') ?? undefined;
  }

  /** The frame on screen. */
  get frame(): ShownFrame | undefined {
    return this.#frame;
  }

  /** Figures of the last second; `latency` in milliseconds from capture to display. */
  get figures(): Partial<ReceiverFigures> & { fps: number; latency: { p50: number; p95: number } | undefined } {
    return { ...this._figures, fps: this.#meter.fps(performance.now()), latency: this.#meter.latency() };
  }

  /** What was said about the frame with this RTP timestamp, if it was some seconds ago at most. */
  annotationFor(rtp: number): AnnotationMessage | undefined {
    return this.#meter.annotationFor(rtp);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#connect();
    this.#ticker = setInterval(() => void this.#tick(), FIGURES_MS);
    this.addEventListener('fullscreenchange', this.#onFullscreen);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#ticker);
    clearTimeout(this.#hide);
    this.removeEventListener('fullscreenchange', this.#onFullscreen);
    this.#disconnect();
  }

  protected override firstUpdated(): void {
    // Set as a property too: an attribute in a template does not mute an element that is already there.
    this.video!.muted = true;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('src') || changed.has('variant') || changed.has('token')) this.#connect();
  }

  protected override render(): TemplateResult {
    const live = this.state === 'live';
    const classes = [live ? 'live' : 'dim', this._active ? 'active' : '', this._paused ? 'paused' : ''].join(' ');
    return html`
      <div class="stage ${classes}" role="group" tabindex=${this.controls ? 0 : -1} aria-label=${t('player.label', { stream: streamOf(this.src) })}
        @pointermove=${this.#wake} @pointerleave=${() => (this._active = false)} @keydown=${this.#key} @dblclick=${this.#toggleFullscreen}>
        <video part="video" playsinline autoplay muted tabindex="-1" disableremoteplayback @pause=${this.#playState} @play=${this.#playState}></video>
        <slot></slot>
        <div class="status" part="status" role="status" aria-live="polite">${live ? nothing : this.#status()}</div>
        ${this.stats ? this.#panel() : nothing} ${this.controls ? this.#bar() : nothing}
      </div>
    `;
  }

  #status(): TemplateResult {
    const { problem } = this._condition;
    const symbol = ICONS[this.state];
    const text = problem !== undefined && ['retrying', 'failed', 'stalled'].includes(this.state) ? problem.message : t(`state.${this.state}.text` as Key);
    return html`
      ${symbol === undefined ? html`<div class="spinner"></div>` : icon(symbol)}
      <strong>${t(`state.${this.state}`)}</strong>
      <span>${text} ${this._seconds === undefined ? nothing : t('state.retrying.at', { seconds: this._seconds })}</span>
    `;
  }

  #bar(): TemplateResult {
    const clean = this.variant === 'clean';
    return html`
      <div class="bar" part="controls" role="toolbar" aria-label=${t('player.controls')}>
        ${this.#button(this._paused ? 'play' : 'pause', t(this._paused ? 'player.play' : 'player.pause'), this.#togglePlay)}
        <span class="badge">${t(`state.${this.state}`)}</span>
        <span class="spacer"></span>
        ${this.#button('box', t(clean ? 'player.variant.clean' : 'player.variant.annotated'), this.#toggleVariant, !clean)}
        ${this.#button('chart', t('player.stats'), this.#toggleStats, this.stats)}
        ${document.pictureInPictureEnabled ? this.#button('pip', t('player.pip'), this.#togglePip) : nothing}
        ${this.#button(this._fullscreen ? 'shrink' : 'fullscreen', t(this._fullscreen ? 'player.exitFullscreen' : 'player.fullscreen'), this.#toggleFullscreen)}
      </div>
    `;
  }

  #button(name: Icon, label: string, run: () => void, pressed?: boolean): TemplateResult {
    return html`<button type="button" title=${label} aria-label=${label} aria-pressed=${pressed ?? nothing}
      @click=${run} @dblclick=${(event: Event) => event.stopPropagation()}>${icon(name)}</button>`;
  }

  #panel(): TemplateResult {
    const { video } = this;
    const { fps, latency, bitrate, codec, packetsLost } = this.figures;
    const unknown = t('stats.unknown');
    const rows: [string, string][] = [
      [t('stats.resolution'), video === undefined || video.videoWidth === 0 ? unknown : `${video.videoWidth} × ${video.videoHeight}`],
      [t('stats.fps'), formatNumber(fps, 0)],
      [t('stats.bitrate'), bitrate === undefined ? unknown : `${formatNumber(bitrate / 1e6, 2)} Mbit/s`],
      [t('stats.codec'), codec ?? unknown],
      [t('stats.latency'), latency === undefined ? unknown : `${formatNumber(latency.p50, 0)} / ${formatNumber(latency.p95, 0)} ms`],
      [t('stats.lost'), packetsLost === undefined ? unknown : formatNumber(packetsLost, 0)],
      [t('stats.frame'), this.#frame?.seq === undefined ? unknown : String(this.#frame.seq)],
      ...Object.entries(this.#frame?.annotation?.detectors ?? {}).map(([detector, { age }]): [string, string] => [
        t('stats.age', { detector }),
        age === 0 ? t('stats.ageExact') : t('stats.ageFrames', { count: age }),
      ]),
    ];
    return html`<dl part="stats" aria-label=${t('stats.title')}>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
  }

  #connect(): void {
    this.#disconnect();
    if (this.src === '') return;
    const url = new URL(this.src, location.href);
    const stream = streamOf(this.src);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.pathname = SIGNALING_PATH;
    url.search = this.token === undefined ? '' : new URLSearchParams({ access_token: this.token }).toString();
    this.#lastFrameAt = now();
    this.#connection = new LiveConnection(url.href, stream, this.variant, {
      phase: (phase) => {
        this.#phase = phase;
        if (phase === 'connected') this.#lastFrameAt = now();
        this.#decide();
      },
      condition: (condition) => {
        this._condition = condition;
        if (condition.state === 'live') this.#lastFrameAt = now();
        this.#decide();
      },
      track: (track) => this.#play(track),
      annotation: (message) => this.#meter.keep(message),
    });
  }

  #disconnect(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#phase = 'connecting';
    this._condition = { state: 'connecting' };
    this.#decide();
  }

  /** The last picture stays until the next one is there. */
  #play(track: MediaStreamTrack): void {
    const { video } = this;
    if (video === undefined) return;
    this.#track = track;
    this.#meter.reset();
    this.#reader = new ReceiverReader();
    video.srcObject = new MediaStream([track]);
    if (!this._paused) video.play().catch(() => undefined);
    video.cancelVideoFrameCallback(this.#callback);
    this.#callback = video.requestVideoFrameCallback(this.#onFrame);
  }

  readonly #onFrame: VideoFrameRequestCallback = (_now, metadata) => {
    const { video } = this;
    if (video === undefined) return;
    this.#callback = video.requestVideoFrameCallback(this.#onFrame);
    this.#lastFrameAt = now();
    this.#frame = this.#meter.shown(metadata, this.#connection?.clockOffset);
    this.#decide();
    this.dispatchEvent(new CustomEvent('framelock-frame', { detail: this.#frame, bubbles: true, composed: true }));
  };

  /** One state out of two: of the stream, and of the way to it. */
  #decide(): void {
    const { state } = this._condition;
    const picture = this.#track !== undefined && this.#frame !== undefined;
    const next = ((): PlayerState => {
      switch (this.#phase) {
        case 'gone':
        case 'unsupported':
          return this.#phase;
        case 'refused':
          return 'reconnecting';
        case 'connecting':
        case 'reconnecting':
          return picture ? 'reconnecting' : 'connecting';
        case 'connected':
          return state === 'live' && !picture ? 'connecting' : state;
      }
    })();
    const { retryAt } = this._condition;
    const left = retryAt === undefined ? undefined : Math.ceil((retryAt - now() - (this.#connection?.clockOffset ?? 0)) / 1000);
    this._seconds = left !== undefined && left > 0 && ['retrying', 'failed'].includes(next) ? left : undefined;
    if (next === this.state) return;
    this.state = next;
    this.dispatchEvent(new CustomEvent('framelock-state', { detail: { ...this._condition, state: next }, bubbles: true, composed: true }));
  }

  async #tick(): Promise<void> {
    const report = await this.#connection?.receiverStats();
    this._figures = report === undefined ? undefined : this.#reader.read(report);
    if (this.stats) this.requestUpdate();
    this.#decide();
    const expected = this.#phase === 'connected' && this._condition.state === 'live' && !this._paused && document.visibilityState === 'visible';
    if (!expected) this.#lastFrameAt = now();
    else if (now() - this.#lastFrameAt > FROZEN_MS) {
      this.#lastFrameAt = now();
      this.#connection?.restart();
    }
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.controls) return;
    // A button in focus answers to the space bar itself.
    if (event.key === ' ' && (event.composedPath()[0] as Element).tagName === 'BUTTON') return;
    const actions: Record<string, () => void> = {
      ' ': this.#togglePlay,
      k: this.#togglePlay,
      f: this.#toggleFullscreen,
      p: this.#togglePip,
      i: this.#toggleStats,
      b: this.#toggleVariant,
    };
    const action = actions[event.key.toLowerCase()];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };

  readonly #wake = (): void => {
    this._active = true;
    clearTimeout(this.#hide);
    this.#hide = setTimeout(() => (this._active = false), HIDE_MS);
  };

  readonly #playState = (): void => {
    this._paused = this.video?.paused ?? false;
  };

  readonly #togglePlay = (): void => {
    const { video } = this;
    if (video?.paused === true) video.play().catch(() => undefined);
    else video?.pause();
  };

  readonly #toggleVariant = (): void => {
    this.variant = this.variant === 'clean' ? 'annotated' : 'clean';
  };

  readonly #toggleStats = (): void => {
    this.stats = !this.stats;
  };

  readonly #togglePip = (): void => {
    if (document.pictureInPictureElement !== null) void document.exitPictureInPicture();
    else this.video?.requestPictureInPicture().catch(() => undefined);
  };

  readonly #toggleFullscreen = (): void => {
    if (!this.controls) return;
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    else this.requestFullscreen().catch(() => undefined);
  };

  readonly #onFullscreen = (): void => {
    this._fullscreen = document.fullscreenElement !== null;
  };
}

/** The identifier in `/live/ID`. */
function streamOf(src: string): string {
  return /\/live\/([^/?#]+)/.exec(src)?.[1] ?? '';
}

declare global {
  interface HTMLElementTagNameMap {
    'framelock-player': FramelockPlayer;
  }
}
