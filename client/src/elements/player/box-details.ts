import { html, type TemplateResult } from 'lit';
import { nameOf, type BoxLook } from '../../annotate/box-renderer.ts';
import type { BoxDetails } from '../../annotate/drawn-boxes.ts';
import type { Localizer } from '../../i18n/localizer.ts';
import { boxAge } from './box-age.ts';

/** Room for them on the right of a box, CSS pixels. */
const ROOM = 240;

/**
 * What is known about one box, beside it.
 * @param width of the player in CSS pixels
 * @param free from its left edge to whatever lies over the picture on the right
 */
export function boxDetails(localizer: Localizer, details: BoxDetails, look: BoxLook, width: number, free: number): TemplateResult {
  const { t, number } = localizer;
  const { detection: { detector, label, score, track, box, mergedFrom = [], attributes = [] }, color, age, kind, frame, place } = details;
  const before = place.left > free - place.right && place.right + ROOM > free;
  const side = before ? `right: ${Math.max(8, width - place.left + 8)}px` : `left: ${place.right + 8}px`;
  const rows: readonly (readonly [string, string])[] = [
    [t('boxes.score'), `${number(score * 100)} %`],
    [t('boxes.detector'), [...new Set([detector, ...mergedFrom])].join(', ')],
    [t('boxes.track'), track === undefined ? t('stats.unknown') : String(track)],
    [t('boxes.age'), kind === 'moved' ? `${boxAge(localizer, age)}, ${t('boxes.moved')}` : boxAge(localizer, age)],
    [t('boxes.size'), `${Math.round(box[2] * frame.width)} × ${Math.round(box[3] * frame.height)} px`],
    ...attributes.map((one): readonly [string, string] => [nameOf(one.label, look), `${number(one.score * 100, 0)} %`]),
  ];
  return html`
    <div class="details" part="details" style=${`${side}; top: ${Math.max(8, place.top)}px; --color: ${color}`}>
      <strong><i></i>${nameOf(label, look)}</strong>
      <dl>${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    </div>
  `;
}
