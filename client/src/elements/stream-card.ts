import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { StreamView } from '../api/api.ts';
import { token } from '../api/token.ts';
import { Localizer } from '../i18n/localizer.ts';
import { icon, type Icon } from '../ui/icons.ts';
import { sourceKind } from '../ui/source-kind.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** States in which a person can do something about the source. */
const WAITING: readonly StreamView['state'][] = ['retrying', 'failed', 'stopped', 'stalled'];

/**
 * One stream on the overview: a live preview while it is in sight, how it does, and what can be done with it.
 *
 * @event stream-edit - A person wants to change it; `detail`: the stream.
 * @event stream-remove - A person wants to remove it; `detail`: the stream.
 * @event stream-retry - A person wants it to try again now; `detail`: the stream.
 */
export class StreamCard extends LitElement {
  static override properties = { stream: { attribute: false }, _visible: { state: true } };

  static override styles = [
    sharedStyles,
    css`
      :host {
        height: 100%;
      }
      article {
        display: flex;
        flex-direction: column;
        height: 100%;
        overflow: hidden;
      }
      .preview {
        position: relative;
        display: block;
        aspect-ratio: 16 / 9;
        background: #05080e;
      }
      framelock-player {
        --framelock-radius: 0;
      }
      .preview:focus-visible,
      h2 a:focus-visible {
        outline-offset: -3px;
      }
      .kind {
        position: absolute;
        top: 0.6rem;
        left: 0.6rem;
        padding: 0.1rem 0.55rem;
        border-radius: 6px;
        background: #070c14d9;
        color: #e9eef6;
        font-size: 0.78rem;
        font-weight: 600;
      }
      .text {
        display: grid;
        gap: 0.55rem;
        flex: 1;
        align-content: start;
        padding: 0.9rem 1rem 0.5rem;
      }
      .head {
        display: flex;
        align-items: baseline;
        justify-content: space-between;
        gap: 0.75rem;
      }
      h2 a {
        color: inherit;
        text-decoration: none;
      }
      h2 a:hover {
        text-decoration: underline;
      }
      .facts {
        display: grid;
        grid-template-columns: repeat(3, auto);
        justify-content: start;
        gap: 0 1.1rem;
        margin: 0;
        font-size: 0.88rem;
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }
      .facts span {
        min-width: 3.6em;
      }
      .chips {
        display: flex;
        flex-wrap: wrap;
        gap: 0.35rem;
        min-height: 1.55rem;
        list-style: none;
        margin: 0;
        padding: 0;
      }
      footer {
        display: flex;
        align-items: center;
        padding: 0 0.4rem 0.4rem 1rem;
      }
      .url {
        flex: 1;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-size: 0.82rem;
      }
    `,
  ];

  /** The stream that is shown. */
  declare stream: StreamView;
  declare private _visible: boolean;
  readonly #localizer = new Localizer(this);
  readonly #watcher = new IntersectionObserver((entries) => (this._visible = entries.at(-1)?.isIntersecting ?? false), { rootMargin: '200px' });

  constructor() {
    super();
    this._visible = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watcher.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#watcher.disconnect();
  }

  protected override render(): TemplateResult {
    const { t } = this.#localizer;
    const { id, title, state, source, detectors, problem } = this.stream;
    const kind = sourceKind(this.#localizer, source.kind);
    return html`
      <article class="panel">
        <a class="preview" href=${`/watch/${id}`} tabindex="-1" aria-hidden="true">
          ${this._visible ? html`<framelock-player src=${`/live/${id}`} .token=${token()} inert></framelock-player>` : nothing}
          <span class="kind">${kind}</span>
        </a>
        <div class="text">
          <div class="head">
            <h2><a href=${`/watch/${id}`}>${title}</a></h2>
            <span class="state ${state}">${t(`state.${state}`)}</span>
          </div>
          ${problem === undefined ? nothing : html`<p class="hidden">${this.#localizer.problem(problem)}</p>`} ${this.#facts()}
          <ul class="chips" aria-label=${t('card.detectors')}>
            ${detectors.length === 0 ? html`<li class="chip muted">${t('card.noDetectors')}</li>` : nothing}
            ${detectors.map((detector) => html`<li class="chip">${typeof detector === 'string' ? detector : detector.name}</li>`)}
          </ul>
        </div>
        <footer>
          <span class="url muted" title=${source.url}>${source.url}</span>
          ${WAITING.includes(state) ? this.#action('stream-retry', 'retry', t('card.retry', { title })) : nothing}
          ${this.#action('stream-edit', 'pencil', t('card.edit', { title }))} ${this.#action('stream-remove', 'trash', t('card.remove', { title }))}
        </footer>
      </article>
    `;
  }

  #facts(): TemplateResult {
    const { t } = this.#localizer;
    const { stats, viewers } = this.stream;
    const latency = stats.latency.decodeToSendMs.p50;
    return html`<p class="facts muted">
      <span>${t('card.fps', { fps: Math.round(stats.fps) })}</span>
      <span title=${t('card.latencyHelp')}>${latency > 0 ? t('card.latency', { ms: Math.round(latency) }) : t('stats.unknown')}</span>
      <span>${t('card.viewers', { count: viewers })}</span>
    </p>`;
  }

  #action(event: string, symbol: Icon, label: string): TemplateResult {
    const tell = (): void => void this.dispatchEvent(new CustomEvent(event, { detail: this.stream, bubbles: true, composed: true }));
    return html`<button class="button icon" type="button" title=${label} aria-label=${label} @click=${tell}>${icon(symbol)}</button>`;
  }
}
