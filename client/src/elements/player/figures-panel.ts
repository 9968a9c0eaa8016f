import { html, nothing, type TemplateResult } from 'lit';
import type { Localizer } from '../../i18n/localizer.ts';
import type { ShownFrame } from '../../live/frame-meter.ts';
import type { Figures } from '../../live/playback.ts';
import { boxAge } from './box-age.ts';

/** What the panel shows; undefined is what is not known. */
export interface PanelFigures {
  readonly figures: Figures;
  readonly frame: ShownFrame | undefined;
  readonly video: Pick<HTMLVideoElement, 'videoWidth' | 'videoHeight'>;
  /** The server's encoder. */
  readonly encoder: string | undefined;
}

type Row = readonly [label: string, value: string | undefined, help?: string];

/** What is measured, over the upper left of the picture. */
export function figuresPanel(localizer: Localizer, { figures, frame, video: { videoWidth, videoHeight }, encoder }: PanelFigures): TemplateResult {
  const { t, number, bitrate } = localizer;
  const { fps, latency, bitrate: bits, codec, packetsLost, protocol, freezes, frozenMs } = figures;
  const rows: readonly Row[] = [
    [t('stats.resolution'), videoWidth === 0 ? undefined : `${videoWidth} × ${videoHeight}`],
    [t('stats.fps'), t('card.fps', { fps })],
    [t('stats.bitrate'), bits === undefined ? undefined : bitrate(bits)],
    [t('stats.codec'), codec],
    [t('stats.encoder'), encoder],
    [t('stats.latency'), latency === undefined ? undefined : `${number(latency.p50, 0)} · ${number(latency.p95, 0)} ms`, t('stats.latencyHelp')],
    [t('stats.lost'), packetsLost === undefined ? undefined : number(packetsLost, 0)],
    [t('stats.freezes'), freezes === undefined ? undefined : `${number(freezes, 0)} · ${number((frozenMs ?? 0) / 1000, 1)} s`, t('stats.freezesHelp')],
    [t('stats.protocol'), protocol?.toUpperCase()],
    [t('stats.frame'), frame?.seq?.toString()],
    ...Object.entries(frame?.annotation?.detectors ?? {}).map(([detector, { age }]): Row => [t('stats.age', { detector }), boxAge(localizer, age)]),
  ];
  return html`
    <div class="panel" part="stats" role="group" aria-label=${t('player.figures')}>
      <dl>
        ${rows.map(([label, value, help]) => html`<div title=${help ?? nothing}><dt>${label}</dt><dd>${value ?? t('stats.unknown')}</dd></div>`)}
      </dl>
    </div>
  `;
}
