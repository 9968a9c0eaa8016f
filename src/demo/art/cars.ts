import { line, path, rect } from './shapes.ts';
import { driver, glass, headlamp, lights, painted, SILL, taillamp, VEHICLE_DEFS, wheel } from './vehicle-parts.ts';
import { CAR_PAINT, type VehicleModel } from './vehicle-model.ts';

const LINE = '#000';

/** Door gaps and handles. */
function doors(xs: readonly number[], top: number, bottom: number, handles: readonly number[], handleY: number): string {
  return [
    ...xs.map((x) =>
      line([[x, top], [x, bottom]], LINE, 1.4, { opacity: 0.35 }),
    ),
    ...handles.map((x) => rect(x, handleY, 11, 2.6, LINE, { rx: 1.3, opacity: 0.4 })),
  ].join('');
}

const sedan: VehicleModel = {
  label: 'car',
  weight: 3,
  length: 4.6,
  wheels: [
    { x: -137, r: 32 },
    { x: 143, r: 32 },
  ],
  brake: [-226, -78],
  beam: [222, -66],
  palette: (random) => ({ paint: random.pick(CAR_PAINT) }),
  artwork: {
    box: { x: -252, y: -150, width: 504, height: 154 },
    slots: ['paint'],
    draw: (fill) =>
      VEHICLE_DEFS +
      painted(
        'M-226 -46 C-231 -70 -229 -90 -216 -95 L-166 -101 C-142 -120 -112 -139 -80 -143 C-36 -148 18 -147 46 -142 C76 -135 106 -110 124 -98 C164 -94 204 -87 218 -74 C229 -62 231 -48 227 -36 C224 -27 214 -25 200 -25 L-206 -25 C-219 -26 -225 -34 -226 -46 Z',
        fill('paint'),
      ) +
      path('M-227 -40 C-226 -30 -220 -25 -206 -25 L200 -25 C216 -25 226 -29 228 -40 Z', SILL) +
      glass('M-136 -102 C-116 -119 -94 -134 -70 -137 L-10 -140 L-10 -102 Z') +
      glass('M-1 -140 L38 -137 C62 -131 86 -113 102 -100 L-1 -102 Z', [[54, -130], [38, -106], 7]) +
      driver(26, -131) +
      line([[-205, -84], [206, -79]], '#fff', 1.6, { opacity: 0.25 }) +
      doors([-6, 76, -96], -101, -34, [-28, 50], -90) +
      headlamp(212, -69, 11, 6.5) +
      taillamp(-228, -86, 9, 16) +
      wheel(-137, 32) +
      wheel(143, 32),
    glow: VEHICLE_DEFS + lights([216, -69], [-226, -78]),
  },
};

const taxi: VehicleModel = {
  ...sedan,
  weight: 0.7,
  palette: () => ({ paint: [242, 190, 46] }),
  artwork: {
    ...sedan.artwork,
    box: { x: -252, y: -166, width: 504, height: 170 },
    draw: (fill) =>
      path('M-38 -146 L-34 -159 L6 -159 L10 -146 Z', '#f7f3e6') +
      rect(-30, -156, 32, 7, '#3a3f46', { rx: 2 }) +
      sedan.artwork.draw(fill) +
      Array.from({ length: 15 }, (_, i) => rect(-104 + i * 14, -84 + (i % 2) * 7, 14, 7, '#26282c')).join(''),
    glow: path('M-38 -146 L-34 -159 L6 -159 L10 -146 Z', '#fff3c4') + sedan.artwork.glow,
  },
};

const hatchback: VehicleModel = {
  label: 'car',
  weight: 3,
  length: 3.9,
  wheels: [
    { x: -117, r: 31 },
    { x: 122, r: 31 },
  ],
  brake: [-190, -92],
  beam: [190, -68],
  palette: (random) => ({ paint: random.pick(CAR_PAINT) }),
  artwork: {
    box: { x: -216, y: -158, width: 432, height: 162 },
    slots: ['paint'],
    draw: (fill) =>
      VEHICLE_DEFS +
      painted(
        'M-190 -44 C-195 -70 -195 -92 -186 -103 C-180 -124 -166 -145 -146 -149 C-90 -155 -18 -154 18 -148 C50 -139 82 -114 100 -101 C140 -97 174 -89 187 -74 C196 -62 197 -46 193 -34 C190 -26 182 -25 168 -25 L-172 -25 C-184 -26 -189 -33 -190 -44 Z',
        fill('paint'),
      ) +
      path('M-191 -40 C-190 -30 -184 -25 -172 -25 L168 -25 C184 -25 192 -29 194 -40 Z', SILL) +
      glass('M-164 -104 C-160 -122 -152 -138 -138 -142 L-112 -144 L-112 -104 Z') +
      glass('M-104 -145 L-26 -147 L-26 -104 L-104 -104 Z') +
      glass('M-17 -147 L12 -143 C38 -135 62 -116 79 -102 L-17 -104 Z', [[32, -134], [16, -108], 7]) +
      driver(8, -137) +
      doors([-21, 56, -106], -103, -34, [-46, 32], -92) +
      headlamp(179, -71, 12, 7) +
      taillamp(-194, -104, 10, 22) +
      wheel(-117, 31) +
      wheel(122, 31),
    glow: VEHICLE_DEFS + lights([184, -71], [-190, -92]),
  },
};

const suv: VehicleModel = {
  label: 'car',
  weight: 2.5,
  length: 4.7,
  wheels: [
    { x: -138, r: 37 },
    { x: 143, r: 37 },
  ],
  brake: [-228, -100],
  beam: [226, -82],
  palette: (random) => ({ paint: random.pick(CAR_PAINT) }),
  artwork: {
    box: { x: -256, y: -182, width: 512, height: 186 },
    slots: ['paint'],
    draw: (fill) =>
      VEHICLE_DEFS +
      line([[-170, -174], [20, -176]], '#2a2d31', 5) +
      painted(
        'M-229 -50 C-233 -82 -232 -106 -224 -116 C-220 -138 -206 -162 -188 -168 C-120 -174 -10 -174 34 -168 C62 -160 90 -132 108 -116 C156 -112 204 -104 219 -92 C231 -76 233 -56 229 -44 C226 -34 216 -32 202 -32 L-208 -32 C-222 -33 -228 -39 -229 -50 Z',
        fill('paint'),
      ) +
      path('M-230 -56 L-196 -56 L-196 -46 L200 -46 L200 -58 L230 -58 C230 -40 222 -31 202 -31 L-208 -31 C-224 -32 -230 -40 -230 -56 Z', '#34373c') +
      glass('M-206 -118 C-202 -138 -192 -156 -180 -159 L-128 -162 L-128 -118 Z') +
      glass('M-119 -163 L-26 -164 L-26 -118 L-119 -118 Z') +
      glass('M-17 -164 L26 -161 C50 -152 70 -132 86 -116 L-17 -118 Z', [[44, -150], [26, -122], 8]) +
      driver(14, -154) +
      doors([-21, 64, -121], -117, -48, [-48, 38], -104) +
      headlamp(213, -86, 13, 7) +
      taillamp(-233, -114, 9, 28) +
      wheel(-138, 37) +
      wheel(143, 37),
    glow: VEHICLE_DEFS + lights([218, -86], [-228, -100]),
  },
};

const van: VehicleModel = {
  label: 'car',
  weight: 1.6,
  length: 5.1,
  wheels: [
    { x: -150, r: 33 },
    { x: 158, r: 33 },
  ],
  brake: [-250, -108],
  beam: [250, -74],
  palette: (random) => ({ paint: random.pick(CAR_PAINT) }),
  artwork: {
    box: { x: -280, y: -208, width: 560, height: 212 },
    slots: ['paint'],
    draw: (fill) =>
      VEHICLE_DEFS +
      painted(
        'M-252 -44 L-254 -168 C-253 -188 -242 -199 -222 -200 L76 -200 C116 -199 146 -170 172 -128 C206 -122 240 -112 249 -96 C256 -80 257 -52 252 -38 C249 -28 240 -26 226 -26 L-232 -26 C-246 -26 -252 -32 -252 -44 Z',
        fill('paint'),
      ) +
      path('M-253 -42 C-252 -31 -246 -26 -232 -26 L226 -26 C244 -26 253 -30 254 -42 Z', SILL) +
      glass('M-236 -186 L-150 -186 L-150 -130 L-238 -130 Z') +
      glass('M-140 -186 L-36 -186 L-36 -130 L-140 -130 Z', [[-70, -182], [-96, -134], 9]) +
      glass('M-26 -186 L52 -186 L52 -130 L-26 -130 Z') +
      glass('M62 -187 C98 -186 122 -166 146 -130 L62 -130 Z') +
      driver(84, -166) +
      doors([57, -31, 132], -128, -36, [-16, 68], -116) +
      line([[-250, -84], [250, -84]], '#000', 3, { opacity: 0.14 }) +
      headlamp(241, -88, 10, 9) +
      taillamp(-255, -126, 8, 34) +
      wheel(-150, 33) +
      wheel(158, 33),
    glow: VEHICLE_DEFS + lights([244, -88], [-250, -108]),
  },
};

export const CARS: readonly VehicleModel[] = [sedan, taxi, hatchback, suv, van];
