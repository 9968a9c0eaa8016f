import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { api, Problem, type DetectorView, type ModelView, type StreamForm, type StreamView } from '../api/api.ts';
import { LanguageController, t, type Key } from '../i18n/index.ts';
import { icon } from '../ui/icons.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

type Field = 'source' | 'id' | 'title' | 'detectors' | 'sync';
const FIELDS: readonly Field[] = ['source', 'id', 'title', 'detectors', 'sync'];

/**
 * Adds a stream or changes one. What the server finds wrong stands beside the field that it is about.
 *
 * @event stream-saved - `detail`: the stream as the server has it now.
 */
export class StreamDialog extends LitElement {
  static override properties = {
    _stream: { state: true },
    _form: { state: true },
    _errors: { state: true },
    _failure: { state: true },
    _saving: { state: true },
    _choices: { state: true },
  };

  static override styles = [
    sharedStyles,
    css`
      dialog {
        width: min(36rem, calc(100vw - 1.5rem));
        max-height: calc(100dvh - 1.5rem);
        padding: 0;
        border: 1px solid var(--framelock-line);
        border-radius: 16px;
        background: var(--framelock-surface);
        color: var(--framelock-text);
      }
      dialog::backdrop {
        background: #04070db3;
        backdrop-filter: blur(3px);
      }
      form {
        display: grid;
        gap: 1.1rem;
        padding: 1.4rem;
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 1rem;
      }
      h2 {
        font-size: 1.25rem;
        overflow-wrap: anywhere;
      }
      .field {
        display: grid;
        gap: 0.3rem;
      }
      label,
      legend {
        font-weight: 600;
      }
      .help {
        font-size: 0.85rem;
      }
      input:not([type='checkbox']),
      select {
        width: 100%;
        min-height: 2.6rem;
        padding: 0 0.8rem;
        border: 1px solid light-dark(#8593a8, #56667f);
        border-radius: 10px;
        background: var(--framelock-bg);
        color: inherit;
        font: inherit;
      }
      input[aria-invalid='true'] {
        border-color: var(--framelock-danger);
        border-width: 2px;
      }
      fieldset {
        display: grid;
        gap: 0.4rem;
        margin: 0;
        padding: 0;
        border: 0;
        min-width: 0;
      }
      .choices {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr));
        gap: 0.3rem 1rem;
      }
      .choice {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        min-height: 2rem;
        font-weight: 400;
      }
      input[type='checkbox'] {
        width: 1.15rem;
        height: 1.15rem;
        flex: none;
        accent-color: var(--framelock-accent);
      }
      .error {
        display: flex;
        gap: 0.4rem;
        color: var(--framelock-danger);
        font-size: 0.9rem;
        overflow-wrap: anywhere;
      }
      .error svg {
        flex: none;
      }
      footer {
        display: flex;
        justify-content: end;
        gap: 0.6rem;
      }
    `,
  ];

  declare private _stream: StreamView | undefined;
  declare private _form: { source: string; id: string; title: string; sync: string; detectors: readonly string[] };
  declare private _errors: Partial<Record<Field, string>>;
  declare private _failure: string | undefined;
  declare private _saving: boolean;
  declare private _choices: readonly { name: string; model?: string; missing: boolean }[];
  #idTouched = false;

  constructor() {
    super();
    new LanguageController(this);
    this._form = { source: '', id: '', title: '', sync: 'exact', detectors: [] };
    this._errors = {};
    this._saving = false;
    this._choices = [];
  }

  /** Opens for a new stream, or to change this one. */
  async open(stream?: StreamView): Promise<void> {
    this._stream = stream;
    this._errors = {};
    this._failure = undefined;
    this.#idTouched = stream !== undefined;
    const names = stream?.detectors.map((detector) => (typeof detector === 'string' ? detector : detector.name)) ?? [];
    this._form = { source: stream?.source.url ?? 'demo://street', id: stream?.id ?? '', title: stream?.title ?? '', sync: stream?.sync ?? 'exact', detectors: names };
    await this.updateComplete;
    this.#dialog.showModal();
    const [detectors, models] = await Promise.all([api.detectors().catch(() => []), api.models().catch(() => [])]);
    this._choices = choices(detectors, models, names);
  }

  get #dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector('dialog')!;
  }

  protected override render(): TemplateResult {
    const editing = this._stream !== undefined;
    const title = editing ? t('dialog.edit', { title: this._stream!.title }) : t('dialog.add');
    return html`
      <dialog aria-labelledby="title" @cancel=${() => this.#dialog.close()}>
        <form method="dialog" novalidate @submit=${this.#submit}>
          <header>
            <h2 id="title">${title}</h2>
            <button class="button icon" type="button" aria-label=${t('dialog.cancel')} title=${t('dialog.cancel')} @click=${() => this.#dialog.close()}>${icon('close')}</button>
          </header>
          ${editing ? nothing : [this.#text('source', 'dialog.source', 'dialog.sourceHelp', true), this.#text('id', 'dialog.id', 'dialog.idHelp')]}
          ${this.#text('title', 'dialog.titleField', 'dialog.titleHelp')} ${this.#detectors()}
          <div class="field">
            <label for="sync">${t('dialog.sync')}</label>
            <select id="sync" .value=${this._form.sync} @change=${(event: Event) => this.#set({ sync: (event.target as HTMLSelectElement).value })}>
              ${['exact', 'predict'].map((sync) => html`<option value=${sync} ?selected=${sync === this._form.sync}>${t(`dialog.sync.${sync}` as Key)}</option>`)}
            </select>
            ${this.#error('sync')}
          </div>
          <div role="alert">${this._failure === undefined ? nothing : html`<p class="error">${icon('alert')} ${t('dialog.failed', { reason: this._failure })}</p>`}</div>
          <footer>
            <button class="button" type="button" @click=${() => this.#dialog.close()}>${t('dialog.cancel')}</button>
            <button class="button primary" type="submit" ?disabled=${this._saving}>${t(this._saving ? 'dialog.saving' : editing ? 'dialog.save' : 'dialog.create')}</button>
          </footer>
        </form>
      </dialog>
    `;
  }

  #text(name: 'source' | 'id' | 'title', label: Key, help: Key, first = false): TemplateResult {
    const wrong = this._errors[name] !== undefined;
    const input = (event: Event): void => {
      const { value } = event.target as HTMLInputElement;
      if (name === 'id') this.#idTouched = true;
      this.#set({ [name]: value, ...(name === 'source' && !this.#idTouched ? { id: suggestId(value) } : {}) });
    };
    return html`
      <div class="field">
        <label for=${name}>${t(label)}</label>
        <input id=${name} name=${name} autocomplete="off" spellcheck="false" ?autofocus=${first} .value=${this._form[name]} aria-invalid=${wrong}
          aria-describedby=${`${name}-help ${name}-error`} @input=${input} />
        <span class="help muted" id=${`${name}-help`}>${t(help)}</span>
        ${this.#error(name)}
      </div>
    `;
  }

  #detectors(): TemplateResult {
    const toggle = (name: string, on: boolean): void =>
      this.#set({ detectors: on ? [...this._form.detectors, name] : this._form.detectors.filter((one) => one !== name) });
    return html`
      <fieldset aria-describedby="detectors-help detectors-error">
        <legend>${t('dialog.detectors')}</legend>
        <div class="choices">
          ${this._choices.length === 0 ? html`<span class="muted">${t('dialog.noModels')}</span>` : nothing}
          ${this._choices.map(
            ({ name, missing }) => html`
              <label class="choice">
                <input type="checkbox" .checked=${this._form.detectors.includes(name)} @change=${(event: Event) => toggle(name, (event.target as HTMLInputElement).checked)} />
                <span>${name} ${missing ? html`<span class="muted">(${t('dialog.modelMissing')})</span>` : nothing}</span>
              </label>
            `,
          )}
        </div>
        <span class="help muted" id="detectors-help">${t('dialog.detectorsHelp')}</span>
        ${this.#error('detectors')}
      </fieldset>
    `;
  }

  #error(field: Field): TemplateResult {
    const message = this._errors[field];
    return html`<div id=${`${field}-error`} aria-live="polite">${message === undefined ? nothing : html`<p class="error">${icon('alert')} ${message}</p>`}</div>`;
  }

  #set(change: Partial<StreamDialog['_form']>): void {
    this._form = { ...this._form, ...change };
    const left = { ...this._errors };
    for (const field of FIELDS) if (field in change) delete left[field];
    this._errors = left;
  }

  readonly #submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { source, id, title, sync, detectors } = this._form;
    const models = new Map(this._choices.map(({ name, model }) => [name, model]));
    const form: StreamForm = {
      sync,
      detectors: detectors.map((name) => (models.get(name) === undefined ? name : { name, model: models.get(name)! })),
      ...(title.trim() === '' ? {} : { title: title.trim() }),
      ...(this._stream === undefined ? { id: id.trim() || suggestId(source), source: source.trim() } : {}),
    };
    this._saving = true;
    this._failure = undefined;
    try {
      const saved = this._stream === undefined ? await api.addStream(form) : await api.changeStream(this._stream.id, form);
      this.#dialog.close();
      this.dispatchEvent(new CustomEvent('stream-saved', { detail: saved, bubbles: true, composed: true }));
    } catch (error) {
      this.#refused(error);
    } finally {
      this._saving = false;
    }
  };

  #refused(error: unknown): void {
    const problem = error instanceof Problem ? error : new Problem(0, String(error));
    const errors: Partial<Record<Field, string>> = {};
    for (const { path, message } of problem.errors) {
      const field = FIELDS.find((one) => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`));
      if (field !== undefined) errors[field] ??= message;
    }
    if (problem.status === 409) errors.id ??= problem.message;
    this._errors = errors;
    if (Object.keys(errors).length === 0) this._failure = problem.message;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  }
}

/** What can be chosen: detectors by their names, models that no detector is named after, and what the stream has already. */
function choices(detectors: readonly DetectorView[], models: readonly ModelView[], present: readonly string[]): StreamDialog['_choices'] {
  const named = detectors.map(({ name }) => ({ name, missing: false }));
  const others = models
    .filter(({ name, state }) => state !== 'broken' && !named.some((one) => one.name === name))
    .map(({ name, state }) => ({ name, model: name, missing: state !== 'ready' }));
  const all = [...named, ...others];
  const own = present.filter((name) => !all.some((one) => one.name === name)).map((name) => ({ name, missing: false }));
  return [...all, ...own];
}

/** A name for a stream out of its address: the file's or the host's, in the letters that identifiers have. */
function suggestId(source: string): string {
  const [path = ''] = source.split(/[?#]/);
  const last = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return decodable(last)
    .replace(/\.[a-z0-9]{2,5}$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
}

function decodable(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
