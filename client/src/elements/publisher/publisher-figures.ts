import { html, nothing, type TemplateResult } from 'lit';
import type { Localizer } from '../../i18n/localizer.ts';
import type { PublisherFigures } from '../../publish/publisher.ts';

/** What is measured while publishing; a dash where it is not known. */
export function publisherFigures({ t, number, bitrate }: Localizer, { roundTrip, width, height, fps, bitrate: bits, codec, layers }: PublisherFigures): TemplateResult {
  const unknown = t('stats.unknown');
  const help = t(`publisher.roundTrip.${roundTrip?.method ?? 'estimated'}`);
  return html`
    <dl class="panel tiles" part="figures">
      <div title=${help}>
        <dt>${t('publisher.roundTrip')}</dt>
        <dd>
          ${roundTrip === undefined
            ? unknown
            : html`${roundTrip.method === 'estimated' ? '≈ ' : ''}${number(roundTrip.p50, 0)} ms <small>· 95 % ${number(roundTrip.p95, 0)} ms</small>`}
        </dd>
      </div>
      <div><dt>${t('publisher.sent')}</dt><dd>${width === undefined ? unknown : html`${width} × ${height} <small>· ${t('card.fps', { fps: Math.round(fps ?? 0) })}</small>`}</dd></div>
      <div><dt>${t('stats.bitrate')}</dt><dd>${bits === undefined ? unknown : bitrate(bits)}</dd></div>
      <div><dt>${t('stats.codec')}</dt><dd>${codec === undefined ? unknown : html`${codec} ${layers === undefined || layers < 2 ? nothing : html`<small>· ${t('publisher.layers', { count: layers })}</small>`}`}</dd></div>
    </dl>
  `;
}
