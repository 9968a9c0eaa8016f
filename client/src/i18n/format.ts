import type { applicationEn } from './application/en.ts';
import { en } from './en.ts';
import type { Message } from './message.ts';
import { zhCN } from './zh-CN.ts';

/** The languages that there are, named in themselves. */
export const LANGUAGES = { en: 'English', 'zh-CN': '简体中文' } as const;
export type Language = keyof typeof LANGUAGES;

/** Of a text; those of the application's forms are there once it has added them. */
export type Key = keyof typeof en | keyof typeof applicationEn;
export type Parameters = Readonly<Record<string, string | number>>;

const MESSAGES: Readonly<Record<Language, Partial<Record<Key, Message>>>> = { en: { ...en }, 'zh-CN': { ...zhCN } };

/** Adds texts that elements on foreign pages do not carry. */
export function addMessages(messages: Readonly<Record<Language, Readonly<Record<keyof typeof applicationEn, Message>>>>): void {
  for (const [language, texts] of Object.entries(messages)) Object.assign(MESSAGES[language as Language], texts);
}

/** The text of a key, with its `{parameters}` filled in; numbers are written as the language writes them. */
export function translate(language: Language, key: Key, parameters: Parameters = {}): string {
  return pick(language, MESSAGES[language][key] ?? key, parameters['count']).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = parameters[name];
    return value === undefined ? whole : typeof value === 'number' ? formatNumber(language, value) : value;
  });
}

/** @param digits after the decimal point, at most */
export function formatNumber(language: Language, value: number, digits = 1): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

/** Bits a second, in the unit that keeps the number short. */
export function formatBitrate(language: Language, bits: number): string {
  return bits < 1e6 ? `${formatNumber(language, bits / 1e3, 0)} kbit/s` : `${formatNumber(language, bits / 1e6, bits < 1e7 ? 2 : 1)} Mbit/s`;
}

/** @param date ISO 8601, or milliseconds since the epoch */
export function formatDate(language: Language, date: string | number): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(date));
}

/** The language that serves somebody best who reads these, best first (BCP 47); English where none does. */
export function bestLanguage(tags: readonly string[]): Language {
  for (const tag of tags) {
    if (/^zh\b/i.test(tag)) return 'zh-CN';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'en';
}

function pick(language: Language, message: Message, count: string | number | undefined): string {
  if (typeof message === 'string') return message;
  return (typeof count === 'number' ? message[new Intl.PluralRules(language).select(count)] : undefined) ?? message.other;
}
