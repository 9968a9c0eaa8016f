import { css, html, LitElement, type TemplateResult } from 'lit';
import { LANGUAGES, language, LanguageController, setLanguage, t, type Language } from '../i18n/index.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const STORED_THEME = 'framelock-theme';

/** The application: header, pages by address, language and theme. */
export class FramelockApp extends LitElement {
  static override properties = { _path: { state: true }, _theme: { state: true } };

  static override styles = [
    sharedStyles,
    css`
      header {
        position: sticky;
        top: 0;
        z-index: 2;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.5rem 1rem;
        padding: 0.7rem clamp(0.9rem, 3vw, 3rem);
        border-bottom: 1px solid var(--framelock-line);
        background: var(--framelock-surface);
      }
      .brand {
        display: flex;
        align-items: center;
        gap: 0.65rem;
        color: inherit;
        text-decoration: none;
        font-weight: 700;
        font-size: 1.15rem;
        letter-spacing: -0.01em;
      }
      .brand img {
        width: 2rem;
        height: 2rem;
      }
      .tagline {
        font-size: 0.85rem;
      }
      @media (max-width: 720px) {
        .tagline {
          display: none;
        }
      }
      .choices {
        display: flex;
        gap: 0.5rem;
        margin-left: auto;
      }
      select {
        min-height: 2.4rem;
        padding: 0 0.5rem;
        border: 1px solid var(--framelock-line);
        border-radius: 10px;
        background: var(--framelock-surface);
        color: inherit;
        font: inherit;
        font-size: 0.9rem;
      }
      main {
        display: block;
        max-width: 160rem;
        margin: 0 auto;
        padding: clamp(1rem, 2vw, 2.25rem) clamp(0.9rem, 3vw, 3rem) 4rem;
      }
      main:focus {
        outline: none;
      }
      .skip {
        position: absolute;
        left: -99rem;
      }
      .skip:focus {
        left: 1rem;
        top: 0.8rem;
        z-index: 3;
        padding: 0.4rem 0.8rem;
        background: var(--framelock-surface);
      }
      .missing {
        display: grid;
        gap: 0.75rem;
        justify-items: start;
      }
    `,
  ];

  declare private _path: string;
  declare private _theme: Theme;

  constructor() {
    super();
    new LanguageController(this);
    this._path = location.pathname;
    this._theme = storedTheme();
    this.#applyTheme();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('popstate', this.#moved);
    addEventListener('click', this.#follow);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('popstate', this.#moved);
    removeEventListener('click', this.#follow);
  }

  protected override render(): TemplateResult {
    return html`
      <a class="skip" href="#main" @click=${this.#skip}>${t('app.skip')}</a>
      <header>
        <a class="brand" href="/"><img src="/icon.svg" alt="" width="32" height="32" /> Framelock</a>
        <span class="tagline muted">${t('app.tagline')}</span>
        <div class="choices">
          <select aria-label=${t('app.language')} @change=${(event: Event) => setLanguage((event.target as HTMLSelectElement).value as Language)}>
            ${Object.entries(LANGUAGES).map(([tag, name]) => html`<option value=${tag} lang=${tag} ?selected=${tag === language()}>${name}</option>`)}
          </select>
          <select aria-label=${t('app.theme')} @change=${(event: Event) => this.#setTheme((event.target as HTMLSelectElement).value as Theme)}>
            ${THEMES.map((theme) => html`<option value=${theme} ?selected=${theme === this._theme}>${t(`theme.${theme}`)}</option>`)}
          </select>
        </div>
      </header>
      <main id="main" tabindex="-1">${this.#page()}</main>
    `;
  }

  protected override updated(): void {
    document.documentElement.lang = language();
    const stream = watchedStream(this._path);
    document.title = stream === undefined ? 'Framelock' : `${stream} · Framelock`;
  }

  #page(): TemplateResult {
    const stream = watchedStream(this._path);
    if (stream !== undefined) return html`<framelock-watch stream=${stream}></framelock-watch>`;
    if (this._path === '/') return html`<framelock-overview></framelock-overview>`;
    return html`<div class="missing">
      <h1>${t('notFound.title')}</h1>
      <p class="muted">${t('notFound.text', { path: this._path })}</p>
      <a class="button" href="/">${t('notFound.back')}</a>
    </div>`;
  }

  readonly #moved = (): void => {
    this._path = location.pathname;
    scrollTo(0, 0);
  };

  /** Links to pages of this application change the page without loading it anew. */
  readonly #follow = (event: MouseEvent): void => {
    const link = event.composedPath().find((one): one is HTMLAnchorElement => one instanceof HTMLAnchorElement);
    if (link === undefined || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || link.target !== '') return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || !isPage(url.pathname) || url.hash !== '') return;
    event.preventDefault();
    if (url.pathname !== location.pathname) history.pushState(null, '', url);
    this.#moved();
    this.renderRoot.querySelector('main')?.focus();
  };

  readonly #skip = (event: Event): void => {
    event.preventDefault();
    this.renderRoot.querySelector('main')?.focus();
  };

  #setTheme(theme: Theme): void {
    this._theme = theme;
    this.#applyTheme();
    try {
      localStorage.setItem(STORED_THEME, theme);
    } catch {
      // A page without storage forgets the choice; that is all.
    }
  }

  #applyTheme(): void {
    if (this._theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = this._theme;
  }
}

function isPage(path: string): boolean {
  return path === '/' || watchedStream(path) !== undefined;
}

function watchedStream(path: string): string | undefined {
  return /^\/watch\/([a-z0-9][a-z0-9-]{0,62})\/?$/.exec(path)?.[1];
}

function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(STORED_THEME);
    return THEMES.find((theme) => theme === stored) ?? 'system';
  } catch {
    return 'system';
  }
}
