import { html, type TemplateResult } from 'lit';
import type { LockFigures } from '../../annotate/lock-meter.ts';
import type { Localizer } from '../../i18n/localizer.ts';
import type { BoxesShown } from '../player/boxes-panel.ts';

/** Whether the boxes that are drawn on this page belong to the picture. @param draw has them drawn here */
export function lockPanel({ t, number }: Localizer, boxes: BoxesShown, lock: LockFigures | undefined, draw: () => void): TemplateResult {
  return html`<section class="panel lock">
    <h2>${t('lock.title')}</h2>
    ${boxes === 'drawn' ? figures() : html`<p class="muted">${t(boxes === 'none' ? 'lock.none' : 'lock.burnedIn')}</p><button class="button" @click=${draw}>${t('lock.draw')}</button>`}
  </section>`;

  function figures(): TemplateResult {
    const unknown = t('stats.unknown');
    const { offset, by = 'rtp', frames = 0, inTime = 0, lateness, lost = 0 } = lock ?? {};
    const row = (label: string, help: string, value: string, state = ''): TemplateResult => html`<div title=${help}><dt>${label}</dt><dd class=${state}>${value}</dd></div>`;
    return html`<dl class="details">
      ${row(t('lock.offset'), t(`lock.by.${by}`), offset === undefined ? unknown : `${number(offset.p50)} · ${t('lock.frames', { count: offset.p95 })}`, offset === undefined ? '' : offset.p95 === 0 ? 'right' : 'wrong')}
      ${row(t('lock.inTime'), '', frames === 0 ? unknown : `${number((inTime / frames) * 100)} %`)}
      ${row(t('lock.lateness'), t('lock.latenessHelp'), lateness === undefined ? unknown : `${number(Math.round(-lateness.p50) + 0, 0)} · ${number(Math.round(-lateness.p95) + 0, 0)} ms`)}
      ${row(t('lock.lost'), '', number(lost, 0))}
    </dl>`;
  }
}
