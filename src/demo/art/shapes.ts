/** SVG elements, in the units of the drawing they are put into. */

export type Point = readonly [number, number];

function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  let text = '';
  for (const name in values) {
    const value = values[name];
    if (value !== undefined) text += ` ${name}="${typeof value === 'number' ? round(value) : value}"`;
  }
  return text;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Looks besides the fill. */
export interface Extra {
  readonly opacity?: number;
  readonly rx?: number;
  readonly transform?: string;
  readonly stroke?: string;
  readonly 'stroke-width'?: number;
  readonly 'clip-path'?: string;
  readonly filter?: string;
}

export function rect(x: number, y: number, width: number, height: number, fill: string, extra: Extra = {}): string {
  return `<rect${attributes({ x, y, width, height, fill, ...extra })}/>`;
}

export function ellipse(cx: number, cy: number, rx: number, ry: number, fill: string, extra: Omit<Extra, 'rx'> = {}): string {
  return `<ellipse${attributes({ cx, cy, rx, ry, fill, ...extra })}/>`;
}

export function circle(cx: number, cy: number, r: number, fill: string, extra: Omit<Extra, 'rx'> = {}): string {
  return ellipse(cx, cy, r, r, fill, extra);
}

export function path(d: string, fill: string, extra: Extra = {}): string {
  return `<path${attributes({ d, fill, ...extra })}/>`;
}

export function polygon(points: readonly Point[], fill: string, extra: Extra = {}): string {
  return `<polygon${attributes({ points: points.map(([x, y]) => `${round(x)},${round(y)}`).join(' '), fill, ...extra })}/>`;
}

/** A line through points, with round ends and joints. */
export function line(points: readonly Point[], stroke: string, width: number, extra: Pick<Extra, 'opacity' | 'transform'> = {}): string {
  const d = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  const ends = { 'stroke-linecap': 'round', 'stroke-linejoin': 'round' };
  return `<path${attributes({ d, fill: 'none', stroke, 'stroke-width': width, ...ends, ...extra })}/>`;
}

/** A vertical (or horizontal) gradient. @param stops place 0…1, colour and opacity */
export function gradient(id: string, stops: readonly (readonly [number, string, number?])[], horizontal = false): string {
  const parts = stops.map(([at, colour, opacity = 1]) => `<stop offset="${at}" stop-color="${colour}" stop-opacity="${opacity}"/>`);
  return `<linearGradient id="${id}" x1="0" y1="0" x2="${horizontal ? 1 : 0}" y2="${horizontal ? 0 : 1}">${parts.join('')}</linearGradient>`;
}

export function radial(id: string, stops: readonly (readonly [number, string, number])[]): string {
  const parts = stops.map(([at, colour, opacity]) => `<stop offset="${at}" stop-color="${colour}" stop-opacity="${opacity}"/>`);
  return `<radialGradient id="${id}">${parts.join('')}</radialGradient>`;
}
