import { css, html, LitElement, type TemplateResult } from 'lit';
import type { StreamView } from '../../api/api.ts';
import { Localizer } from '../../i18n/localizer.ts';
import { sharedStyles } from '../../ui/shared-styles.ts';

/**
 * Asks before a stream is removed.
 *
 * @event stream-removal - A person is sure; `detail`: the stream.
 */
export class RemoveDialog extends LitElement {
  static override properties = { _stream: { state: true } };

  static override styles = [
    sharedStyles,
    css`
      dialog {
        width: min(28rem, calc(100vw - 1.5rem));
      }
      h2 {
        margin-bottom: 0.5rem;
        font-size: 1.2rem;
      }
      footer {
        margin-top: 1.5rem;
      }
    `,
  ];

  declare private _stream: StreamView | undefined;
  readonly #localizer = new Localizer(this);

  /** Asks about this stream. */
  async open(stream: StreamView): Promise<void> {
    this._stream = stream;
    await this.updateComplete;
    this.#dialog.showModal();
  }

  protected override render(): TemplateResult {
    const { t } = this.#localizer;
    return html`
      <dialog aria-labelledby="title" aria-describedby="text">
        <h2 id="title">${t('dialog.remove', { title: this._stream?.title ?? '' })}</h2>
        <p id="text" class="muted">${t('dialog.removeText')}</p>
        <footer>
          <button class="button" type="button" autofocus @click=${() => this.#dialog.close()}>${t('dialog.cancel')}</button>
          <button class="button danger" type="button" @click=${this.#remove}>${t('dialog.removeConfirm')}</button>
        </footer>
      </dialog>
    `;
  }

  get #dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector('dialog')!;
  }

  readonly #remove = (): void => {
    this.#dialog.close();
    this.dispatchEvent(new CustomEvent('stream-removal', { detail: this._stream }));
  };
}
