/** Drawing twenty boxes with labels straight onto the planes. */
import { pino } from 'pino';
import { OverlayOptions } from '../src/pipeline/compose/options.ts';
import { Overlay } from '../src/pipeline/compose/overlay.ts';
import { makePicture } from '../test/support/pictures.ts';
import { percentile, publish } from './support/report.ts';

const ROUNDS = 500;
const LABELS = ['person', 'car', 'bus', 'truck', 'bicycle'];

const rows: string[][] = [];
for (const [width, height] of [[1280, 720], [1920, 1080]] as const) {
  const overlay = new Overlay(OverlayOptions.parse({}), pino({ level: 'silent' }));
  await overlay.prepare(LABELS, height);
  const picture = makePicture(width, height);
  const detections = Array.from({ length: 20 }, (_, i) => ({
    detector: 'd',
    label: LABELS[i % LABELS.length]!,
    score: 0.5 + i / 50,
    box: [(i % 5) * 0.19 + 0.02, Math.floor(i / 5) * 0.23 + 0.06, 0.12, 0.16] as [number, number, number, number],
  }));
  const message = { stream: 's', seq: 0, rtp: 0, capturedAt: 0, width, height, detections, detectors: { d: { age: 0 } } };
  const spans: number[] = [];
  const before = process.cpuUsage();
  for (let i = 0; i < ROUNDS; i++) {
    const started = performance.now();
    overlay.draw(picture, message);
    spans.push(performance.now() - started);
  }
  const { user, system } = process.cpuUsage(before);
  rows.push([`${width}×${height}`, percentile(spans, 0.5).toFixed(2), percentile(spans, 0.95).toFixed(2), ((user + system) / 1000 / ROUNDS).toFixed(2)]);
}

await publish({ name: 'draw', about: 'Milliseconds to draw twenty boxes with labels and scores onto the planes of one frame.', columns: ['', 'p50', 'p95', 'CPU, mean'], rows });
