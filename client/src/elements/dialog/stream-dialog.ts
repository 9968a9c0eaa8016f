import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { api, Problem, type DetectorView, type ModelView, type StreamView } from '../../api/api.ts';
import { Localizer, type Key } from '../../i18n/localizer.ts';
import { icon } from '../../ui/icons.ts';
import { segmentedStyles } from '../../ui/segmented.ts';
import { sharedStyles } from '../../ui/shared-styles.ts';
import { detectorChanges } from './detector-joins.ts';
import { deviceChoices, deviceMenu, type DeviceChoice } from './device-choices.ts';
import { dialogStyles } from './dialog-styles.ts';
import type { Field, FieldErrors } from './field-errors.ts';
import { drawnSection, hiddenSection, joiningSection } from './option-sections.ts';
import type { SectionContext } from './section-context.ts';
import { check, choicesOf, errorsOf, formOf, namesOf, requestOf, suggestId, type StreamForm } from './stream-form.ts';
import { labelsOf } from './stream-options.ts';

/** What the dialog is opened with. */
export interface StreamDialogOptions {
  /** The stream to change; left out, a new one is made. */
  readonly stream?: StreamView;
  /** Identifiers that there are already. */
  readonly taken: readonly string[];
}

const DETECTION: readonly StreamForm['detection'][] = ['default', 'none', 'some'];
const POLICIES: readonly StreamForm['sync'][] = ['exact', 'predict', 'interpolate'];

/** Before the server has answered. */
const NOTHING_KNOWN = { detectors: [], models: [] } as const;

/**
 * Adds a stream or changes one. What is wrong stands beside the field that it is about.
 *
 * @event stream-saved - `detail`: the stream as the server has it now.
 */
export class StreamDialog extends LitElement {
  static override properties = { _form: { state: true }, _errors: { state: true }, _failure: { state: true }, _saving: { state: true }, _known: { state: true }, _devices: { state: true } };

  static override styles = [sharedStyles, segmentedStyles, dialogStyles];

  declare private _form: StreamForm;
  declare private _errors: FieldErrors;
  declare private _failure: string | undefined;
  declare private _saving: boolean;
  /** The detectors and models that there are. */
  declare private _known: { readonly detectors: readonly DetectorView[]; readonly models: readonly ModelView[] };
  /** Undefined until it is known what is connected to the server's machine. */
  declare private _devices: readonly DeviceChoice[] | undefined;
  readonly #localizer = new Localizer(this);
  #stream: StreamView | undefined;
  #taken: readonly string[] = [];
  #idTouched = false;

  constructor() {
    super();
    this._form = formOf();
    this._errors = {};
    this._saving = false;
    this._known = NOTHING_KNOWN;
  }

  /** Shows the form: of the stream that is given, else of a new one. */
  async open({ stream, taken }: StreamDialogOptions): Promise<void> {
    this.#stream = stream;
    this.#taken = taken;
    this.#idTouched = false;
    this._form = formOf(stream);
    this._errors = {};
    this._failure = undefined;
    this._known = NOTHING_KNOWN;
    this._devices = undefined;
    this.requestUpdate();
    await this.updateComplete;
    for (const section of this.renderRoot.querySelectorAll('details')) section.open = false;
    this.#dialog.showModal();
    if (stream === undefined) void this.#lookForDevices();
    const [detectors, models] = await Promise.all([api.detectors().catch(() => []), api.models().catch(() => [])]);
    if (stream === this.#stream) this._known = { detectors, models };
  }

  /** Who can't be told has to type. */
  async #lookForDevices(): Promise<void> {
    const devices = await api.devices().catch(() => undefined);
    this._devices = devices === undefined ? undefined : deviceChoices(devices);
  }

  get #dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector('dialog')!;
  }

  protected override render(): TemplateResult {
    const { t } = this.#localizer;
    const stream = this.#stream;
    const title = stream === undefined ? t('dialog.add') : t('dialog.edit', { title: stream.title });
    return html`
      <dialog aria-labelledby="heading">
        <form novalidate @submit=${this.#submit}>
          <header>
            <h2 id="heading">${title}</h2>
            <button class="button icon" type="button" aria-label=${t('dialog.cancel')} title=${t('dialog.cancel')} @click=${() => this.#dialog.close()}>${icon('close')}</button>
          </header>
          <div class="fields">
            ${stream === undefined ? this.#text('source', 'dialog.source', 'dialog.sourceHelp', 'demo://street') : nothing}
            ${stream === undefined && this._devices !== undefined ? deviceMenu(this.#localizer, this._devices, this._form.source, this.#useDevice) : nothing}
            <div class="pair">
              ${stream === undefined ? this.#text('id', 'dialog.id', 'dialog.idHelp') : nothing}
              ${this.#text('title', 'dialog.title', 'dialog.titleHelp', this._form.id)}
            </div>
            ${this.#detection()} ${this.#sync()} ${stream === undefined ? nothing : this.#sections(stream)}
            <div role="alert">${this._failure === undefined ? nothing : html`<p class="error">${icon('alert')} ${t('dialog.failed', { reason: this._failure })}</p>`}</div>
          </div>
          <footer>
            <button class="button" type="button" @click=${() => this.#dialog.close()}>${t('dialog.cancel')}</button>
            <button class="button primary" type="submit" ?disabled=${this._saving}>${t(this._saving ? 'dialog.saving' : stream === undefined ? 'dialog.create' : 'dialog.save')}</button>
          </footer>
        </form>
      </dialog>
    `;
  }

  #sections(stream: StreamView): TemplateResult {
    const { detectors, models } = this._known;
    const context: SectionContext = {
      ...{ localizer: this.#localizer, form: this._form, stream, detectors, models, labels: labelsOf(namesOf(this._form), stream, detectors, models) },
      ...{ set: (change) => this.#set(change), error: (field) => this.#error(field), errorText: (field) => this.#errorText(field) },
    };
    return html`<div class="sections">${joiningSection(context)} ${drawnSection(context)} ${hiddenSection(context)}</div>`;
  }

  #text(name: 'source' | 'id' | 'title', label: Key, help: Key, placeholder = ''): TemplateResult {
    const { t } = this.#localizer;
    return html`
      <div class="field">
        <label for=${name}>${t(label)}</label>
        <input class="input" id=${name} name=${name} autocomplete="off" autocapitalize="off" spellcheck="false" placeholder=${placeholder} .value=${live(this._form[name])}
          aria-invalid=${this._errors[name] !== undefined} aria-describedby=${`${name}-error ${name}-help`}
          @input=${(event: Event) => this.#typed(name, (event.target as HTMLInputElement).value)} />
        ${this.#error(name)}
        <span class="help" id=${`${name}-help`}>${t(help)}</span>
      </div>
    `;
  }

  #detection(): TemplateResult {
    const { t } = this.#localizer;
    const { detection, detectors } = this._form;
    const toggle = (name: string, on: boolean): void => this.#set({ detectors: on ? [...detectors, name] : detectors.filter((one) => one !== name) });
    return html`
      <fieldset class="field" aria-describedby="detectors-error">
        <legend>${t('dialog.detectors')}</legend>
        <div class="options">${DETECTION.map((value) => this.#radio('detection', value, `dialog.detectors.${value}`, undefined, detection))}</div>
        ${detection === 'some'
          ? html`<div class="models">
              ${choicesOf(this._known.detectors, this._known.models, formOf(this.#stream).detectors).map(
                ({ name, trouble }) => html`<label class="option">
                  <input type="checkbox" name="detector" .value=${name} .checked=${live(detectors.includes(name))} @change=${(event: Event) => toggle(name, (event.target as HTMLInputElement).checked)} />
                  <span>${name}${trouble === undefined ? nothing : html`<small>${t(`dialog.model.${trouble}`)}</small>`}</span>
                </label>`,
              )}
            </div>`
          : nothing}
        ${this.#error('detectors')}
      </fieldset>
    `;
  }

  #sync(): TemplateResult {
    const { sync } = this._form;
    return html`
      <fieldset class="field" aria-describedby="sync-error">
        <legend>${this.#localizer.t('dialog.sync')}</legend>
        <div class="stack">
          ${POLICIES.map((policy) => this.#radio('sync', policy, `dialog.sync.${policy}`, `dialog.sync.${policy}Help`, sync))}
        </div>
        ${this.#error('sync')}
      </fieldset>
    `;
  }

  #radio(name: 'detection' | 'sync', value: string, label: Key, help: Key | undefined, chosen: string): TemplateResult {
    const { t } = this.#localizer;
    return html`<label class="option">
      <input type="radio" name=${name} .value=${value} .checked=${live(value === chosen)} @change=${() => this.#set({ [name]: value })} />
      <span>${t(label)}${help === undefined ? nothing : html`<small>${t(help)}</small>`}</span>
    </label>`;
  }

  #error(field: Field): TemplateResult {
    const text = this.#errorText(field);
    return html`<div id=${`${field}-error`} aria-live="polite">${text === undefined ? nothing : html`<p class="error">${icon('alert')} ${text}</p>`}</div>`;
  }

  #errorText(field: Field): string | undefined {
    const error = this._errors[field];
    return error === undefined ? undefined : 'key' in error ? this.#localizer.t(error.key) : error.text;
  }

  readonly #useDevice = ({ kind, name, source }: DeviceChoice): void => {
    this.#set({ source, ...(this.#idTouched ? {} : { id: suggestId(kind === 'screen' ? `screen ${name}` : name, this.#taken) }) });
  };

  #typed(name: 'source' | 'id' | 'title', value: string): void {
    if (name === 'id') this.#idTouched = value !== '';
    this.#set({ [name]: value, ...(name === 'source' && !this.#idTouched ? { id: suggestId(value, this.#taken) } : {}) });
  }

  /** What is corrected is wrong no longer, until the server says so again. */
  #set(change: Partial<StreamForm>): void {
    this._form = { ...this._form, ...change };
    const corrected = Object.keys(change).map((name) => (name === 'detection' ? 'detectors' : name));
    this._errors = Object.fromEntries(Object.entries(this._errors).filter(([field]) => !corrected.includes(field)));
  }

  readonly #submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (this._saving) return;
    const stream = this.#stream;
    this._failure = undefined;
    this._errors = check(this._form);
    if (Object.keys(this._errors).length > 0) return this.#focusWrong();
    this._saving = true;
    try {
      const saved = stream === undefined ? await api.addStream(requestOf(this._form)) : await this.#change(stream);
      this.#dialog.close();
      if (saved !== undefined) this.dispatchEvent(new CustomEvent('stream-saved', { detail: saved }));
    } catch (error) {
      this.#refused(error);
      await this.#focusWrong();
    } finally {
      this._saving = false;
    }
  };

  /** Sends what was changed; undefined where that is nothing of the stream's own. */
  async #change(stream: StreamView): Promise<StreamView | undefined> {
    const { detectors } = this._known;
    for (const { name, changes } of detectorChanges(this._form, namesOf(this._form), stream, detectors)) await api.changeDetector(name, changes);
    const request = requestOf(this._form, stream, detectors);
    return Object.keys(request).length === 0 ? undefined : api.changeStream(stream.id, request);
  }

  #refused(error: unknown): void {
    if (!(error instanceof Problem)) throw error;
    this._errors = errorsOf(error);
    if (Object.keys(this._errors).length === 0) this._failure = error.status === 0 ? this.#localizer.t('dialog.unreachable') : error.message;
  }

  async #focusWrong(): Promise<void> {
    await this.updateComplete;
    const wrong = this.renderRoot.querySelector<HTMLElement>('[aria-invalid="true"], .error, framelock-tag-input[error]');
    for (const section of this.renderRoot.querySelectorAll('details')) section.open ||= section.contains(wrong);
    if (wrong?.matches('.error') === false) wrong.focus();
  }
}
