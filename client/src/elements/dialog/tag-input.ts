import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { Localizer } from '../../i18n/localizer.ts';
import { icon } from '../../ui/icons.ts';
import { sharedStyles } from '../../ui/shared-styles.ts';

/** How many suggestions are in sight; the others are offered while somebody types. */
const IN_SIGHT = 8;

/**
 * A list of short texts: suggestions are added by a click, others are typed and added by Enter or a comma.
 *
 * @event tags-changed - `detail`: the list as it is now.
 */
export class TagInput extends LitElement {
  static override properties = {
    label: {},
    help: {},
    error: { reflect: true },
    tags: { attribute: false },
    suggestions: { attribute: false },
    _said: { state: true },
  };

  static override styles = [
    sharedStyles,
    css`
      .tags {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem;
        margin: 0.15rem 0;
        padding: 0;
        list-style: none;
      }
      .tag {
        display: inline-flex;
        align-items: center;
        gap: 0.3rem;
        max-width: 100%;
        min-height: 2rem;
        padding: 0 0.7rem;
        border: 1px solid var(--framelock-edge);
        border-radius: 999px;
        background: transparent;
        color: inherit;
        font: inherit;
        font-size: 0.9rem;
        cursor: pointer;
        overflow-wrap: anywhere;
      }
      .tag:hover {
        background: var(--framelock-raised);
      }
      .tag.chosen {
        border-color: transparent;
        background: var(--framelock-accent);
        color: var(--framelock-on-accent);
        font-weight: 600;
      }
      .tag.chosen:hover {
        filter: brightness(1.08);
      }
      .tag svg {
        flex: none;
        width: 1em;
        height: 1em;
      }
    `,
  ];

  /** What the list is of. */
  declare label: string;
  /** A sentence below the field. */
  declare help: string;
  /** What is wrong with the list; null where nothing is. */
  declare error: string | null;
  /** The list. */
  declare tags: readonly string[];
  /** Texts that are offered while they are not in the list. */
  declare suggestions: readonly string[];
  /** What is said to those who don't see the list. */
  declare private _said: string;
  readonly #localizer = new Localizer(this);

  constructor() {
    super();
    this.label = '';
    this.help = '';
    this.error = null;
    this.tags = [];
    this.suggestions = [];
    this._said = '';
  }

  /** Focuses the field that is typed in. */
  override focus(options?: FocusOptions): void {
    this.#input.focus(options);
  }

  get #input(): HTMLInputElement {
    return this.renderRoot.querySelector('input')!;
  }

  protected override render(): TemplateResult {
    const { t } = this.#localizer;
    const offered = this.suggestions.filter((one) => !this.tags.includes(one));
    return html`
      <div class="field">
        <label for="text">${this.label}</label>
        ${this.tags.length === 0
          ? nothing
          : html`<ul class="tags" aria-label=${t('tags.chosen')}>
              ${this.tags.map(
                (tag) => html`<li><button class="tag chosen" type="button" aria-label=${t('tags.remove', { tag })} title=${t('tags.remove', { tag })} @click=${() => this.#remove(tag)}>${tag} ${icon('close')}</button></li>`,
              )}
            </ul>`}
        <input class="input" id="text" list="offered" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder=${t('tags.placeholder')}
          aria-invalid=${this.error !== null} aria-describedby="error help" @keydown=${this.#key} @input=${this.#typed} @change=${this.#take} />
        <datalist id="offered">${offered.map((one) => html`<option value=${one}></option>`)}</datalist>
        ${offered.length === 0
          ? nothing
          : html`<ul class="tags" aria-label=${t('tags.suggested')}>
              ${offered.slice(0, IN_SIGHT).map((one) => html`<li><button class="tag" type="button" aria-label=${t('tags.add', { tag: one })} @click=${() => this.#add([one])}>${icon('plus')} ${one}</button></li>`)}
            </ul>`}
        <div id="error" aria-live="polite">${this.error === null ? nothing : html`<p class="error">${icon('alert')} ${this.error}</p>`}</div>
        <span class="help" id="help">${this.help}</span>
        <div class="hidden" role="status">${this._said}</div>
      </div>
    `;
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.isComposing || this.#input.value.trim() === '') return;
    event.preventDefault();
    this.#take();
  };

  /** A comma ends a tag, and so does the choice of a suggestion out of the list. */
  readonly #typed = (event: InputEvent): void => {
    if (event.isComposing) return;
    const { value } = this.#input;
    const chosen = event.inputType === 'insertReplacementText' || event.inputType === undefined;
    if (/[,，、]/.test(value) || (chosen && this.suggestions.includes(value))) this.#take();
  };

  /** What stands in the field becomes tags; also where somebody only leaves it. */
  readonly #take = (): void => {
    const { value } = this.#input;
    this.#input.value = '';
    this.#add(value.split(/[,，、]/));
  };

  #add(texts: readonly string[]): void {
    const fresh = [...new Set(texts.map((text) => text.trim()))].filter((text) => text !== '' && !this.tags.includes(text));
    if (fresh.length === 0) return;
    this.#change([...this.tags, ...fresh], this.#localizer.t('tags.added', { tag: fresh.join(', ') }));
  }

  #remove(tag: string): void {
    this.#change(this.tags.filter((one) => one !== tag), this.#localizer.t('tags.removed', { tag }));
    // Its button is gone, and whoever pressed it by a key would be lost.
    this.#input.focus();
  }

  #change(tags: readonly string[], said: string): void {
    this.tags = tags;
    this._said = said;
    this.dispatchEvent(new CustomEvent('tags-changed', { detail: tags }));
  }
}
