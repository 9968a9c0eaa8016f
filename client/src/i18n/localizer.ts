import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Problem } from '../../../src/pipeline/media/info.ts';
import { bestLanguage, formatBitrate, formatDate, formatNumber, translate, type Key, type Language, type Parameters } from './format.ts';
import { language, onLanguageChange } from './language.ts';
import { problemText } from './problems.ts';

export type { Key } from './format.ts';

/** What an element says, in its own language where its `lang` names one, else in the page's. */
export class Localizer implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  #stop: (() => void) | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  get language(): Language {
    return this.#host.lang === '' ? language() : bestLanguage([this.#host.lang]);
  }

  readonly t = (key: Key, parameters?: Parameters): string => translate(this.language, key, parameters);
  readonly number = (value: number, digits?: number): string => formatNumber(this.language, value, digits);
  readonly bitrate = (bits: number): string => formatBitrate(this.language, bits);
  readonly problem = (problem: Problem): string => problemText(this.language, problem);
  readonly date = (date: string | number): string => formatDate(this.language, date);

  hostConnected(): void {
    this.#stop = onLanguageChange(() => this.#host.requestUpdate());
  }

  hostDisconnected(): void {
    this.#stop?.();
  }
}
