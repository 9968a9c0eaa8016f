import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { randomStreamId, STREAM_ID } from '../api/stream-id.ts';
import { StreamsStore } from '../api/streams-store.ts';
import { token } from '../api/token.ts';
import { Localizer } from '../i18n/localizer.ts';
import type { PublisherState } from '../publish/publisher.ts';
import { icon } from '../ui/icons.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

const STORED = 'framelock-publish-name';
/** States in which the stream exists under its name, or is about to. */
const PUBLISHING: readonly PublisherState[] = ['connecting', 'live', 'retrying'];

/** The page that makes a stream of a camera or a screen. */
export class FramelockPublish extends LitElement {
  static override properties = { _name: { state: true }, _state: { state: true } };

  static override styles = [
    sharedStyles,
    css`
      .top {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        justify-content: space-between;
        gap: 1rem 2rem;
        margin-bottom: 1.2rem;
      }
      .top > :first-child {
        flex: 1 1 20rem;
      }
      .name {
        flex: 0 1 30rem;
      }
      .row {
        display: flex;
        gap: 0.6rem;
      }
      .row .input {
        flex: 1;
        min-width: 0;
      }
      .input[readonly] {
        background: var(--framelock-raised);
      }
    `,
  ];

  declare private _name: string;
  declare private _state: PublisherState;
  readonly #localizer = new Localizer(this);
  readonly #store = new StreamsStore(this);

  constructor() {
    super();
    this._name = storedName();
    this._state = 'idle';
  }

  protected override render(): TemplateResult {
    const { t } = this.#localizer;
    const publishing = PUBLISHING.includes(this._state);
    // What is live is not taken away for a question.
    if (this.#store.status === 'forbidden' && !publishing) return html`<framelock-sign-in @signed-in=${() => this.#store.reopen()}></framelock-sign-in>`;
    const name = this._name;
    const valid = STREAM_ID.test(name);
    return html`
      <a class="back" href="/">${icon('back')} ${t('watch.back')}</a>
      <div class="top">
        <div>
          <h1>${t('publish.title')}</h1>
          <p class="muted">${t('publish.text')}</p>
        </div>
        <div class="field name">
          <label for="name">${t('publish.name')}</label>
          <div class="row">
            <input class="input" id="name" name="name" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="63" .value=${name} ?readonly=${publishing}
              aria-invalid=${!valid} aria-describedby="name-error name-help" @input=${this.#typed} />
            ${valid ? html`<a class="button" href=${`/watch/${name}`} target=${publishing ? '_blank' : nothing}>${icon('eye')} ${t('publish.watch')}</a>` : nothing}
          </div>
          <div id="name-error" aria-live="polite">${valid ? nothing : html`<p class="error">${icon('alert')} ${t('dialog.idWrong')}</p>`}</div>
          <span class="help" id="name-help">${t('publish.nameHelp')}</span>
        </div>
      </div>
      <framelock-publisher src=${valid ? `/live/${name}` : ''} .token=${token()} @framelock-publisher-state=${this.#moved}></framelock-publisher>
    `;
  }

  readonly #typed = (event: Event): void => {
    this._name = (event.target as HTMLInputElement).value.trim();
    try {
      sessionStorage.setItem(STORED, this._name);
    } catch {
      // A page without storage has another name the next time; that is all.
    }
  };

  readonly #moved = ({ detail }: CustomEvent<{ state: PublisherState }>): void => {
    this._state = detail.state;
  };
}

/** The name of the last visit in this tab, so that loading the page anew goes on under the same one. */
function storedName(): string {
  try {
    const stored = sessionStorage.getItem(STORED);
    if (stored !== null && STREAM_ID.test(stored)) return stored;
    const name = randomStreamId('cam');
    sessionStorage.setItem(STORED, name);
    return name;
  } catch {
    return randomStreamId('cam');
  }
}
