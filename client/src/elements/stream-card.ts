import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { StreamView } from '../api/api.ts';
import { LanguageController, t } from '../i18n/index.ts';
import { icon } from '../ui/icons.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/**
 * One stream on the overview: a live preview while it is in sight, and what can be done with it.
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
      article {
        display: flex;
        flex-direction: column;
        height: 100%;
        overflow: hidden;
        border: 1px solid var(--framelock-line);
        border-radius: var(--framelock-radius);
        background: var(--framelock-surface);
      }
      .preview {
        position: relative;
        display: block;
        aspect-ratio: 16 / 9;
        background: #05080e;
      }
      .preview:focus-visible {
        outline-offset: -3px;
      }
      framelock-player {
        border-radius: 0;
        pointer-events: none;
      }
      .text {
        display: grid;
        gap: 0.5rem;
        padding: 0.9rem 1rem 0.6rem;
        flex: 1;
        align-content: start;
      }
      .head {
        display: flex;
        align-items: baseline;
        justify-content: space-between;
        gap: 0.75rem;
      }
      h2 {
        font-size: 1.05rem;
        overflow-wrap: anywhere;
      }
      h2 a {
        color: inherit;
        text-decoration: none;
      }
      h2 a:hover {
        text-decoration: underline;
      }
      .facts {
        display: flex;
        flex-wrap: wrap;
        gap: 0.2rem 0.9rem;
        font-size: 0.85rem;
        font-variant-numeric: tabular-nums;
      }
      .chips {
        display: flex;
        flex-wrap: wrap;
        gap: 0.35rem;
        list-style: none;
        margin: 0;
        padding: 0;
      }
      .problem {
        color: var(--framelock-danger);
        font-size: 0.85rem;
        overflow-wrap: anywhere;
      }
      footer {
        display: flex;
        align-items: center;
        gap: 0.1rem;
        padding: 0 0.5rem 0.5rem;
      }
      footer .url {
        flex: 1;
        padding-left: 0.5rem;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-size: 0.8rem;
      }
    `,
  ];

  declare stream: StreamView;
  declare private _visible: boolean;

  readonly #watcher = new IntersectionObserver((entries) => (this._visible = entries.at(-1)?.isIntersecting ?? false), { rootMargin: '200px' });

  constructor() {
    super();
    new LanguageController(this);
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
    const { id, title, state, source, stats, viewers, detectors, problem } = this.stream;
    const waiting = state === 'retrying' || state === 'failed' || state === 'stopped';
    return html`
      <article>
        <a class="preview" href=${`/watch/${id}`} aria-label=${t('card.watch', { title })}>
          ${this._visible ? html`<framelock-player src=${`/live/${id}`}></framelock-player>` : nothing}
        </a>
        <div class="text">
          <div class="head">
            <h2><a href=${`/watch/${id}`}>${title}</a></h2>
            <span class="state ${state}">${t(`state.${state}`)}</span>
          </div>
          <div class="facts muted">
            <span>${t('card.fps', { fps: Math.round(stats.fps) })}</span>
            <span>${t('card.viewers', { count: viewers })}</span>
            ${stats.latency.decodeToSendMs.p50 > 0 ? html`<span>${t('card.latency', { ms: Math.round(stats.latency.decodeToSendMs.p50) })}</span>` : nothing}
          </div>
          ${problem === undefined ? nothing : html`<p class="problem">${problem.message}</p>`}
          <ul class="chips" aria-label=${t('card.detectors')}>
            ${detectors.length === 0 ? html`<li class="chip muted">${t('card.noDetectors')}</li>` : nothing}
            ${detectors.map((detector) => html`<li class="chip">${typeof detector === 'string' ? detector : detector.name}</li>`)}
          </ul>
        </div>
        <footer>
          <span class="url muted" title=${source.url}>${source.url}</span>
          ${waiting ? this.#action('stream-retry', 'retry', t('card.retry')) : nothing}
          ${this.#action('stream-edit', 'pencil', t('card.edit', { title }))} ${this.#action('stream-remove', 'trash', t('card.remove', { title }))}
        </footer>
      </article>
    `;
  }

  #action(event: string, symbol: 'retry' | 'pencil' | 'trash', label: string): TemplateResult {
    const tell = (): void => void this.dispatchEvent(new CustomEvent(event, { detail: this.stream, bubbles: true, composed: true }));
    return html`<button class="button icon" type="button" title=${label} aria-label=${label} @click=${tell}>${icon(symbol)}</button>`;
  }
}
