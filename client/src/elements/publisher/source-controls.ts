import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Key, Localizer } from '../../i18n/localizer.ts';
import type { CaptureDevice, CaptureDevices, CaptureKind } from '../../publish/capture.ts';
import { icon } from '../../ui/icons.ts';
import { segmented } from '../../ui/segmented.ts';

/** What can be chosen, and what is. */
export interface SourceChoice {
  readonly kind: CaptureKind;
  readonly canShareScreen: boolean;
  readonly devices: CaptureDevices;
  readonly chosen: { readonly camera: string | undefined; readonly microphone: string | undefined };
  readonly microphone: boolean;
}

export interface SourceActions {
  kind(kind: CaptureKind): void;
  camera(id: string): void;
  /** @param id left out, the browser's choice */
  microphone(on: boolean, id?: string): void;
}

/** Camera or screen, which camera, and whether with sound. */
export function sourceControls({ t }: Localizer, { kind, canShareScreen, devices, chosen, microphone }: SourceChoice, act: SourceActions): TemplateResult {
  const kinds = (['camera', 'screen'] as const).map((value) => ({
    value,
    label: t(`publisher.${value}`),
    face: html`${icon(value)} ${t(`publisher.${value}`)}`,
  }));
  const sound = t(microphone ? 'publisher.microphoneOn' : 'publisher.microphoneOff');
  return html`
    ${canShareScreen ? html`<div class="group kinds">${segmented('kind', t('publisher.source'), kinds, kind, act.kind)}</div>` : nothing}
    <div class="group">
      ${kind === 'camera' ? deviceList(t, 'publisher.camera', 'publisher.cameraNumber', devices.cameras, chosen.camera, act.camera) : nothing}
      <button class="button icon" type="button" aria-pressed=${microphone} aria-label=${t('publisher.microphone')} title=${sound} @click=${() => act.microphone(!microphone)}>
        ${icon(microphone ? 'mic' : 'micOff')}
      </button>
    </div>
    ${microphone
      ? html`<div class="group">${deviceList(t, 'publisher.microphone', 'publisher.microphoneNumber', devices.microphones, chosen.microphone, (id) => act.microphone(true, id))}</div>`
      : nothing}
  `;
}

/** Nothing where there is no choice, or where the page may not know of it yet. */
function deviceList(t: Localizer['t'], label: Key, numbered: Key, devices: readonly CaptureDevice[], chosen: string | undefined, choose: (id: string) => void): TemplateResult | typeof nothing {
  if (devices.length === 0 || devices.every(({ id }) => id === '')) return nothing;
  return html`
    <select class="input" aria-label=${t(label)} .value=${live(chosen ?? '')} @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
      ${devices.map(({ id, label: name }, index) => html`<option .value=${id} ?selected=${id === chosen}>${name === '' ? t(numbered, { count: index + 1 }) : name}</option>`)}
    </select>
  `;
}
