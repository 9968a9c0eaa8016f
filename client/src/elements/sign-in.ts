import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { setToken, token } from '../api/token.ts';
import { Localizer } from '../i18n/localizer.ts';
import { icon } from '../ui/icons.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/**
 * Asks for the server's token.
 *
 * @event signed-in - There is a token to try.
 */
export class SignIn extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      form {
        display: grid;
        gap: 1.1rem;
        max-width: 30rem;
        margin: 8vh auto 0;
        padding: 1.6rem;
      }
    `,
  ];

  readonly #localizer = new Localizer(this);

  protected override render(): TemplateResult {
    const { t } = this.#localizer;
    const wrong = token() !== undefined;
    return html`
      <form class="panel" @submit=${this.#submit}>
        <h1>${t('signIn.title')}</h1>
        <p class="muted">${t('signIn.text')}</p>
        <div class="field">
          <label for="token">${t('signIn.token')}</label>
          <input class="input" id="token" name="token" type="password" autocomplete="current-password" required autofocus aria-invalid=${wrong} aria-describedby="wrong" />
          <div id="wrong" role="alert">${wrong ? html`<p class="error">${icon('alert')} ${t('signIn.wrong')}</p>` : nothing}</div>
        </div>
        <button class="button primary" type="submit">${t('signIn.submit')}</button>
      </form>
    `;
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setToken(this.renderRoot.querySelector('input')!.value.trim());
    this.dispatchEvent(new Event('signed-in'));
  };
}
