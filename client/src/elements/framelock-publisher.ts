import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { Localizer } from '../i18n/localizer.ts';
import { liveAddress } from '../live/address.ts';
import type { ShownFrame } from '../live/frame-meter.ts';
import type { Figures } from '../live/playback.ts';
import type { CaptureKind } from '../publish/capture.ts';
import type { LayerChoice } from '../publish/layer-choice.ts';
import { Publisher, type PublisherFigures, type PublisherState } from '../publish/publisher.ts';
import { icon } from '../ui/icons.ts';
import { ownColors } from '../ui/own-colors.ts';
import { segmentedStyles } from '../ui/segmented.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import type { FramelockPlayer } from './framelock-player.ts';
import { publisherFigures } from './publisher/publisher-figures.ts';
import { publisherOverlay } from './publisher/publisher-overlay.ts';
import { publisherStyles } from './publisher/publisher-styles.ts';
import { sourceControls } from './publisher/source-controls.ts';

/**
 * Publishes a camera or a screen as a live stream by WHIP (RFC 9725), and plays beside it what the server makes of it.
 *
 * The round trip, from a frame's capture in this page to its annotated picture being displayed here, is added up from what each part of the way measures; with `measure` it
 * is read from each frame, for which a strip of squares is drawn into the published picture (publish/round-trip.ts).
 *
 * @attr {string} lang - Language of the texts, `en` or `zh-CN`; left out, what the page or the browser prefers.
 * @csspart preview - The `<video>` with the picture of this machine.
 * @csspart status - The message over it.
 * @csspart player - The `<framelock-player>` with the annotated picture.
 * @csspart controls - The bar with devices and buttons.
 * @csspart figures - What is measured.
 * @cssproperty --framelock-bg - Background of fields.
 * @cssproperty --framelock-surface - Background of panels.
 * @cssproperty --framelock-raised - Background of buttons and of other things upon panels.
 * @cssproperty --framelock-line - Lines between parts.
 * @cssproperty --framelock-edge - Borders of fields.
 * @cssproperty --framelock-text - Colour of text.
 * @cssproperty --framelock-muted - Colour of text that explains.
 * @cssproperty --framelock-accent - What is on, chosen or in focus.
 * @cssproperty --framelock-on-accent - Text on the accent.
 * @cssproperty --framelock-live - What is live.
 * @cssproperty --framelock-danger - What is wrong, and buttons that remove something.
 * @cssproperty --framelock-on-danger - Text on the colour of danger.
 * @cssproperty --framelock-warn - What needs attention.
 * @cssproperty --framelock-shadow - Shadow of panels.
 * @cssproperty --framelock-radius - Radius of the corners.
 * @cssproperty --framelock-font - Font family.
 * @event framelock-publisher-state - Whenever the state or its reason changes; `detail`: `{ state, reason? }`.
 * @event framelock-publisher-figures - Each second while publishing; `detail`: what `figures` has.
 * @event framelock-round-trip - With `measure`, for each annotated frame displayed; `detail`: `{ ms }`.
 */
export class FramelockPublisher extends LitElement {
  static override properties = {
    src: { reflect: true },
    token: {},
    layers: {},
    measure: { type: Boolean, reflect: true },
    state: { reflect: true },
    _kind: { state: true },
    _figures: { state: true },
  };

  static override styles = [sharedStyles, segmentedStyles, ownColors, publisherStyles];

  static override get observedAttributes(): string[] {
    return [...super.observedAttributes, 'lang'];
  }

  /** Address of the stream to be, `/live/ID`, absolute where the page is a foreign one. */
  declare src: string;
  /** Bearer token, where the server asks for one. */
  declare token: string | undefined;
  /**
   * Whether the picture is published in several sizes, of which viewers of the clean variant get the one that their way carries: `on` where the browser can, `off`, or `auto`
   * (the default): where the machine has processors to spare.
   */
  declare layers: LayerChoice;
  /** Draws the time of capture into each frame, and reads the round trip from it. */
  declare measure: boolean;
  /** Where the publishing stands. To be read only. */
  declare state: PublisherState;
  /** What is chosen to be opened. */
  declare private _kind: CaptureKind;
  declare private _figures: PublisherFigures;

  readonly #localizer = new Localizer(this);
  readonly #preview = document.createElement('video');
  readonly #publisher = new Publisher({
    changed: () => this.#changed(),
    figures: (figures) => {
      this._figures = figures;
      this.#emit('framelock-publisher-figures', figures);
    },
    roundTrip: (ms) => this.#emit('framelock-round-trip', { ms }),
  });
  #told = '';

  constructor() {
    super();
    Object.assign(this.#preview, { muted: true, autoplay: true, playsInline: true, disablePictureInPicture: true, tabIndex: -1 });
    this.#preview.setAttribute('part', 'preview');
    this.src = '';
    this.layers = 'auto';
    this.measure = false;
    this.state = 'idle';
    this._kind = 'camera';
    this._figures = this.#publisher.figures;
  }

  /** `{ roundTrip?: { p50, p95, method }, bitrate?, fps?, width?, height?, codec?, layers?, sendMs?, rttMs? }`; ms, bits a second. */
  get figures(): PublisherFigures {
    return this.#publisher.figures;
  }

  /**
   * Opens a camera, or asks for a screen. A person must have clicked something for the latter.
   * @param deviceId of a camera; left out, the browser's choice
   */
  async open(kind: CaptureKind = 'camera', deviceId?: string): Promise<void> {
    this._kind = kind;
    await this.#publisher.open(kind, deviceId);
    // What could not be opened is not what is chosen.
    if (this.#publisher.video !== undefined) this._kind = this.#publisher.kind;
  }

  /** Publishes what is seen in the preview, which it opens where there is none. */
  async goLive(): Promise<void> {
    const address = liveAddress(this.src, location.href);
    const api = liveAddress(this.src, location.href, this.token)?.api;
    if (address === undefined || api === undefined) return;
    if (this.#publisher.video === undefined) await this.open(this._kind);
    this.#publisher.goLive({ endpoint: address.whip, streamApi: api, token: this.token, layers: this.layers });
  }

  /** Ends the stream and lets go of camera, screen and microphone. */
  stop(): void {
    this.#publisher.stop();
  }

  override attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (name === 'lang') this.requestUpdate();
    else super.attributeChangedCallback(name, before, after);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#publisher.watch();
    addEventListener('pagehide', this.#leave);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#publisher.unwatch();
    removeEventListener('pagehide', this.#leave);
    // One that is only moved to another place goes on.
    queueMicrotask(() => {
      if (!this.isConnected) this.#publisher.stop();
    });
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('measure')) this.#publisher.measure = this.measure;
    // The stream goes where it is said to go now.
    if ((changed.has('src') || changed.has('token')) && this.#publisher.publishing) void this.goLive();
    const { video } = this.#publisher;
    const shown = (this.#preview.srcObject as MediaStream | null)?.getVideoTracks()[0];
    if (shown !== video) this.#preview.srcObject = video === undefined ? null : new MediaStream([video]);
  }

  protected override render(): TemplateResult {
    const { t } = this.#localizer;
    const stream = liveAddress(this.src, location.href)?.stream ?? '';
    return html`
      <div class="root" role="group" aria-label=${t('publisher.label', { stream })}>
        <div class="pictures">${this.#own()} ${this.#back()}</div>
        ${this.#bar()}
        <div class="notice" role="alert">${this.#notice()}</div>
        ${this.#publisher.publishing ? publisherFigures(this.#localizer, this._figures) : nothing}
      </div>
    `;
  }

  #own(): TemplateResult {
    const { t } = this.#localizer;
    const { state } = this;
    const { video, reason, kind, secondsToRetry } = this.#publisher;
    const plain = video !== undefined && (state === 'live' || state === 'preview');
    const preview = this.#preview;
    preview.hidden = video === undefined;
    preview.className = [kind === 'camera' ? 'mirrored' : '', plain ? '' : 'dim'].join(' ');
    preview.setAttribute('aria-label', t('publisher.own'));
    const badge = state === 'live' ? 'live' : state === 'connecting' || state === 'retrying' ? 'busy' : '';
    return html`
      <div class="stage" role="group" aria-label=${t('publisher.own')}>
        ${preview}
        <div class=${`over ${reason === undefined || plain ? '' : 'wrong'}`} part="status" role="status">
          ${plain ? html`<span class="hidden">${t(`publisher.${state}`)}</span>` : publisherOverlay(this.#localizer, state, reason, secondsToRetry)}
        </div>
        <span class=${`badge ${badge}`} aria-hidden="true">${t('publisher.own')} · ${t(`publisher.${state}`)}</span>
      </div>
    `;
  }

  #back(): TemplateResult {
    const { t } = this.#localizer;
    const playing = this.state === 'live' || (this.state === 'retrying' && this.#publisher.publishing);
    return html`
      <div class="stage" role="group" aria-label=${t('publisher.back')}>
        ${playing
          ? html`<framelock-player part="player" src=${this.src} .token=${this.token} lang=${this.lang === '' ? nothing : this.lang} controls
              @framelock-frame=${this.#displayed} @framelock-figures=${({ detail }: CustomEvent<Figures>) => this.#publisher.latency(detail.latency)}></framelock-player>`
          : html`<div class="over">${icon('box')} <strong>${t('publisher.back')}</strong> <span>${t('publisher.backText')}</span></div>`}
      </div>
    `;
  }

  /** What went wrong while the picture goes on. */
  #notice(): TemplateResult | typeof nothing {
    const { t } = this.#localizer;
    const { reason } = this.#publisher;
    if (reason === undefined || (this.state !== 'live' && this.state !== 'preview')) return nothing;
    return html`<p class="error">${icon('alert')} <span><strong>${t(`publisher.${reason.code}`)}.</strong> ${t(`publisher.${reason.code}.text`)}</span></p>`;
  }

  #bar(): TemplateResult {
    const { t } = this.#localizer;
    const { devices, chosen, canShareScreen, video, publishing } = this.#publisher;
    const choice = { kind: this._kind, canShareScreen, devices, chosen, microphone: chosen.microphone !== undefined };
    return html`
      <div class="panel bar" part="controls">
        ${sourceControls(this.#localizer, choice, {
          kind: (kind) => {
            this._kind = kind;
            if (video !== undefined) void this.open(kind);
          },
          camera: (id) => void this.open('camera', id),
          microphone: (on, id) => void this.#publisher.setMicrophone(on, id),
        })}
        <div class="actions">
          ${video !== undefined && !publishing ? html`<button class="button" type="button" @click=${() => this.stop()}>${t('publisher.close')}</button>` : nothing}
          ${this.#button()}
        </div>
      </div>
    `;
  }

  /** One button for the next step, which keeps the focus while the steps change. */
  #button(): TemplateResult {
    const { t } = this.#localizer;
    const { video, publishing } = this.#publisher;
    const { state } = this;
    const [face, label, act] = publishing
      ? (['stop', 'publisher.stop', () => this.stop()] as const)
      : video === undefined
        ? ([this._kind, state === 'failed' ? 'publisher.again' : this._kind === 'camera' ? 'publisher.openCamera' : 'publisher.openScreen', () => void this.open(this._kind)] as const)
        : (['broadcast', state === 'failed' ? 'publisher.again' : 'publisher.goLive', () => void this.goLive()] as const);
    return html`
      <button class=${`button ${publishing ? 'danger' : 'primary'}`} type="button" aria-disabled=${state === 'asking'} @click=${() => state !== 'asking' && act()}>
        ${icon(face)} ${t(label)}
      </button>
    `;
  }

  #changed(): void {
    const { state, reason } = this.#publisher;
    this.requestUpdate();
    const told = `${state} ${reason?.code ?? ''}`;
    if (told === this.#told) return;
    this.#told = told;
    this.state = state;
    this.#emit('framelock-publisher-state', { state, ...(reason === undefined ? {} : { reason }) });
  }

  #emit(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  readonly #displayed = ({ currentTarget, detail }: CustomEvent<ShownFrame>): void => {
    this.#publisher.displayed((currentTarget as FramelockPlayer).video, detail);
  };

  /** Whoever comes back to a page that the browser kept begins anew. */
  readonly #leave = (): void => this.#publisher.stop({ leaving: true });
}

declare global {
  interface HTMLElementTagNameMap {
    'framelock-publisher': FramelockPublisher;
  }
}
