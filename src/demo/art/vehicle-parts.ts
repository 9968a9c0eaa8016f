import { circle, ellipse, line, path, radial, rect, type Point } from './shapes.ts';

export const TYRE = '#23252a';
export const SILL = '#2b2e33';
const GLASS_TOP = '#4d6272';
const GLASS_LOW = '#2f3f4c';

/** Gradients that every vehicle uses; ids live inside one drawing. */
export const VEHICLE_DEFS =
  '<defs>' +
  `<linearGradient id="sheen" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fff" stop-opacity=".38"/><stop offset=".32" stop-color="#fff" stop-opacity=".08"/><stop offset=".5" stop-color="#000" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity=".34"/></linearGradient>` +
  `<linearGradient id="glass" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${GLASS_TOP}"/><stop offset="1" stop-color="${GLASS_LOW}"/></linearGradient>` +
  radial('lamp', [[0, '#fff6d8', 1], [0.25, '#ffeeb8', 0.85], [1, '#ffe7a0', 0]]) +
  radial('tail', [[0, '#ff4a38', 1], [0.3, '#ff2b1c', 0.75], [1, '#ff2010', 0]]) +
  '</defs>';

/** A painted body: even colour, then light from above over it. */
export function painted(d: string, colour: string): string {
  return path(d, colour) + path(d, 'url(#sheen)');
}

/** Panes with a streak of reflected sky. */
export function glass(d: string, streak?: readonly [Point, Point, number]): string {
  const reflection = streak === undefined ? '' : line(streak.slice(0, 2) as Point[], '#dfeaf0', streak[2], { opacity: 0.2 });
  return path(d, 'url(#glass)') + reflection;
}

/** Somebody behind a pane: part of the vehicle's drawing, nobody in the street. */
export function driver(x: number, y: number): string {
  return path(`M${x - 13} ${y + 28} C${x - 13} ${y + 12} ${x + 9} ${y + 12} ${x + 11} ${y + 28} Z`, '#1f2931') + ellipse(x, y + 4, 7.5, 9, '#1f2931');
}

/** Arch and tyre; what turns inside is drawn over it in every frame. */
export function wheel(x: number, r: number): string {
  return circle(x, -r + 1, r + 6.5, '#17191c') + circle(x, -r, r, TYRE) + circle(x, -r, r * 0.66, '#50555c');
}

export function headlamp(x: number, y: number, rx = 9, ry = 6): string {
  return ellipse(x, y, rx, ry, '#eef2ee') + ellipse(x + rx * 0.2, y, rx * 0.5, ry * 0.6, '#fff');
}

export function taillamp(x: number, y: number, width = 7, height = 15): string {
  return rect(x, y, width, height, '#b3261e', { rx: 2.5 }) + rect(x, y + height * 0.6, width, height * 0.25, '#e8883a');
}

/** What shines at night at both ends of a vehicle. */
export function lights(front: readonly [x: number, y: number], rear: readonly [x: number, y: number]): string {
  return circle(front[0] + 3, front[1], 26, 'url(#lamp)') + circle(rear[0] - 1, rear[1], 20, 'url(#tail)');
}

/** Lit windows: warm panes over the same outline. */
export function litPane(d: string, opacity: number): string {
  return path(d, '#ffdf9e', { opacity });
}
