import { html, nothing, svg, type TemplateResult } from 'lit';
import type { CountsView } from '../../../../src/streams/counts-view.ts';
import type { AnnotationMessage } from '../../../../src/pipeline/annotation.ts';
import { shapeColor } from '../../../../src/pipeline/analytics/shape-color.ts';
import type { StreamView } from '../../api/api.ts';
import type { Localizer } from '../../i18n/localizer.ts';

const WIDTH = 120;
const HEIGHT = 26;

/** What is counted: on the frame on screen, and over the last hour. */
export interface CountsShown {
  readonly view: StreamView;
  readonly now: Pick<AnnotationMessage, 'zones' | 'lines'> | undefined;
  readonly hour: CountsView | undefined;
}

type Tally = Readonly<Record<string, number>>;

/** Who is in zones, what lines have counted, and how that was over the last hour. */
export function countsPanel(localizer: Localizer, { view, now, hour }: CountsShown): TemplateResult | typeof nothing {
  const { t, number } = localizer;
  const { zones, lines } = view;
  if (zones.length === 0 && lines.length === 0) return nothing;
  const value = (tally: Tally | undefined): string => (tally === undefined ? t('stats.unknown') : number(sum(tally), 0));
  const head = (name: string, index: number, kind: 'zone' | 'line'): TemplateResult => html`<h3 style=${`--color: ${shapeColor(index)}`}><i class=${kind}></i>${name}</h3>`;
  return html`<section class="panel">
    <h2>${t('counts.title')}</h2>
    <ul class="shapes">
      ${zones.map(({ name }, i) => {
        const past = hour?.zones[name];
        return html`<li>
          ${head(name, i, 'zone')}
          <dl><div><dt>${t('counts.now')}</dt><dd>${value(now?.zones?.[name]?.counts)}</dd></div><div><dt>${t('counts.entered')}</dt><dd>${value(past?.entered)}</dd></div><div><dt>${t('counts.dwell')}</dt><dd>${dwell(localizer, past)}</dd></div></dl>
          ${bars(hour, past?.buckets ?? [], ({ entered }) => [sum(entered), 0], t('counts.zoneChart', { name }))}
        </li>`;
      })}
      ${lines.map(({ name }, i) => {
        const past = hour?.lines[name];
        const total = now?.lines?.[name];
        return html`<li>
          ${head(name, zones.length + i, 'line')}
          <dl><div><dt>${t('counts.in')}</dt><dd>${value(total?.in)}</dd></div><div><dt>${t('counts.out')}</dt><dd>${value(total?.out)}</dd></div></dl>
          ${bars(hour, past?.buckets ?? [], (bucket) => [sum(bucket.in), sum(bucket.out)], t('counts.lineChart', { name }))}
        </li>`;
      })}
    </ul>
  </section>`;
}

/** A bar for each bucket of the span, the newest at the right edge: the first value up from the middle, or from the ground where there is no second. */
function bars<B extends { readonly at: string }>(hour: CountsView | undefined, buckets: readonly B[], of: (bucket: B) => [up: number, down: number], label: string): TemplateResult | typeof nothing {
  if (hour === undefined) return nothing;
  const [from, to] = [Date.parse(hour.from), Date.parse(hour.to)];
  const slots = Math.max(1, Math.ceil((to - from) / hour.bucketMs));
  const values = buckets.map((bucket) => ({ slot: Math.floor((Date.parse(bucket.at) - from) / hour.bucketMs), values: of(bucket) }));
  const [up, down] = [0, 1].map((side) => Math.max(0, ...values.map((each) => each.values[side]!))) as [number, number];
  const unit = HEIGHT / Math.max(1, up + down);
  const ground = up + down === 0 ? HEIGHT : up * unit;
  const width = WIDTH / slots;
  return svg`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${label}>
    <path class="ground" d=${`M0 ${ground}H${WIDTH}`} vector-effect="non-scaling-stroke"></path>
    ${values.map(({ slot, values: [above, below] }) => svg`
      <rect class="up" x=${slot * width} y=${ground - above * unit} width=${width * 0.8} height=${above * unit}></rect>
      <rect class="down" x=${slot * width} y=${ground} width=${width * 0.8} height=${below * unit}></rect>`)}
  </svg>`;
}

/** The mean over all labels, in seconds. */
function dwell({ t, number }: Localizer, past: CountsView['zones'][string] | undefined): string {
  const left = past === undefined ? 0 : sum(past.left);
  if (past === undefined || left === 0) return t('stats.unknown');
  const total = Object.entries(past.left).reduce((all, [label, count]) => all + count * (past.dwellMs[label] ?? 0), 0);
  return t('counts.seconds', { seconds: number(total / left / 1000, 1) });
}

function sum(tally: Tally): number {
  return Object.values(tally).reduce((total, count) => total + count, 0);
}
