import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { api, type StreamView } from '../api/api.ts';
import { StreamsStore } from '../api/streams-store.ts';
import { LanguageController, t } from '../i18n/index.ts';
import { icon } from '../ui/icons.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import type { StreamDialog } from './stream-dialog.ts';

/** All streams with live previews; add, change, remove. */
export class FramelockOverview extends LitElement {
  static override properties = { _removing: { state: true }, _failure: { state: true } };

  static override styles = [
    sharedStyles,
    css`
      .top {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0.75rem;
        margin-bottom: 1.25rem;
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr));
        gap: 1.25rem;
        list-style: none;
        margin: 0;
        padding: 0;
      }
      .note {
        display: grid;
        justify-items: center;
        gap: 0.6rem;
        padding: 4rem 1rem;
        border: 2px dashed var(--framelock-line);
        border-radius: var(--framelock-radius);
        text-align: center;
      }
      .banner {
        display: flex;
        gap: 0.5rem;
        margin-bottom: 1rem;
        padding: 0.7rem 1rem;
        border-radius: 10px;
        background: var(--framelock-raised);
        color: var(--framelock-warn);
        font-weight: 600;
      }
      .skeleton {
        aspect-ratio: 16 / 12;
        border-radius: var(--framelock-radius);
        background: var(--framelock-raised);
      }
      dialog {
        max-width: min(28rem, calc(100vw - 1.5rem));
        padding: 1.4rem;
        border: 1px solid var(--framelock-line);
        border-radius: 16px;
        background: var(--framelock-surface);
        color: var(--framelock-text);
      }
      dialog::backdrop {
        background: #04070db3;
      }
      dialog h2 {
        font-size: 1.2rem;
        margin-bottom: 0.5rem;
        overflow-wrap: anywhere;
      }
      dialog footer {
        display: flex;
        justify-content: end;
        gap: 0.6rem;
        margin-top: 1.4rem;
      }
    `,
  ];

  declare private _removing: StreamView | undefined;
  declare private _failure: string | undefined;
  readonly #store = new StreamsStore(this);

  constructor() {
    super();
    new LanguageController(this);
  }

  protected override render(): TemplateResult {
    const { streams, status } = this.#store;
    const live = streams.filter(({ state }) => state === 'live').length;
    return html`
      <div class="top">
        <div>
          <h1>${t('overview.title')}</h1>
          <p class="muted">${status === 'loading' ? t('overview.loading') : t('overview.count', { live, total: streams.length })}</p>
        </div>
        <button class="button primary" type="button" @click=${() => this.#edit()}>${icon('plus')} ${t('overview.add')}</button>
      </div>
      <div role="status">
        ${status === 'offline' ? html`<p class="banner">${icon('alert')} ${t('overview.offline')}</p>` : nothing}
        ${this._failure === undefined ? nothing : html`<p class="banner">${icon('alert')} ${this._failure}</p>`}
      </div>
      ${status === 'loading' ? html`<div class="grid" aria-hidden="true"><div class="skeleton"></div><div class="skeleton"></div></div>` : nothing}
      ${status === 'ready' && streams.length === 0 ? this.#empty() : nothing}
      <ul class="grid" @stream-edit=${({ detail }: CustomEvent<StreamView>) => this.#edit(detail)} @stream-remove=${this.#askRemove}
        @stream-retry=${({ detail }: CustomEvent<StreamView>) => this.#try(() => api.retryStream(detail.id))}>
        ${repeat(
          streams,
          ({ id }) => id,
          (stream) => html`<li><stream-card .stream=${stream}></stream-card></li>`,
        )}
      </ul>
      <stream-dialog @stream-saved=${({ detail }: CustomEvent<StreamView>) => this.#store.put(detail)}></stream-dialog>
      ${this.#confirm()}
    `;
  }

  #empty(): TemplateResult {
    return html`<div class="note">
      <h2>${t('overview.empty')}</h2>
      <p class="muted">${t('overview.emptyText')}</p>
    </div>`;
  }

  #confirm(): TemplateResult {
    return html`
      <dialog id="confirm" aria-labelledby="confirm-title" @close=${() => (this._removing = undefined)}>
        <h2 id="confirm-title">${t('dialog.remove', { title: this._removing?.title ?? '' })}</h2>
        <p class="muted">${t('dialog.removeText')}</p>
        <footer>
          <button class="button" type="button" autofocus @click=${() => this.#confirmDialog.close()}>${t('dialog.cancel')}</button>
          <button class="button danger" type="button" @click=${this.#remove}>${t('dialog.removeConfirm')}</button>
        </footer>
      </dialog>
    `;
  }

  get #confirmDialog(): HTMLDialogElement {
    return this.renderRoot.querySelector<HTMLDialogElement>('#confirm')!;
  }

  #edit(stream?: StreamView): void {
    void this.renderRoot.querySelector<StreamDialog>('stream-dialog')?.open(stream);
  }

  readonly #askRemove = async ({ detail }: CustomEvent<StreamView>): Promise<void> => {
    this._removing = detail;
    await this.updateComplete;
    this.#confirmDialog.showModal();
  };

  readonly #remove = (): void => {
    const id = this._removing?.id;
    this.#confirmDialog.close();
    if (id !== undefined) this.#try(() => api.removeStream(id));
  };

  #try(action: () => Promise<unknown>): void {
    this._failure = undefined;
    action().catch((error: unknown) => (this._failure = error instanceof Error ? error.message : String(error)));
  }
}
