import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Late } from '../../api/api.ts';
import { segmented } from '../../ui/segmented.ts';
import { attachRows } from './attach-rows.ts';
import { isShared, lateOf } from './detector-joins.ts';
import { lookRows } from './look-rows.ts';
import type { SectionContext } from './section-context.ts';
import type { StreamForm } from './stream-form.ts';
import { DRAWN } from './stream-options.ts';

const MERGES: readonly StreamForm['merge'][] = ['union', 'nms', 'wbf'];
const LATES: readonly (Late | '')[] = ['', 'wait', 'carry', 'skip'];

/** How long frames wait, and what becomes of boxes of several detectors. */
export function joiningSection(context: SectionContext): TemplateResult {
  const { localizer, form, set, error, errorText } = context;
  const names = tellable(context);
  const { t } = localizer;
  const wait = form.deadlineMs.trim() === '' ? t('dialog.deadlineDefault') : t('dialog.deadlineNow', { ms: form.deadlineMs.trim() });
  return section(
    t('dialog.joining'),
    `${wait} · ${t(`dialog.merge.${form.merge}`)}`,
    html`
      <div class="field">
        <label for="deadlineMs">${t('dialog.deadline')}</label>
        <input class="input short" id="deadlineMs" type="number" inputmode="numeric" min="1" max="5000" step="any" .value=${live(form.deadlineMs)}
          aria-invalid=${errorText('deadlineMs') !== undefined} aria-describedby="deadlineMs-error deadlineMs-help" @input=${(event: Event) => set({ deadlineMs: valueOf(event) })} />
        ${error('deadlineMs')}
        <span class="help" id="deadlineMs-help">${t('dialog.deadlineHelp')}</span>
      </div>
      ${lateness(context, names)}
      <fieldset class="field" aria-describedby="merge-error">
        <legend>${t('dialog.merge')}</legend>
        <div class="stack">
          ${MERGES.map(
            (merge) => html`<label class="option">
              <input type="radio" name="merge" .value=${merge} .checked=${live(merge === form.merge)} @change=${() => set({ merge })} />
              <span>${t(`dialog.merge.${merge}`)}<small>${t(`dialog.merge.${merge}Help`)}</small></span>
            </label>`,
          )}
        </div>
        ${error('merge')}
      </fieldset>
      ${form.merge === 'union'
        ? nothing
        : html`<div class="field">
            <label for="mergeIou">${t('dialog.mergeIou')}</label>
            <input class="input short" id="mergeIou" type="number" inputmode="decimal" min="0" max="1" step="any" .value=${live(form.mergeIou)}
              aria-invalid=${errorText('mergeIou') !== undefined} aria-describedby="mergeIou-error mergeIou-help" @input=${(event: Event) => set({ mergeIou: valueOf(event) })} />
            ${error('mergeIou')}
            <span class="help" id="mergeIou-help">${t('dialog.mergeIouHelp')}</span>
          </div>`}
      ${attachRows(context, names)}
    `,
  );
}

/** Chosen detectors whose settings can be changed: they are written in place, or have a name of their own. */
function tellable({ form, stream, detectors }: SectionContext): readonly string[] {
  const inPlace = stream.detectors.flatMap((detector) => (typeof detector === 'string' ? [] : [detector.name]));
  return form.detection === 'some' ? form.detectors.filter((name) => inPlace.includes(name) || detectors.some((one) => one.name === name)) : [];
}

/** Of each detector, what happens while it has not answered. */
function lateness({ localizer, form, stream, detectors, set, error }: SectionContext, names: readonly string[]): TemplateResult | typeof nothing {
  const { t } = localizer;
  if (names.length === 0) return nothing;
  return html`<fieldset class="field" aria-describedby="late-error">
    <legend>${t('dialog.late')}</legend>
    <div class="rows">
      ${names.map((name, index) => {
        const chosen = form.late[name] ?? lateOf(name, stream, detectors);
        const shared = isShared(name, stream, detectors);
        return html`<div class="row">
          <label for=${`late-${index}`}>${name}</label>
          <select class="input" id=${`late-${index}`} aria-describedby=${shared ? `late-${index}-help` : nothing} @change=${(event: Event) => set({ late: { ...form.late, [name]: valueOf(event) as Late | '' } })}>
            ${LATES.map((late) => html`<option value=${late} .selected=${late === chosen}>${t(late === '' ? 'dialog.late.policy' : `dialog.late.${late}`)}</option>`)}
          </select>
          ${shared ? html`<span class="help" id=${`late-${index}-help`}>${t('dialog.lateShared')}</span>` : nothing}
        </div>`;
      })}
    </div>
    ${error('late')}
  </fieldset>`;
}

/** What is drawn into the picture. */
export function drawnSection(context: SectionContext): TemplateResult {
  const { localizer, form: { overlay }, set, error } = context;
  const { t } = localizer;
  const drawn = DRAWN.filter((part) => overlay[part]).map((part) => t(`dialog.drawn.${part}`));
  const styles = (['box', 'corners'] as const).map((value) => ({ value, label: t(`dialog.style.${value}`), face: t(`dialog.style.${value}`) }));
  return section(
    t('dialog.drawn'),
    drawn.length === 0 ? t('dialog.drawn.nothing') : drawn.join(' · '),
    html`
      <fieldset class="field" aria-describedby="overlay-error overlay-help">
        <legend class="hidden">${t('dialog.drawn')}</legend>
        <div class="grid">
          ${DRAWN.map(
            (part) => html`<label class="option">
              <input type="checkbox" name=${part} .checked=${live(overlay[part])} @change=${(event: Event) => set({ overlay: { ...overlay, [part]: (event.target as HTMLInputElement).checked } })} />
              <span>${t(`dialog.drawn.${part}`)}</span>
            </label>`,
          )}
        </div>
        ${error('overlay')}
        <span class="help" id="overlay-help">${t('dialog.drawnHelp')}</span>
      </fieldset>
      ${choice(t('dialog.style'), segmented('style', t('dialog.style'), styles, overlay.style, (style) => set({ overlay: { ...overlay, style } })))}
      ${lookRows(context)}
    `,
  );
}

/** What is made unrecognisable. */
export function hiddenSection({ localizer, form: { privacy }, labels, set, errorText }: SectionContext): TemplateResult {
  const { t } = localizer;
  const styles = (['pixelate', 'blur'] as const).map((value) => ({ value, label: t(`dialog.hide.${value}`), face: t(`dialog.hide.${value}`) }));
  return section(
    t('dialog.hidden'),
    privacy.classes.length === 0 ? t('dialog.hidden.nothing') : privacy.classes.join(' · '),
    html`
      <framelock-tag-input label=${t('dialog.hidden.classes')} help=${t('dialog.hidden.help')} error=${errorText('privacy') ?? nothing} .tags=${privacy.classes} .suggestions=${labels}
        @tags-changed=${({ detail }: CustomEvent<readonly string[]>) => set({ privacy: { ...privacy, classes: [...detail] } })}></framelock-tag-input>
      ${choice(t('dialog.hide'), segmented('hide', t('dialog.hide'), styles, privacy.style, (style) => set({ privacy: { ...privacy, style } })))}
    `,
  );
}

/** A part of the form that is opened by those who want it; what it says now can be read without. */
function section(title: string, now: string, content: TemplateResult): TemplateResult {
  return html`<details class="section">
    <summary><span class="title">${title}</span> <span class="now">${now}</span></summary>
    <div class="content">${content}</div>
  </details>`;
}

/** A row of few values; its label is said by the control itself. */
function choice(label: string, control: TemplateResult): TemplateResult {
  return html`<div class="choice"><span aria-hidden="true">${label}</span>${control}</div>`;
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement | HTMLSelectElement).value;
}

