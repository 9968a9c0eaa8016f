import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { attachOf, isShared, overlapWrong, type AttachChoice } from './detector-joins.ts';
import type { SectionContext } from './section-context.ts';
import { labelsOf } from './stream-options.ts';

/** Of each detector, whose boxes its boxes are attributes of. @param names detectors that can be told */
export function attachRows(context: SectionContext, names: readonly string[]): TemplateResult | typeof nothing {
  const { localizer, stream, detectors, error } = context;
  const { t } = localizer;
  // Boxes are attributes of other detectors' boxes.
  if (names.length < 2 && names.every((name) => attachOf(name, stream, detectors).to.length === 0)) return nothing;
  return html`<fieldset class="field" aria-describedby="attach-error attach-help">
    <legend>${t('dialog.attach')}</legend>
    <div class="rows">${names.map((name, index) => attachRow(context, name, index))}</div>
    ${error('attach')}
    <span class="help" id="attach-help">${t('dialog.attachHelp')}</span>
  </fieldset>`;
}

function attachRow({ localizer, form, stream, detectors, models, set, errorText }: SectionContext, name: string, index: number): TemplateResult {
  const { t } = localizer;
  const chosen = form.attach[name] ?? attachOf(name, stream, detectors);
  const others = labelsOf(form.detectors.filter((one) => one !== name), stream, detectors, models);
  const choose = (change: Partial<AttachChoice>): void => set({ attach: { ...form.attach, [name]: { ...chosen, ...change } } });
  return html`<div class="attach">
    <framelock-tag-input label=${t('dialog.attach.to', { name })} help=${isShared(name, stream, detectors) ? t('dialog.lateShared') : ''} .tags=${chosen.to} .suggestions=${others}
      @tags-changed=${({ detail }: CustomEvent<readonly string[]>) => choose({ to: [...detail] })}></framelock-tag-input>
    ${chosen.to.length === 0
      ? nothing
      : html`<div class="field">
          <label for=${`attach-${index}`}>${t('dialog.attach.overlap', { name })}</label>
          <input class="input short" id=${`attach-${index}`} type="number" inputmode="decimal" min="0" max="1" step="any" placeholder="0.5" .value=${live(chosen.minOverlap)}
            aria-invalid=${errorText('attach') !== undefined && overlapWrong(chosen)} aria-describedby="attach-error attach-help"
            @input=${(event: Event) => choose({ minOverlap: (event.target as HTMLInputElement).value })} />
        </div>`}
  </div>`;
}
