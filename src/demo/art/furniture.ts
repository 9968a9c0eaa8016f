import type { PropKind } from '../plan.ts';
import type { Artwork } from '../template.ts';
import { LAMP, TALL_LAMP } from './lamplight.ts';
import { circle, ellipse, line, path, radial, rect } from './shapes.ts';

const IRON = '#343a42';

const still = (box: Artwork['box'], drawing: string, glow?: string): Artwork => ({
  box,
  slots: [],
  draw: () => drawing,
  ...(glow === undefined ? {} : { glow }),
});

const lampTop = -LAMP.up * 100;
const tallTop = -TALL_LAMP.up * 100;
const arm = TALL_LAMP.aside * 100;

const signalHead = (x: number, y: number): string =>
  rect(x - 14, y, 28, 76, '#23272c', { rx: 7 }) + [14, 38, 62].map((dy) => circle(x, y + dy, 9, '#3a3f45')).join('');

/** What stands in the street: centimetres, standing on (0, 0). */
export const FURNITURE: Record<PropKind, Artwork> = {
  trunk: still(
    { x: -26, y: -262, width: 52, height: 266 },
    path('M-15 0 C-11 -60 -12 -180 -11 -262 L11 -262 C11 -180 11 -60 16 0 Z', '#5b4636') +
      path('M3 0 C5 -80 5 -180 5 -262 L11 -262 C11 -180 11 -60 16 0 Z', '#000', { opacity: 0.2 }) +
      ellipse(0, -1, 25, 4, '#4b4038', { opacity: 0.7 }),
  ),
  lamp: still(
    { x: -34, y: lampTop - 40, width: 68, height: -lampTop + 44 },
    rect(-4, lampTop + 20, 8, -lampTop - 20, IRON) +
      path('M-9 0 L-6 -60 L6 -60 L9 0 Z', IRON) +
      path(`M-15 ${lampTop + 22} L15 ${lampTop + 22} L21 ${lampTop - 14} L-21 ${lampTop - 14} Z`, '#dfe3df') +
      path(`M-25 ${lampTop - 12} L0 ${lampTop - 34} L25 ${lampTop - 12} Z`, IRON) +
      rect(-17, lampTop + 20, 34, 6, IRON, { rx: 2 }),
    path(`M-15 ${lampTop + 20} L15 ${lampTop + 20} L21 ${lampTop - 12} L-21 ${lampTop - 12} Z`, '#fff3cf'),
  ),
  'tall-lamp': still(
    { x: -16, y: tallTop - 36, width: arm + 66, height: -tallTop + 40 },
    rect(-6, tallTop + 22, 12, -tallTop - 22, IRON) +
      rect(1, tallTop + 22, 5, -tallTop - 22, '#000', { opacity: 0.2 }) +
      path('M-13 0 L-9 -90 L9 -90 L13 0 Z', IRON) +
      path(`M0 ${tallTop + 26} C0 ${tallTop - 18} 30 ${tallTop - 26} ${arm - 24} ${tallTop - 18}`, 'none', { stroke: IRON, 'stroke-width': 9 }) +
      path(
        `M${arm - 34} ${tallTop - 24} L${arm + 26} ${tallTop - 20} C${arm + 40} ${tallTop - 14} ${arm + 36} ${tallTop - 4} ${arm + 24} ${tallTop - 4} L${arm - 34} ${tallTop - 6} Z`,
        IRON,
      ) +
      path(`M${arm - 24} ${tallTop - 6} L${arm + 22} ${tallTop - 4} L${arm + 10} ${tallTop + 3} L${arm - 14} ${tallTop + 2} Z`, '#e6e8e2'),
    path(`M${arm - 24} ${tallTop - 6} L${arm + 22} ${tallTop - 4} L${arm + 10} ${tallTop + 5} L${arm - 14} ${tallTop + 4} Z`, '#fff6dc'),
  ),
  signal: still({ x: -24, y: -352, width: 48, height: 356 }, rect(-5, -280, 10, 280, IRON) + signalHead(0, -348)),
  'signal-far': still({ x: -24, y: -352, width: 48, height: 356 }, rect(-5, -280, 10, 280, IRON) + signalHead(0, -348)),
  planter: still(
    { x: -72, y: -112, width: 144, height: 116 },
    [-44, -16, 14, 42].map((x, i) => circle(x, -66 - (i % 2) * 12, 25, i % 2 === 0 ? '#4f8550' : '#5f9657')).join('') +
      [-52, -30, -6, 18, 36, 54].map((x, i) => circle(x, -70 - ((i * 7) % 22), 6.5, ['#e0687a', '#f0b24a', '#f4ece0'][i % 3] ?? '#fff')).join('') +
      path('M-64 -56 L64 -56 L56 0 L-56 0 Z', '#9a6a4a') +
      rect(-67, -60, 134, 11, '#b07d59', { rx: 3 }) +
      path('M20 -49 L63 -49 L56 0 L26 0 Z', '#000', { opacity: 0.12 }),
  ),
  bench: still(
    { x: -96, y: -94, width: 192, height: 98 },
    [-70, 62].map((x) => rect(x, -46, 8, 46, IRON) + rect(x, -88, 7, 46, IRON)).join('') +
      [-88, -74, -60].map((y) => rect(-90, y, 180, 9, '#a8744a', { rx: 3 })).join('') +
      rect(-92, -48, 184, 10, '#b88252', { rx: 3 }) +
      rect(-92, -40, 184, 4, '#000', { opacity: 0.25 }),
  ),
  bollard: still(
    { x: -14, y: -94, width: 28, height: 98 },
    path('M-9 0 L-8 -82 C-8 -91 8 -91 8 -82 L9 0 Z', IRON) +
      rect(-8.3, -78, 16.6, 8, '#e6e2d6') +
      path('M3 0 L3 -86 C7 -86 8 -84 8 -82 L9 0 Z', '#000', { opacity: 0.22 }),
  ),
  bin: still(
    { x: -30, y: -102, width: 60, height: 106 },
    path('M-24 -88 L24 -88 L20 0 L-20 0 Z', '#3f5f55') +
      rect(-27, -98, 54, 13, '#2e463f', { rx: 5 }) +
      [-12, 0, 12]
        .map((x) =>
          line([[x, -78], [x * 0.85, -10]], '#000', 3, { opacity: 0.16 }),
        )
        .join(''),
  ),
  hydrant: still(
    { x: -22, y: -76, width: 44, height: 80 },
    path('M-11 0 L-11 -54 C-11 -72 11 -72 11 -54 L11 0 Z', '#c2402f') +
      rect(-19, -44, 38, 13, '#a93427', { rx: 4 }) +
      rect(-14, -8, 28, 8, '#8f2c21', { rx: 2 }) +
      circle(0, -37, 6, '#e6c15a'),
  ),
};

/** The coloured lamps of a signal, drawn over its head: which of the three shines. */
export function signalLamp(lamp: 'red' | 'amber' | 'green'): Artwork {
  const [colour, dy] = { red: ['#ff4a3a', 14], amber: ['#ffb52e', 38], green: ['#3fe08a', 62] }[lamp] as [string, number];
  const shining =
    circle(0, -348 + dy, 17, colour, { opacity: 0.28 }) + circle(0, -348 + dy, 9.5, colour) + circle(-2, -351 + dy, 3, '#fff', { opacity: 0.6 });
  return { box: { x: -24, y: -366, width: 48, height: 96 }, slots: [], draw: () => shining, glow: shining };
}

/** Light of headlights on the road before a vehicle that looks right; begins at x = 0. */
export const BEAM: Artwork = {
  box: { x: -10, y: -52, width: 560, height: 84 },
  slots: [],
  draw: () => '',
  glow:
    '<defs>' +
    radial('beam', [[0, '#fff0c4', 0.62], [0.45, '#ffeab8', 0.3], [1, '#ffe6b0', 0]]) +
    '</defs>' +
    // The far half of an ellipse is left out: light falls forwards.
    '<clipPath id="ahead"><rect x="0" y="-60" width="560" height="100"/></clipPath>' +
    ellipse(90, -8, 440, 30, 'url(#beam)', { 'clip-path': 'url(#ahead)' }) +
    ellipse(40, -14, 220, 30, 'url(#beam)', { 'clip-path': 'url(#ahead)' }),
};

/** Brake lights, at the rear of a vehicle that looks right. */
export const BRAKE_LIGHT: Artwork = {
  box: { x: -34, y: -34, width: 68, height: 68 },
  slots: [],
  draw: () => circle(0, 0, 14, '#ff3a26', { opacity: 0.4 }) + rect(-5, -12, 9, 24, '#ff6a50', { rx: 3 }),
  glow: circle(0, 0, 30, '#ff2a18', { opacity: 0.22 }) + circle(0, 0, 17, '#ff3a26', { opacity: 0.5 }) + rect(-5, -12, 9, 24, '#ff8a70', { rx: 3 }),
};

/** The turning inside of a wheel of radius 100. */
export function rim(angle: number): Artwork {
  const spokes = Array.from({ length: 5 }, (_, i) => {
    const a = angle + (i * 2 * Math.PI) / 5;
    return line([[0, -100], [Math.cos(a) * 50, -100 + Math.sin(a) * 50]], '#c4c9cd', 15);
  });
  return {
    box: { x: -66, y: -166, width: 132, height: 132 },
    slots: [],
    draw: () => circle(0, -100, 62, '#7d848b') + circle(0, -100, 53, '#3d4248') + spokes.join('') + circle(0, -100, 15, '#9aa0a6'),
  };
}
