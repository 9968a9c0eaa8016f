import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { labelColor } from '../../../../src/pipeline/compose/palette.ts';
import { icon } from '../../ui/icons.ts';
import { withLabels, type LabelLook } from './label-looks.ts';
import type { SectionContext } from './section-context.ts';

/** The labels that are drawn with a name or a colour of their own. */
export function lookRows({ localizer, form: { looks }, labels, set, errorText }: SectionContext): TemplateResult {
  const { t } = localizer;
  const change = (label: string, what: Partial<LabelLook>): void => set({ looks: looks.map((look) => (look.label === label ? { ...look, ...what } : look)) });
  return html`<div class="field">
    <framelock-tag-input label=${t('dialog.looks')} help=${t('dialog.looksHelp')} error=${errorText('looks') ?? nothing} .tags=${looks.map(({ label }) => label)} .suggestions=${labels}
      @tags-changed=${({ detail }: CustomEvent<readonly string[]>) => set({ looks: withLabels(looks, detail) })}></framelock-tag-input>
    ${looks.map(
      ({ label, name, color }) => html`<div class="look" role="group" aria-label=${label}>
        <span>${label}</span>
        <input class="input" autocomplete="off" placeholder=${label} aria-label=${t('dialog.looks.name', { label })} .value=${live(name)} @input=${(event: Event) => change(label, { name: valueOf(event) })} />
        <input class="color" type="color" aria-label=${t('dialog.looks.color', { label })} .value=${live(color === '' ? labelColor(label) : color.toLowerCase())} @input=${(event: Event) => change(label, { color: valueOf(event) })} />
        ${color === ''
          ? nothing
          : html`<button class="button icon" type="button" aria-label=${t('dialog.looks.reset', { label })} title=${t('dialog.looks.reset', { label })} @click=${(event: Event) => {
              // The button goes with the colour, and whoever pressed it by a key would be lost.
              ((event.currentTarget as HTMLElement).previousElementSibling as HTMLElement).focus();
              change(label, { color: '' });
            }}>${icon('undo')}</button>`}
      </div>`,
    )}
  </div>`;
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement).value;
}
