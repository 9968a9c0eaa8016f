import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import type { AnnotationMessage, Box } from '../../../src/pipeline/annotation.ts';
import { OverlayOptions } from '../../../src/pipeline/compose/options.ts';
import { Overlay } from '../../../src/pipeline/compose/overlay.ts';
import { Canvas, message } from './canvas.ts';

const [WIDTH, HEIGHT] = [640, 360];
const logger = pino({ level: 'silent' });
/** Nothing but what a test asks for. */
const NOTHING = { boxes: false, labels: false, zones: false };

const overlayOf = (options: Partial<OverlayOptions>): Overlay => new Overlay(OverlayOptions.parse({ ...NOTHING, ...options }), logger);

const at = (ms: number, ...boxes: Box[]): AnnotationMessage => ({ ...message(boxes), seq: Math.round(ms / 33), capturedAt: ms });

/** Draws these one after the other and looks at the last. */
function afterAll(overlay: Overlay, messages: readonly AnnotationMessage[]): { luma: [number, number][]; chroma: [number, number][]; guarded: boolean } {
  for (const [index, one] of messages.entries()) {
    using canvas = new Canvas(WIDTH, HEIGHT);
    overlay.draw(canvas.picture, one);
    if (index === messages.length - 1) return { ...canvas.changed(), guarded: canvas.guarded };
  }
  throw new Error('nothing to draw');
}

const walk = (from: number, to: number): AnnotationMessage[] => {
  return Array.from({ length: 30 }, (_, i) => at(i * 100, [from + ((to - from) * i) / 29, 0.4, 0.1, 0.2]));
};

describe('trails', () => {
  test('follow where a thing stood, along its way and nowhere else', () => {
    const { luma, guarded } = afterAll(overlayOf({ trails: true }), walk(0.1, 0.6));
    assert.ok(luma.length > 200);
    for (const [x, y] of luma) {
      assert.ok(Math.abs(y - 0.6 * HEIGHT) <= 4, `row ${y}`);
      assert.ok(x >= 0.15 * WIDTH - 4 && x <= 0.65 * WIDTH + 4, `column ${x}`);
    }
    const columns = new Set(luma.map(([x]) => x));
    for (let x = Math.ceil(0.2 * WIDTH); x < 0.6 * WIDTH; x++) assert.ok(columns.has(x), `nothing in column ${x}`);
    assert.ok(guarded);
  });

  test('end after three seconds, and begin anew when they are wanted again', () => {
    const overlay = overlayOf({ trails: true });
    assert.deepEqual(afterAll(overlay, [...walk(0.1, 0.6), at(6100)]).luma, []);
    afterAll(overlay, walk(0.1, 0.6).map((one) => ({ ...one, capturedAt: one.capturedAt + 7000 })));
    overlay.configure(OverlayOptions.parse(NOTHING));
    afterAll(overlay, [at(10_000, [0.6, 0.4, 0.1, 0.2])]);
    overlay.configure(OverlayOptions.parse({ ...NOTHING, trails: true }));
    assert.deepEqual(afterAll(overlay, [at(10_033, [0.6, 0.4, 0.1, 0.2])]).luma, []);
  });

  test('stay in the picture, whatever boxes say', () => {
    const boxes: Box[] = [[-5, -5, 1, 1], [9, 9, 1, 1], [0.5, 0.5, 1e300, 1e300], [NaN, NaN, NaN, NaN], [0.5, 0.5, 0.1, 0.1]];
    assert.ok(afterAll(overlayOf({ trails: true, heatmap: true, counts: true }), boxes.map((box, i) => at(i * 100, box))).guarded);
  });
});

describe('the heat map', () => {
  test('tints where things stand, and leaves the luma alone', () => {
    const { luma, chroma, guarded } = afterAll(overlayOf({ heatmap: true }), Array.from({ length: 30 }, (_, i) => at(i * 33, [0.45, 0.3, 0.1, 0.2])));
    assert.deepEqual(luma, []);
    assert.ok(chroma.length > 100);
    for (const [x, y] of chroma) assert.ok(Math.hypot(2 * x - 0.5 * WIDTH, 2 * y - 0.5 * HEIGHT) < 60, `sample ${x},${y}`);
    assert.ok(guarded);
  });

  test('follows a change of the picture’s size', () => {
    const overlay = overlayOf({ heatmap: true });
    for (const [width, height] of [[640, 360], [161, 121], [2, 2], [1921, 1081]] as const) {
      using canvas = new Canvas(width, height);
      for (let i = 0; i < 3; i++) overlay.draw(canvas.picture, at(i * 33, [0.2, 0.2, 0.3, 0.3]));
      assert.ok(canvas.guarded);
    }
  });
});

describe('counts', () => {
  test('stand at the upper right, a line a label', async () => {
    const overlay = overlayOf({ counts: true });
    await overlay.prepare(['car', 'person'], HEIGHT);
    const boxes: Box[] = [[0.1, 0.7, 0.1, 0.1], [0.3, 0.7, 0.1, 0.1]];
    const rows = (one: AnnotationMessage): number => new Set(afterAll(overlay, [one]).luma.map(([, y]) => y)).size;
    const { luma } = afterAll(overlay, [at(0, ...boxes)]);
    assert.ok(luma.length > 100);
    for (const [x, y] of luma) assert.ok(x > 0.8 * WIDTH && y < 0.2 * HEIGHT, `pixel ${x},${y}`);
    const both = { ...at(0, ...boxes), detections: message(boxes).detections.map((one, i) => ({ ...one, label: i === 0 ? 'car' : 'person' })) };
    assert.ok(rows(both) > 1.5 * rows(at(0, ...boxes)));
    assert.deepEqual(afterAll(overlay, [at(0)]).luma, []);
  });
});

describe('corners', () => {
  test('are drawn alone where the box is large enough, thinner where it is carried', () => {
    const box: Box = [0.25, 0.25, 0.5, 0.5];
    const corners = overlayOf({ boxes: true, style: 'corners' });
    const whole = afterAll(overlayOf({ boxes: true }), [message([box])]).luma;
    const fresh = afterAll(corners, [message([box])]).luma;
    const carried = afterAll(corners, [message([box], { age: 2 })]).luma;
    assert.ok(fresh.length < whole.length / 2 && carried.length < fresh.length && carried.length > 0);
    assert.ok(!fresh.some(([x]) => Math.abs(x - WIDTH / 2) < 20), 'the middle of the sides is free');
    const small = afterAll(corners, [message([[0.5, 0.5, 0.012, 0.02]])]).luma;
    assert.ok(small.length > 0);
  });
});
