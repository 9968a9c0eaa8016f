import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { labelColor } from '../../../../src/pipeline/compose/palette.ts';
import type { BoxChoices } from '../../annotate/box-choices.ts';
import { nameOf, type BoxLook, type DrawnBox } from '../../annotate/box-renderer.ts';
import { keyOf } from '../../annotate/drawn-boxes.ts';
import type { Localizer } from '../../i18n/localizer.ts';
import { icon } from '../../ui/icons.ts';

/** Where the boxes on the picture come from: drawn here, burned in by the server, or nowhere. */
export type BoxesShown = 'drawn' | 'burned-in' | 'none';

/** What the panel shows. */
export interface BoxesPanelState {
  readonly shown: BoxesShown;
  /** Whether this browser tells which frame it shows. */
  readonly drawable: boolean;
  readonly choices: BoxChoices;
  readonly look: BoxLook;
  /** Whether there are zones or lines to show. */
  readonly zones: boolean;
  /** All that have been seen on this stream, in the alphabet's order. */
  readonly detectors: readonly string[];
  readonly labels: readonly string[];
  readonly boxes: readonly DrawnBox[];
  /** The track that somebody has chosen. */
  readonly pinned: number | undefined;
  /** What there is to see, for those who hear it. */
  readonly summary: string;
}

export interface BoxesPanelActions {
  readonly show: (shown: BoxesShown) => void;
  readonly choose: (choices: Partial<BoxChoices>) => void;
  readonly pin: (track: number | undefined) => void;
  readonly close: () => void;
}

/** What is shown of the boxes, and a list of them, over the right of the picture. */
export function boxesPanel(localizer: Localizer, state: BoxesPanelState, { show, choose, pin, close }: BoxesPanelActions): TemplateResult {
  const { t, number } = localizer;
  const { shown, drawable, choices, look, zones, detectors, labels, boxes, pinned, summary } = state;
  const way = (value: BoxesShown, label: string, disabled = false): TemplateResult => html`
    <label><input type="radio" name="shown" .checked=${shown === value} ?disabled=${disabled} @change=${() => show(value)} /> ${label}</label>
  `;
  const drawn = shown === 'drawn';
  const check = (label: string | TemplateResult, checked: boolean, change: (checked: boolean) => void): TemplateResult => html`
    <label><input type="checkbox" .checked=${checked} @change=${(event: Event) => change((event.target as HTMLInputElement).checked)} /> ${label}</label>
  `;
  const without = (list: readonly string[], one: string, visible: boolean): string[] => (visible ? list.filter((other) => other !== one) : [...list, one]);
  return html`
    <div class="panel boxes" part="boxes" role="dialog" aria-label=${t('boxes.title')}>
      <header>
        <strong>${t('boxes.title')}</strong>
        <button type="button" aria-label=${t('player.close')} title=${t('player.close')} @click=${close}>${icon('close')}</button>
      </header>
      <fieldset>
        <legend>${t('boxes.way')}</legend>
        ${way('drawn', t('boxes.drawn'), !drawable)} ${way('burned-in', t('boxes.burnedIn'))} ${way('none', t('boxes.none'))}
        ${drawable ? nothing : html`<p>${t('boxes.undrawable')}</p>`}
      </fieldset>
      <fieldset ?disabled=${!drawn}>
        <legend>${t('boxes.shown')}</legend>
        ${check(t('boxes.labels'), !choices.unlabelled, (checked) => choose({ unlabelled: !checked }))}
        ${check(t('boxes.trails'), choices.trails, (trails) => choose({ trails }))}
        ${zones ? check(t('zones.title'), !choices.withoutZones, (checked) => choose({ withoutZones: !checked })) : nothing}
        <label class="range">
          <span>${t('boxes.threshold')} <b>${number(choices.threshold * 100, 0)} %</b></span>
          <input type="range" min="0" max="95" step="5" .value=${String(Math.round(choices.threshold * 100))} @input=${(event: Event) => choose({ threshold: Number((event.target as HTMLInputElement).value) / 100 })} />
        </label>
      </fieldset>
      ${detectors.length === 0
        ? nothing
        : html`<fieldset ?disabled=${!drawn}>
            <legend>${t('boxes.detectors')}</legend>
            ${detectors.map((name) => check(name, !choices.hiddenDetectors.includes(name), (on) => choose({ hiddenDetectors: without(choices.hiddenDetectors, name, on) })))}
          </fieldset>`}
      ${labels.length === 0
        ? nothing
        : html`<fieldset ?disabled=${!drawn}>
            <legend>${t('boxes.classes')}</legend>
            ${labels.map((label) =>
              check(html`<i style=${`--color: ${labelColor(label, look.colors)}`}></i>${nameOf(label, look)}`, !choices.hiddenLabels.includes(label), (on) => choose({ hiddenLabels: without(choices.hiddenLabels, label, on) })),
            )}
          </fieldset>`}
      ${drawn
        ? html`<section>
            <strong id="now">${t('boxes.now', { count: boxes.length })}</strong>
            <ul aria-labelledby="now">
              ${repeat(
                ordered(boxes),
                ({ detection }) => keyOf(detection),
                ({ detection: { label, score, track }, color }) => html`<li>
                  <button type="button" aria-pressed=${track !== undefined && track === pinned} ?disabled=${track === undefined} @click=${() => pin(track === pinned ? undefined : track)}>
                    <i style=${`--color: ${color}`}></i><span>${nameOf(label, look)}${track === undefined ? '' : ` ${track}`}</span><span>${number(score * 100, 0)} %</span>
                  </button>
                </li>`,
              )}
            </ul>
          </section>`
        : nothing}
      <span class="said" role="status">${summary}</span>
    </div>
  `;
}

/** By name and track: what is read or walked through must not change its order with every frame. */
function ordered(boxes: readonly DrawnBox[]): DrawnBox[] {
  return boxes.toSorted(({ detection: a }, { detection: b }) => a.label.localeCompare(b.label) || (a.track ?? Infinity) - (b.track ?? Infinity) || 0);
}
