import { svg, type TemplateResult } from 'lit';

const WIDTH = 120;
const HEIGHT = 32;
/** Milliseconds that the chart's height means at least, so that a quiet line looks quiet. */
const LEAST_SPAN = 100;

/**
 * A line through the last values, the newest at the right edge.
 * @param values milliseconds; undefined where there was none
 * @param most values that fit
 */
export function latencyChart(values: readonly (number | undefined)[], most: number, label: string): TemplateResult {
  return svg`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${label}>
    <path d=${chartPath(values, most)} fill="none" stroke="currentColor" stroke-width="1.5" vector-effect="non-scaling-stroke" stroke-linejoin="round"></path>
  </svg>`;
}

/** The line as SVG path data; gaps where there was no value. */
export function chartPath(values: readonly (number | undefined)[], most: number): string {
  const span = Math.max(LEAST_SPAN, ...values.filter((value) => value !== undefined)) * 1.1;
  let pen = 'M';
  let path = '';
  for (const [index, value] of values.entries()) {
    if (value === undefined) {
      pen = 'M';
      continue;
    }
    const x = ((most - values.length + index) / (most - 1)) * WIDTH;
    path += `${pen}${x.toFixed(1)} ${(HEIGHT * (1 - Math.max(0, value) / span)).toFixed(1)}`;
    pen = 'L';
  }
  return path;
}
