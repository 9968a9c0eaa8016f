import { bestLanguage, LANGUAGES, type Language } from './format.ts';

const STORED = 'framelock-language';
const changes = new EventTarget();
let current = remembered() ?? bestLanguage(navigator.languages);

/** The language of the page: chosen, else the browser's. */
export function language(): Language {
  return current;
}

/** Everything on the page changes its language; the choice is remembered. */
export function setLanguage(next: Language): void {
  current = next;
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // A page without storage forgets the choice; that is all.
  }
  changes.dispatchEvent(new Event('change'));
}

/** @returns what ends it */
export function onLanguageChange(listener: () => void): () => void {
  changes.addEventListener('change', listener);
  return () => changes.removeEventListener('change', listener);
}

function remembered(): Language | undefined {
  try {
    const stored = localStorage.getItem(STORED);
    return stored !== null && stored in LANGUAGES ? (stored as Language) : undefined;
  } catch {
    return undefined;
  }
}
