/** Drawing zones and lines, and working out who is in them, for one frame. */
import { pino } from 'pino';
import type { Box } from '../src/pipeline/annotation.ts';
import type { Line, Zone } from '../src/pipeline/analytics/options.ts';
import { SceneAnalytics } from '../src/pipeline/analytics/scene-analytics.ts';
import { OverlayOptions } from '../src/pipeline/compose/options.ts';
import { Overlay } from '../src/pipeline/compose/overlay.ts';
import { makePicture } from '../test/support/pictures.ts';
import { percentile, publish } from './support/report.ts';

const ROUNDS = 2000;
const WARM_UP = 500;
const PEOPLE = 20;

/** So many zones of a twelfth of the picture each, and as many lines. */
function scene(count: number): { zones: Zone[]; lines: Line[] } {
  const places = Array.from({ length: count }, (_, i) => [(i % 4) * 0.25, Math.floor(i / 4) * 0.33] as const);
  return {
    zones: places.map(([x, y], i) => ({ name: `zone ${i}`, points: [[x, y + 0.05], [x + 0.25, y], [x + 0.25, y + 0.33], [x, y + 0.3]] })),
    lines: places.map(([x, y], i) => ({ name: `line ${i}`, from: [x + 0.1, y + 0.1], to: [x + 0.2, y + 0.3] })),
  };
}

const rows: string[][] = [];
for (const count of [1, 4, 12]) {
  const shapes = scene(count);
  const overlay = new Overlay(OverlayOptions.parse({}), pino({ level: 'silent' }));
  overlay.configureScene(shapes);
  await overlay.prepare([], 720);
  const analytics = new SceneAnalytics(shapes);
  const picture = makePicture(1280, 720);
  const [counting, drawing]: [number[], number[]] = [[], []];
  for (let seq = 0; seq < WARM_UP + ROUNDS; seq++) {
    const detections = Array.from({ length: PEOPLE }, (_, i) => {
      const box: Box = [0.5 + 0.45 * Math.sin(seq / 60 + i), 0.05 * (i % 18), 0.04, 0.1];
      return { detector: 'd', label: 'person', score: 0.9, box, track: i };
    });
    const frame = { stream: 's', seq, rtp: 0, capturedAt: seq * 33, width: 1280, height: 720, detections, detectors: { d: { age: 0 } } };
    const startedAt = performance.now();
    const { message } = analytics.take(frame);
    const countedAt = performance.now();
    overlay.draw(picture, { ...message, detections: [] });
    if (seq < WARM_UP) continue;
    counting.push(countedAt - startedAt);
    drawing.push(performance.now() - countedAt);
  }
  rows.push([`${count} and ${count}`, ...[drawing, counting].flatMap((spans) => [percentile(spans, 0.5).toFixed(3), percentile(spans, 0.95).toFixed(3)])]);
}

await publish({
  name: 'zones',
  about: `Milliseconds for zones and lines on one 720p frame: to draw them, with their names and counts, and to work out where ${PEOPLE} people are to them. Each zone covers a twelfth of the picture.`,
  columns: ['zones and lines', 'draw, p50', 'p95', 'count, p50', 'p95'],
  rows,
});
