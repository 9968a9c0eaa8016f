import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { shapeColor } from '../../../../../src/pipeline/analytics/shape-color.ts';
import type { Localizer } from '../../../i18n/localizer.ts';
import { icon } from '../../../ui/icons.ts';
import { colorIndex, type Shape, type ShapeErrors } from './shapes.ts';

/** What is shown beside the picture. */
export interface PanelState {
  readonly shapes: readonly Shape[];
  readonly selected: number | undefined;
  readonly drawing: Shape['kind'] | undefined;
  /** Whether what is being drawn can be finished. */
  readonly finishable: boolean;
  readonly errors: ShapeErrors;
  readonly undoable: boolean;
  readonly saving: boolean;
  /** Labels that are suggested for classes. */
  readonly labels: readonly string[];
}

/** What can be done there. */
export interface PanelActions {
  readonly draw: (kind: Shape['kind'], event: MouseEvent) => void;
  readonly finish: () => void;
  readonly stopDrawing: () => void;
  readonly select: (index: number) => void;
  readonly change: (index: number, changes: Partial<Shape>) => void;
  readonly remove: (index: number) => void;
  readonly undo: () => void;
  readonly save: () => void;
  readonly cancel: () => void;
}

/** The tools, the list of zones and lines, and the fields of the one that is chosen. */
export function zonePanel(localizer: Localizer, state: PanelState, actions: PanelActions): TemplateResult {
  const { t } = localizer;
  const { shapes, selected, drawing, errors, undoable, saving } = state;
  const general = errorText(localizer, errors, -1);
  return html`<section class="panel tools" aria-label=${t('zones.title')}>
    <div class="bar">
      <button class="button" type="button" aria-pressed=${drawing === 'zone'} @click=${(event: MouseEvent) => actions.draw('zone', event)}>${icon('plus')} ${t('zones.addZone')}</button>
      <button class="button" type="button" aria-pressed=${drawing === 'line'} @click=${(event: MouseEvent) => actions.draw('line', event)}>${icon('plus')} ${t('zones.addLine')}</button>
      <button class="button" type="button" ?disabled=${!undoable} @click=${actions.undo}>${icon('undo')} ${t('zones.undo')}</button>
      <span class="grow"></span>
      <button class="button" type="button" @click=${actions.cancel}>${t('dialog.cancel')}</button>
      <button class="button primary" type="button" ?disabled=${saving || drawing !== undefined} @click=${actions.save}>${t(saving ? 'dialog.saving' : 'dialog.save')}</button>
    </div>
    ${drawing === undefined
      ? html`<p class="help" id="keys">${t(shapes.length === 0 ? 'zones.none' : 'zones.keys')}</p>`
      : html`<p class="help drawing-help" id="keys">
          <span>${t(`zones.draw.${drawing}`)}</span>
          ${drawing === 'zone' ? html`<button class="button" type="button" ?disabled=${!state.finishable} @click=${actions.finish}>${t('zones.finish')}</button>` : nothing}
          <button class="button" type="button" @click=${actions.stopDrawing}>${t('zones.stop')}</button>
        </p>`}
    <div aria-live="polite">${general === undefined ? nothing : html`<p class="error">${icon('alert')} ${general}</p>`}</div>
    ${shapes.length === 0
      ? nothing
      : html`<ul class="shapes" aria-label=${t('zones.list')}>
          ${shapes.map(
            (shape, index) => html`<li>
              <button class="shape-button" type="button" aria-pressed=${index === selected} style=${`--color: ${shapeColor(colorIndex(shapes, index))}`} @click=${() => actions.select(index)}>
                <i class=${shape.kind}></i><span class="hidden">${t(`zones.${shape.kind}`)}</span> ${shape.name || t('stats.unknown')}
                ${errors.has(index) ? html`<span class="wrong" title=${errorText(localizer, errors, index) ?? ''}>${icon('alert')}</span>` : nothing}
              </button>
            </li>`,
          )}
        </ul>`}
    ${selected === undefined || shapes[selected] === undefined ? nothing : fields(localizer, shapes[selected], selected, state, actions)}
  </section>`;
}

function fields(localizer: Localizer, shape: Shape, index: number, { errors, labels }: PanelState, { change, remove }: PanelActions): TemplateResult {
  const { t } = localizer;
  const error = errorText(localizer, errors, index);
  const value = (event: Event): string => (event.target as HTMLInputElement).value;
  return html`<div class="fields">
    <div class="field">
      <label for="name">${t('zones.name')}</label>
      <input class="input" id="name" maxlength="60" autocomplete="off" .value=${live(shape.name)} aria-invalid=${error !== undefined} aria-describedby="shape-error"
        @input=${(event: Event) => change(index, { name: value(event) })} />
    </div>
    <div class="field">
      <label for="classes">${t('zones.classes')}</label>
      <input class="input" id="classes" list="labels" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder=${t('zones.allClasses')} .value=${live(shape.classes)}
        @input=${(event: Event) => change(index, { classes: value(event) })} />
      <datalist id="labels">${labels.map((label) => html`<option value=${label}></option>`)}</datalist>
    </div>
    <div class="field">
      <label for="anchor">${t('zones.anchor')}</label>
      <select class="input" id="anchor" .value=${live(shape.anchor)} @change=${(event: Event) => change(index, { anchor: value(event) as Shape['anchor'] })}>
        <option value="bottom" ?selected=${shape.anchor === 'bottom'}>${t('zones.anchor.bottom')}</option>
        <option value="center" ?selected=${shape.anchor === 'center'}>${t('zones.anchor.center')}</option>
      </select>
    </div>
    ${shape.kind === 'zone'
      ? html`<div class="field">
          <label for="dwell">${t('zones.minDwell')}</label>
          <input class="input" id="dwell" type="number" min="0" max="3600" step="0.5" .value=${live(shape.minDwell)}
            @input=${(event: Event) => change(index, { minDwell: value(event) })} />
        </div>`
      : nothing}
    <div class="bar wide">
      <div class="grow" id="shape-error" aria-live="polite">${error === undefined ? nothing : html`<p class="error">${icon('alert')} ${error}</p>`}</div>
      ${shape.kind === 'line' ? html`<button class="button" type="button" @click=${() => change(index, { points: shape.points.toReversed() })}>${t('zones.swap')}</button>` : nothing}
      <button class="button" type="button" @click=${() => remove(index)}>${icon('trash')} ${t('zones.remove', { name: shape.name })}</button>
    </div>
  </div>`;
}

function errorText({ t }: Localizer, errors: ShapeErrors, index: number): string | undefined {
  const error = errors.get(index);
  return error === undefined ? undefined : 'key' in error ? t(error.key) : error.text;
}
