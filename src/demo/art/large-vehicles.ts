import { rgb, type Rgb } from '../colour.ts';
import { ellipse, line, path, polygon, rect } from './shapes.ts';
import { driver, glass, headlamp, lights, litPane, painted, SILL, taillamp, VEHICLE_DEFS, wheel } from './vehicle-parts.ts';
import type { VehicleModel } from './vehicle-model.ts';

const some = (...colours: [string, ...string[]]): [Rgb, ...Rgb[]] => colours.map(rgb) as [Rgb, ...Rgb[]];

const BUS_PAINT = some('#c9352b', '#1f6f8b', '#2f8f5b', '#e0902f', '#34507e', '#8c3f66');
const CAB_PAINT = some('#d8d9d6', '#2c5d8f', '#b4392f', '#e0a52f', '#3a7a5a', '#4a4f57', '#7a4f86');
const LOAD_PAINT = some('#f2f0ea', '#d9dcdc', '#cfd8dc', '#e7d9b8', '#3d6b8c', '#b7503a', '#5f7f5a');

/** Windows of the bus: seven, with doors in between. */
const BUS_PANES = [-520, -408, -176, -64, 168].map((x) => `M${x} -268 L${x + 100} -268 L${x + 100} -160 L${x} -160 Z`);
const BUS_DOORS = [-292, 288, 400];

const cityBus: VehicleModel = {
  label: 'bus',
  weight: 1,
  length: 11.4,
  wheels: [
    { x: -330, r: 48 },
    { x: 356, r: 48 },
  ],
  brake: [-566, -96],
  beam: [566, -72],
  palette: (random) => ({ paint: random.pick(BUS_PAINT), band: rgb('#f4f1e8') }),
  artwork: {
    box: { x: -598, y: -322, width: 1196, height: 326 },
    slots: ['paint', 'band'],
    draw: (fill) =>
      VEHICLE_DEFS +
      rect(-430, -314, 250, 16, '#d5d5ce', { rx: 6 }) +
      rect(120, -312, 160, 14, '#c6c7c2', { rx: 6 }) +
      painted(
        'M-566 -44 L-568 -280 C-567 -294 -558 -301 -544 -301 L536 -301 C556 -300 564 -288 567 -266 L570 -66 C570 -44 564 -33 550 -33 L-548 -33 C-562 -33 -566 -36 -566 -44 Z',
        fill('paint'),
      ) +
      rect(-567, -148, 1135, 20, fill('band')) +
      path('M-567 -60 L570 -60 C570 -42 562 -32 550 -32 L-548 -32 C-562 -32 -567 -38 -567 -60 Z', SILL) +
      rect(-540, -276, 1092, 122, '#20272e', { rx: 10 }) +
      BUS_PANES.map((d) => glass(d)).join('') +
      BUS_DOORS.map(
        (x) =>
          rect(x, -268, 100, 216, '#20272e', { rx: 4 }) +
          glass(`M${x + 6} -262 L${x + 46} -262 L${x + 46} -70 L${x + 6} -70 Z`) +
          glass(`M${x + 54} -262 L${x + 94} -262 L${x + 94} -70 L${x + 54} -70 Z`),
      ).join('') +
      glass('M512 -270 L546 -270 C554 -268 558 -262 559 -250 L561 -150 L512 -150 Z') +
      [-470, -380, -130, -20, 215].map((x) => driver(x, -200)).join('') +
      driver(528, -226) +
      polygon([[-500, -262], [-460, -262], [-520, -166], [-520, -200]], '#dfeaf0', { opacity: 0.12 }) +
      polygon([[-40, -262], [10, -262], [-50, -166], [-64, -166], [-64, -220]], '#dfeaf0', { opacity: 0.12 }) +
      rect(380, -296, 150, 16, '#1a1d20', { rx: 3 }) +
      rect(392, -292, 90, 8, '#f3b53f', { rx: 2 }) +
      headlamp(558, -76, 9, 11) +
      taillamp(-570, -112, 9, 34) +
      wheel(-330, 48) +
      wheel(356, 48),
    glow:
      VEHICLE_DEFS +
      BUS_PANES.map((d) => litPane(d, 0.78)).join('') +
      BUS_DOORS.map((x) => rect(x + 6, -262, 88, 190, '#ffdf9e', { opacity: 0.6 })).join('') +
      [-470, -380, -130, -20, 215].map((x) => ellipse(x, -194, 9, 11, '#5a4632') + rect(x - 13, -184, 26, 24, '#5a4632', { rx: 9 })).join('') +
      rect(392, -292, 90, 8, '#ffc65a', { rx: 2 }) +
      lights([562, -76], [-566, -96]),
  },
};

const coach: VehicleModel = {
  label: 'bus',
  weight: 0.5,
  length: 8.4,
  wheels: [
    { x: -240, r: 44 },
    { x: 262, r: 44 },
  ],
  brake: [-416, -100],
  beam: [418, -76],
  palette: (random) => ({ paint: random.pick(some('#eceae4', '#f0c23c', '#3f6f9f', '#d8dfe2')), band: random.pick(BUS_PAINT) }),
  artwork: {
    box: { x: -446, y: -288, width: 892, height: 292 },
    slots: ['paint', 'band'],
    draw: (fill) =>
      VEHICLE_DEFS +
      painted(
        'M-416 -46 L-420 -236 C-419 -262 -406 -276 -384 -277 L340 -277 C378 -276 398 -252 408 -210 L420 -130 C424 -100 424 -64 420 -48 C416 -34 408 -32 396 -32 L-398 -32 C-410 -32 -416 -36 -416 -46 Z',
        fill('paint'),
      ) +
      path('M-418 -128 C-200 -96 100 -170 422 -112 L423 -84 C120 -140 -180 -66 -417 -96 Z', fill('band')) +
      path('M-417 -58 L421 -58 C421 -40 414 -31 396 -31 L-398 -31 C-412 -31 -417 -38 -417 -58 Z', SILL) +
      [-396, -282, -168, -54, 60, 174].map((x) => glass(`M${x} -254 L${x + 106} -254 L${x + 106} -162 L${x} -162 Z`)).join('') +
      glass('M290 -254 L352 -254 C376 -248 388 -214 396 -160 L290 -160 Z', [[370, -236], [346, -172], 10]) +
      [-350, -250, -110, 20].map((x) => driver(x, -198)).join('') +
      driver(330, -204) +
      line([[284, -254], [284, -60]], '#000', 2, { opacity: 0.3 }) +
      headlamp(411, -80, 10, 12) +
      taillamp(-421, -118, 9, 36) +
      wheel(-240, 44) +
      wheel(262, 44),
    glow:
      VEHICLE_DEFS +
      [-396, -282, -168, -54, 60, 174].map((x) => litPane(`M${x} -254 L${x + 106} -254 L${x + 106} -162 L${x} -162 Z`, 0.66)).join('') +
      lights([415, -80], [-416, -100]),
  },
};

/** The driver's cab of a truck whose load begins at x = 96. */
function cab(fill: (slot: string) => string): string {
  return (
    painted(
      'M104 -50 L104 -246 C105 -258 112 -264 124 -264 L214 -262 C240 -260 250 -244 262 -212 L286 -148 C294 -140 297 -126 297 -110 L297 -54 C297 -42 290 -36 280 -36 L116 -36 C108 -36 104 -42 104 -50 Z',
      fill('paint'),
    ) +
    glass('M170 -244 L212 -243 C226 -240 234 -228 244 -202 L262 -152 L170 -152 Z', [[228, -226], [208, -162], 9]) +
    driver(204, -216) +
    line([[162, -246], [162, -60]], '#000', 1.8, { opacity: 0.35 }) +
    rect(172, -138, 14, 3.4, '#000', { rx: 1.5, opacity: 0.4 }) +
    rect(262, -196, 9, 34, '#2a2d31', { rx: 3 }) +
    path('M104 -60 L297 -60 L297 -52 C297 -42 290 -35 280 -35 L116 -35 C108 -35 104 -42 104 -52 Z', SILL) +
    headlamp(288, -78, 8, 9)
  );
}

const boxTruck: VehicleModel = {
  label: 'truck',
  weight: 1.3,
  length: 7.2,
  wheels: [
    { x: -212, r: 45 },
    { x: 206, r: 45 },
  ],
  brake: [-368, -66],
  beam: [298, -66],
  palette: (random) => ({ paint: random.pick(CAB_PAINT), load: random.pick(LOAD_PAINT), mark: random.pick(BUS_PAINT) }),
  artwork: {
    box: { x: -398, y: -340, width: 732, height: 344 },
    slots: ['paint', 'load', 'mark'],
    draw: (fill) =>
      VEHICLE_DEFS +
      rect(-364, -84, 470, 26, '#2a2d31') +
      cab(fill) +
      painted('M-370 -86 L-370 -326 C-370 -331 -367 -334 -362 -334 L84 -334 C89 -334 92 -331 92 -326 L92 -86 Z', fill('load')) +
      path('M-370 -150 C-250 -210 -120 -110 92 -190 L92 -120 C-100 -60 -230 -160 -370 -108 Z', fill('mark')) +
      ellipse(-140, -254, 46, 34, fill('mark')) +
      ellipse(-126, -260, 22, 16, fill('load')) +
      [-278, -186, -94, -2]
        .map((x) =>
          line([[x, -330], [x, -90]], '#000', 1.4, { opacity: 0.1 }),
        )
        .join('') +
      rect(-370, -92, 462, 8, '#000', { opacity: 0.3 }) +
      taillamp(-370, -78, 9, 20) +
      wheel(-212, 45) +
      wheel(206, 45),
    glow: VEHICLE_DEFS + lights([292, -78], [-368, -66]),
  },
};

const tipper: VehicleModel = {
  label: 'truck',
  weight: 0.8,
  length: 7.0,
  wheels: [
    { x: -262, r: 46 },
    { x: -160, r: 46 },
    { x: 206, r: 46 },
  ],
  brake: [-352, -68],
  beam: [298, -66],
  palette: (random) => ({ paint: random.pick(CAB_PAINT), load: random.pick(some('#d9822b', '#5d6b73', '#8c3f34', '#c9a53a', '#48705c')) }),
  artwork: {
    box: { x: -384, y: -284, width: 718, height: 288 },
    slots: ['paint', 'load'],
    draw: (fill) =>
      VEHICLE_DEFS +
      rect(-350, -92, 460, 30, '#2a2d31') +
      path('M-330 -226 C-280 -262 -200 -250 -150 -268 C-80 -286 10 -258 70 -228 Z', '#8a7256') +
      path('M-250 -244 C-200 -252 -170 -262 -110 -270 C-60 -276 0 -260 70 -228 L-40 -228 Z', '#7a6349') +
      cab(fill) +
      painted('M-358 -232 L92 -232 L88 -98 L-326 -98 Z', fill('load')) +
      [-300, -228, -156, -84, -12, 58].map((x) => rect(x, -230, 9, 130, '#000', { opacity: 0.2 })).join('') +
      rect(-360, -238, 456, 12, '#000', { opacity: 0.22 }) +
      taillamp(-356, -86, 9, 22) +
      wheel(-262, 46) +
      wheel(-160, 46) +
      wheel(206, 46),
    glow: VEHICLE_DEFS + lights([292, -78], [-352, -68]),
  },
};

const pickup: VehicleModel = {
  label: 'truck',
  weight: 0.9,
  length: 5.4,
  wheels: [
    { x: -166, r: 38 },
    { x: 168, r: 38 },
  ],
  brake: [-262, -92],
  beam: [262, -84],
  palette: (random) => ({ paint: random.pick(CAB_PAINT) }),
  artwork: {
    box: { x: -292, y: -188, width: 584, height: 192 },
    slots: ['paint'],
    draw: (fill) =>
      VEHICLE_DEFS +
      path('M-236 -116 L-236 -150 L-176 -158 L-150 -142 L-92 -148 L-84 -116 Z', '#9a7d57') +
      painted(
        'M-264 -52 L-266 -112 C-265 -120 -260 -124 -252 -124 L-78 -124 L-70 -160 C-66 -172 -58 -177 -44 -177 L36 -176 C62 -172 86 -144 104 -122 C160 -117 240 -112 254 -98 C265 -84 267 -58 263 -46 C259 -36 250 -34 236 -34 L-242 -34 C-258 -35 -264 -40 -264 -52 Z',
        fill('paint'),
      ) +
      path('M-265 -56 L264 -56 C264 -40 254 -33 236 -33 L-242 -33 C-258 -34 -265 -42 -265 -56 Z', '#33363b') +
      rect(-268, -128, 192, 8, '#000', { opacity: 0.3 }) +
      glass('M-62 -126 L-54 -158 C-52 -164 -48 -166 -42 -166 L-8 -166 L-8 -126 Z') +
      glass('M2 -166 L32 -165 C52 -160 68 -142 82 -124 L2 -126 Z', [[46, -154], [28, -130], 8]) +
      driver(24, -160) +
      [-72, -3, 84]
        .map((x) =>
          line([[x, -122], [x, -60]], '#000', 1.5, { opacity: 0.32 }),
        )
        .join('') +
      rect(-24, -110, 12, 3, '#000', { rx: 1.4, opacity: 0.4 }) +
      headlamp(251, -90, 11, 8) +
      taillamp(-268, -108, 9, 30) +
      wheel(-166, 38) +
      wheel(168, 38),
    glow: VEHICLE_DEFS + lights([255, -90], [-262, -92]),
  },
};

export const LARGE_VEHICLES: readonly VehicleModel[] = [cityBus, coach, boxTruck, tipper, pickup];
