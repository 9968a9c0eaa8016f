/**
 * `node scripts/check-imports.mjs`: no files that import each other in a circle, types included, and imports between rooms only in the
 * directions of the table below. Prints one line for each that is wrong.
 */
import { circlesOf, circlesOfRooms, forbiddenImports, readImports } from './lib/imports.mjs';
import { ROOT } from './lib/paths.mjs';

/** What anything may use. */
const BASE = ['src/util'];

/**
 * The rooms of the house, the lowest first. `values`: what a room may import; `types`: of what it may import types alone.
 * @type {Readonly<Record<string, import('./lib/imports.mjs').Room>>}
 */
const ROOMS = {
  'src/util': {},
  // What a frame and what a stream are called.
  'src/pipeline/frame.ts': {},
  'src/config/stream-id.ts': {},
  'src/demo': { types: ['src/pipeline/frame.ts'] },
  // What runs in stream and detector processes: it never imports the control side.
  'src/pipeline': { values: [...BASE, 'src/pipeline/frame.ts', 'src/demo'] },
  'src/notify/options.ts': { values: ['src/config/stream-id.ts'] },
  'src/config': { values: [...BASE, 'src/config/stream-id.ts', 'src/notify/options.ts', 'src/pipeline'] },
  'src/log.ts': { types: ['src/config'] },
  'src/processes': { values: [...BASE] },
  'src/models': { values: [...BASE, 'src/pipeline'] },
  'src/store': { values: [...BASE, 'src/pipeline'] },
  'src/sfu': { values: [...BASE, 'src/pipeline'] },
  'src/detectors': { values: [...BASE, 'src/config', 'src/pipeline', 'src/processes'], types: ['src/models', 'src/store'] },
  'src/streams': { values: [...BASE, 'src/config', 'src/detectors', 'src/models', 'src/pipeline', 'src/processes', 'src/store'] },
  'src/notify': { values: [...BASE, 'src/notify/options.ts'], types: ['src/pipeline', 'src/streams'] },
  'src/publishing': { values: [...BASE, 'src/config'], types: ['src/sfu', 'src/streams'] },
  // WHIP and WHEP describe their routes as the API does.
  'src/signaling': {
    values: [...BASE, 'src/config/stream-id.ts', 'src/http/content.ts', 'src/http/query.ts', 'src/http/route.ts', 'src/pipeline', 'src/sfu'],
    types: ['src/publishing', 'src/streams'],
  },
  'src/rtmp': { values: [...BASE, 'src/config', 'src/sfu'], types: ['src/publishing'] },
  // The schemas of what the API answers stand with what they describe.
  'src/http': {
    values: [...BASE, 'src/config', 'src/detectors/catalog-entry.ts', 'src/models/shelf-model.ts', 'src/pipeline', 'src/streams'],
    types: ['src/detectors', 'src/notify'],
  },
  'src/cli': { values: [...BASE, 'src/config', 'src/http', 'src/models', 'src/pipeline'] },
  // Writes what routes say of themselves into the documentation.
  'src/api-reference.ts': { values: [...BASE, 'src/http', 'src/signaling'] },
  'src/main.ts': { values: ['src'] },
  // The page takes types of what it is told, and what it computes as the server does.
  'client/src': {
    values: [
      'src/pipeline/analytics/geometry.ts',
      'src/pipeline/analytics/shape-color.ts',
      'src/pipeline/compose/box-drawing.ts',
      'src/pipeline/compose/detector-history.ts',
      'src/pipeline/compose/palette.ts',
      'src/pipeline/compose/plate-place.ts',
      'src/pipeline/compose/rect.ts',
      'src/pipeline/compose/shape-outlines.ts',
      'src/pipeline/compose/sizes.ts',
      'src/pipeline/detections.ts',
      'src/sfu/packed-protocol.ts',
    ],
    types: ['src/config/stream-definition.ts', 'src/detectors/catalog-entry.ts', 'src/http/problem.ts', 'src/models/shelf-model.ts', 'src/pipeline', 'src/signaling', 'src/streams'],
  },
};

const imports = readImports(ROOT, ['src', 'client/src']);
const wrong = [
  ...circlesOfRooms(ROOMS).map((circle) => `the table of rooms allows a circle: ${[...circle, circle[0]].join(' → ')}`),
  ...circlesOf(imports).map((circle) => `circle: ${[...circle, circle[0]].join(' → ')}`),
  ...forbiddenImports(imports, ROOMS),
];
for (const line of wrong) process.stdout.write(`${line}\n`);
if (wrong.length > 0) process.stdout.write(`${wrong.length} wrong imports; the directions stand in scripts/check-imports.mjs\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
