/** What drawing a frame of `demo://street` costs, on one core: each frame is drawn, nothing is encoded. */
import { SceneOptions } from '../src/demo/options.ts';
import { StreetScene } from '../src/demo/scene.ts';
import { ms, percentile, publish } from './support/report.ts';

/** Frames drawn before those that count, and those that count. */
const WARM_UP = 300;
const FRAMES = 1800;

const CASES: readonly (readonly [name: string, options: Partial<SceneOptions>])[] = [
  ['720p, day', { light: 'day' }],
  ['720p, night', { light: 'night' }],
  ['720p, cycle (the demo)', { light: 'cycle' }],
  ['720p, cycle, full density', { light: 'cycle', density: 1 }],
  ['1080p, cycle', { light: 'cycle', width: 1920, height: 1080 }],
];

const rows: (string | number)[][] = [];
for (const [name, options] of CASES) rows.push([name, ...(await measure(SceneOptions.parse({ seed: 7, ...options })))]);
await publish({
  name: 'scene',
  about:
    'Milliseconds for one frame of the generated scene, truth included: by the clock (other programs on the machine count), and the ' +
    `processor time of the thread as a mean, over ${FRAMES} frames. “ready” is the time until the first frame can be drawn.`,
  columns: ['scene', 'p50', 'p95', 'CPU mean', 'ready'],
  rows,
});

async function measure(options: SceneOptions): Promise<string[]> {
  const createdAt = performance.now();
  const scene = await StreetScene.create(options);
  const ready = performance.now() - createdAt;
  const { width, height } = scene;
  const [columns, lines] = [(width + 1) >> 1, (height + 1) >> 1];
  const planes = [Buffer.alloc(width * height), Buffer.alloc(columns * lines), Buffer.alloc(columns * lines)] as const;
  const times: number[] = [];
  let cpu = process.threadCpuUsage();
  for (let index = 0; index < WARM_UP + FRAMES; index += 1) {
    if (index === WARM_UP) cpu = process.threadCpuUsage();
    const startedAt = performance.now();
    scene.render({ index }, planes, [width, columns, columns]);
    if (index >= WARM_UP) times.push(performance.now() - startedAt);
  }
  const { user, system } = process.threadCpuUsage(cpu);
  scene.close();
  return [ms(percentile(times, 0.5)), ms(percentile(times, 0.95)), ms((user + system) / 1000 / FRAMES), ms(ready)];
}
