import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { en, type Key, type Messages } from './en.ts';
import { zhCN } from './zh-CN.ts';

export type { Key } from './en.ts';

/** The languages that there are, named in themselves. */
export const LANGUAGES = { en: 'English', 'zh-CN': '简体中文' } as const;
export type Language = keyof typeof LANGUAGES;

const MESSAGES: Record<Language, Messages> = { en, 'zh-CN': zhCN };
const STORED = 'framelock-language';
const changed = new EventTarget();
let current: Language = initial();

/** The language in use. */
export function language(): Language {
  return current;
}

/** Every element on the page changes its language; the choice is remembered. */
export function setLanguage(next: Language): void {
  current = next;
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // A page without storage forgets the choice; that is all.
  }
  changed.dispatchEvent(new Event('change'));
}

/** A text in the language in use, with its `{parameters}` filled in; numbers are written as that language writes them. */
export function t(key: Key, parameters: Readonly<Record<string, string | number>> = {}): string {
  return MESSAGES[current][key].replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = parameters[name];
    return value === undefined ? whole : typeof value === 'number' ? formatNumber(value) : value;
  });
}

export function formatNumber(value: number, digits = 1): string {
  return new Intl.NumberFormat(current, { maximumFractionDigits: digits }).format(value);
}

/** Renders an element anew when the language changes. */
export class LanguageController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #update = (): void => this.#host.requestUpdate();

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    changed.addEventListener('change', this.#update);
  }

  hostDisconnected(): void {
    changed.removeEventListener('change', this.#update);
  }
}

function initial(): Language {
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(STORED);
  } catch {
    // As above.
  }
  if (stored !== null && stored in LANGUAGES) return stored as Language;
  return navigator.languages.find((tag) => /^(zh|en)\b/i.test(tag))?.toLowerCase().startsWith('zh') === true ? 'zh-CN' : 'en';
}
