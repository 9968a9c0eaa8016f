import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { api, Problem, type StreamView } from '../api/api.ts';
import { StreamsStore } from '../api/streams-store.ts';
import { Localizer } from '../i18n/localizer.ts';
import { icon } from '../ui/icons.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import type { RemoveDialog } from './dialog/remove-dialog.ts';
import type { StreamDialog } from './dialog/stream-dialog.ts';

/** All streams with live previews; add, change, remove. */
export class FramelockOverview extends LitElement {
  static override properties = { _failure: { state: true } };

  static override styles = [
    sharedStyles,
    css`
      .top {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0.75rem;
        margin-bottom: 1.4rem;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem;
      }
      @media (max-width: 460px) {
        .actions {
          flex: 1 1 100%;
        }
        .actions .button {
          flex: 1;
          padding: 0 0.6rem;
        }
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, clamp(19rem, 22vw, 36rem)), 1fr));
        gap: clamp(1rem, 1.4vw, 1.75rem);
        list-style: none;
        margin: 0;
        padding: 0;
      }
      .empty {
        display: grid;
        justify-items: center;
        gap: 0.7rem;
        padding: clamp(3rem, 10vh, 7rem) 1.5rem;
        border: 2px dashed var(--framelock-line);
        border-radius: var(--framelock-radius);
        text-align: center;
      }
      .empty svg {
        font-size: 2.6rem;
        color: var(--framelock-accent);
      }
      .empty p {
        max-width: 46ch;
        margin-bottom: 0.6rem;
      }
      .banner {
        display: flex;
        align-items: center;
        gap: 0.6rem;
        margin-bottom: 1rem;
        padding: 0.6rem 1rem;
        border-radius: 10px;
        background: var(--framelock-raised);
        color: var(--framelock-warn);
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .banner svg {
        flex: none;
      }
      .banner .button {
        margin-left: auto;
      }
      .skeleton {
        overflow: hidden;
      }
      .skeleton div {
        height: 1rem;
        margin: 1rem;
        border-radius: 6px;
        background: var(--framelock-raised);
      }
      .skeleton div:first-child {
        height: auto;
        margin: 0;
        aspect-ratio: 16 / 9;
        border-radius: 0;
      }
      .skeleton div:last-child {
        width: 55%;
        margin-bottom: 4.2rem;
      }
    `,
  ];

  declare private _failure: string | undefined;
  readonly #localizer = new Localizer(this);
  readonly #store = new StreamsStore(this);

  protected override render(): TemplateResult {
    const { t } = this.#localizer;
    const { streams, status } = this.#store;
    if (status === 'forbidden') return html`<framelock-sign-in @signed-in=${() => this.#store.reopen()}></framelock-sign-in>`;
    const live = streams.filter(({ state }) => state === 'live').length;
    return html`
      <div class="top">
        <div>
          <h1>${t('overview.title')}</h1>
          <p class="muted">${status === 'loading' ? t('overview.loading') : t('overview.count', { live, total: streams.length })}</p>
        </div>
        <div class="actions">
          <a class="button" href="/publish">${icon('camera')} ${t('publish.open')}</a>
          <button class="button primary" type="button" @click=${() => this.#edit()}>${icon('plus')} ${t('overview.add')}</button>
        </div>
      </div>
      <div role="status">
        ${status === 'offline' ? html`<p class="banner">${icon('alert')} ${t('overview.offline')}</p>` : nothing}
        ${this._failure === undefined ? nothing : this.#failure(this._failure)}
      </div>
      ${status === 'loading' ? this.#skeletons() : nothing} ${status === 'ready' && streams.length === 0 ? this.#empty() : nothing}
      ${streams.length === 0
        ? nothing
        : html`<ul class="grid" @stream-edit=${({ detail }: CustomEvent<StreamView>) => this.#edit(detail)} @stream-remove=${this.#askRemove} @stream-retry=${this.#retry}>
            ${repeat(
              streams,
              ({ id }) => id,
              (stream) => html`<li><framelock-stream-card .stream=${stream}></framelock-stream-card></li>`,
            )}
          </ul>`}
      <framelock-stream-dialog @stream-saved=${({ detail }: CustomEvent<StreamView>) => this.#store.put(detail)}></framelock-stream-dialog>
      <framelock-remove-dialog @stream-removal=${this.#remove}></framelock-remove-dialog>
    `;
  }

  #failure(text: string): TemplateResult {
    const label = this.#localizer.t('overview.dismiss');
    return html`<div class="banner">
      ${icon('alert')} <span>${text}</span>
      <button class="button icon" type="button" aria-label=${label} title=${label} @click=${() => (this._failure = undefined)}>${icon('close')}</button>
    </div>`;
  }

  #empty(): TemplateResult {
    const { t } = this.#localizer;
    return html`<div class="empty">
      ${icon('box')}
      <h2>${t('overview.empty')}</h2>
      <p class="muted">${t('overview.emptyText')}</p>
      <button class="button" type="button" @click=${() => this.#edit()}>${t('overview.add')}</button>
    </div>`;
  }

  #skeletons(): TemplateResult {
    return html`<div class="grid" aria-hidden="true">${[0, 1, 2].map(() => html`<div class="panel skeleton"><div></div><div></div><div></div></div>`)}</div>`;
  }

  #edit(stream?: StreamView): void {
    const taken = this.#store.streams.map(({ id }) => id);
    void this.renderRoot.querySelector<StreamDialog>('framelock-stream-dialog')!.open({ taken, ...(stream === undefined ? {} : { stream }) });
  }

  readonly #askRemove = ({ detail }: CustomEvent<StreamView>): void => {
    void this.renderRoot.querySelector<RemoveDialog>('framelock-remove-dialog')!.open(detail);
  };

  readonly #remove = ({ detail: { id } }: CustomEvent<StreamView>): void => {
    this.#try(async () => {
      await api.removeStream(id);
      this.#store.drop(id);
    });
  };

  readonly #retry = ({ detail: { id } }: CustomEvent<StreamView>): void => {
    this.#try(async () => this.#store.put(await api.retryStream(id)));
  };

  #try(action: () => Promise<void>): void {
    this._failure = undefined;
    action().catch((error: unknown) => {
      this._failure = error instanceof Problem && error.status !== 0 ? error.message : this.#localizer.t('dialog.unreachable');
    });
  }
}
