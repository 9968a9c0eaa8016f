import { html, nothing, type TemplateResult } from 'lit';
import type { DevicesView } from '../../api/api.ts';
import type { Localizer } from '../../i18n/localizer.ts';
import { icon } from '../../ui/icons.ts';

/** A camera or screen of the server's machine, as it is offered. */
export interface DeviceChoice {
  readonly kind: 'camera' | 'screen';
  readonly name: string;
  readonly source: string;
  readonly problem?: DevicesView['cameras'][number]['problem'];
}

export function deviceChoices({ cameras, screens }: DevicesView): readonly DeviceChoice[] {
  return [...cameras.map((camera) => ({ kind: 'camera' as const, ...camera })), ...screens.map((screen) => ({ kind: 'screen' as const, ...screen }))];
}

/** Cameras and screens to choose the address from. @param chosen the address as it is @param choose is told which */
export function deviceMenu({ t, problem }: Localizer, choices: readonly DeviceChoice[], chosen: string, choose: (choice: DeviceChoice) => void): TemplateResult {
  if (choices.length === 0) return html`<p class="help" id="devices">${t('dialog.devices.none')}</p>`;
  return html`<div class="devices" id="devices" role="group" aria-labelledby="devices-label">
    <span class="help" id="devices-label">${t('dialog.devices')}</span>
    <div class="buttons">
      ${choices.map(
        (choice) => html`<button class="device" type="button" aria-pressed=${choice.source === chosen.trim()} ?disabled=${choice.problem !== undefined} title=${choice.source} @click=${() => choose(choice)}>
          ${icon(choice.kind)} <span>${choice.kind === 'screen' ? t('dialog.devices.screen', { name: choice.name }) : choice.name}</span>
        </button>`,
      )}
    </div>
    ${choices.map((choice) => (choice.problem === undefined ? nothing : html`<p class="help">${choice.name}: ${problem(choice.problem)}</p>`))}
  </div>`;
}
