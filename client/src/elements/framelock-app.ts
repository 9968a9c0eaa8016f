import { css, html, LitElement, type TemplateResult } from 'lit';
import { LANGUAGES, type Language } from '../i18n/format.ts';
import { setLanguage } from '../i18n/language.ts';
import { Localizer } from '../i18n/localizer.ts';
import { icon } from '../ui/icons.ts';
import { logo } from '../ui/logo.ts';
import { segmented, segmentedStyles } from '../ui/segmented.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { setTheme, storedTheme, THEMES, type Theme } from '../ui/theme.ts';
import { pageOf } from './pages.ts';

const TITLES = { overview: 'overview.title', publish: 'publish.title', missing: 'notFound.title' } as const;
const THEME_ICONS = { system: 'screen', light: 'sun', dark: 'moon' } as const;
/** What a language's button shows where its name is too long. */
const SHORT_NAMES: Record<Language, string> = { en: 'EN', 'zh-CN': '中文' };

/** The application: header, pages by address, language and theme. */
export class FramelockApp extends LitElement {
  static override properties = { _path: { state: true }, _theme: { state: true } };

  static override styles = [
    sharedStyles,
    segmentedStyles,
    css`
      header {
        position: sticky;
        top: 0;
        z-index: 2;
        display: flex;
        align-items: center;
        gap: 0.5rem 1rem;
        min-height: 3.9rem;
        padding: 0.6rem clamp(0.9rem, 3vw, 4rem);
        border-bottom: 1px solid var(--framelock-line);
        background: var(--framelock-surface);
      }
      .brand {
        display: flex;
        align-items: center;
        gap: 0.65rem;
        border-radius: 8px;
        color: inherit;
        text-decoration: none;
        font-weight: 700;
        font-size: 1.2rem;
        letter-spacing: -0.02em;
      }
      .brand svg {
        flex: none;
        width: 2.1rem;
        height: 2.1rem;
      }
      .tagline {
        font-size: 0.88rem;
      }
      .choices {
        display: flex;
        gap: 0.6rem;
        margin-left: auto;
      }
      @media (max-width: 720px) {
        .tagline {
          display: none;
        }
      }
      @media (max-width: 460px) {
        header,
        .choices {
          gap: 0.35rem;
        }
        .segmented span {
          min-width: 1.75rem;
          padding: 0 0.3rem;
        }
      }
      main {
        display: block;
        max-width: 200rem;
        margin: 0 auto;
        padding: clamp(1rem, 2vw, 2.5rem) clamp(0.9rem, 3vw, 4rem) 4rem;
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
        border-radius: 8px;
        background: var(--framelock-surface);
      }
      .missing {
        display: grid;
        gap: 0.8rem;
        justify-items: center;
        padding: 12vh 1rem;
        text-align: center;
      }
    `,
  ];

  declare private _path: string;
  declare private _theme: Theme;
  readonly #localizer = new Localizer(this);

  constructor() {
    super();
    this._path = location.pathname;
    this._theme = storedTheme();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    setTheme(this._theme);
    addEventListener('popstate', this.#moved);
    addEventListener('click', this.#follow);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('popstate', this.#moved);
    removeEventListener('click', this.#follow);
  }

  protected override render(): TemplateResult {
    const { t, language } = this.#localizer;
    const languages = (Object.keys(LANGUAGES) as Language[]).map((value) => ({ value, label: LANGUAGES[value], face: SHORT_NAMES[value], lang: value }));
    const themes = THEMES.map((value) => ({ value, label: t(`theme.${value}`), face: icon(THEME_ICONS[value]) }));
    return html`
      <header>
        <a class="skip" href="#main" @click=${this.#skip}>${t('app.skip')}</a>
        <a class="brand" href="/" aria-label=${t('app.home')}>${logo} Framelock</a>
        <span class="tagline muted">${t('app.tagline')}</span>
        <div class="choices">
          ${segmented('language', t('app.language'), languages, language, setLanguage)}
          ${segmented('theme', t('app.theme'), themes, this._theme, (theme) => {
            this._theme = theme;
            setTheme(theme);
          })}
        </div>
      </header>
      <main id="main" tabindex="-1">${this.#page()}</main>
    `;
  }

  protected override updated(): void {
    const { t, language } = this.#localizer;
    const page = pageOf(this._path);
    document.documentElement.lang = language;
    document.title = `${page.name === 'watch' ? page.stream : t(TITLES[page.name])} · Framelock`;
  }

  #page(): TemplateResult {
    const { t } = this.#localizer;
    const page = pageOf(this._path);
    switch (page.name) {
      case 'overview':
        return html`<framelock-overview></framelock-overview>`;
      case 'publish':
        return html`<framelock-publish></framelock-publish>`;
      case 'watch':
        return html`<framelock-watch stream=${page.stream}></framelock-watch>`;
      case 'missing':
        return html`<div class="missing">
          <h1>${t('notFound.title')}</h1>
          <p class="muted">${t('notFound.text', { path: this._path })}</p>
          <a class="button" href="/">${t('notFound.back')}</a>
        </div>`;
    }
  }

  readonly #moved = (): void => {
    this._path = location.pathname;
  };

  /** Links to pages of this application change the page without loading it anew. */
  readonly #follow = (event: MouseEvent): void => {
    const link = event.composedPath().find((one): one is HTMLAnchorElement => one instanceof HTMLAnchorElement);
    if (link === undefined || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || link.target !== '') return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || pageOf(url.pathname).name === 'missing' || url.hash !== '') return;
    event.preventDefault();
    if (url.pathname !== location.pathname) history.pushState(null, '', url);
    this.#moved();
    scrollTo(0, 0);
    this.#main.focus();
  };

  readonly #skip = (event: Event): void => {
    event.preventDefault();
    this.#main.focus();
  };

  get #main(): HTMLElement {
    return this.renderRoot.querySelector('main')!;
  }
}
