import { pino } from 'pino';
import type { Detection } from '../../src/pipeline/annotation.ts';
import { Composer, type Composed } from '../../src/pipeline/compose/composer.ts';
import { OverlayOptions } from '../../src/pipeline/compose/options.ts';
import { Overlay } from '../../src/pipeline/compose/overlay.ts';
import { makePicture } from '../../test/support/pictures.ts';

const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES = 600;
/** Frames before those that count: code is compiled, tracks are begun. */
const WARM = 100;
const THINGS = 10;
const LABELS = ['person', 'car', 'bus', 'truck', 'bicycle'];
const FRAME_MS = 1000 / 30;

/** Milliseconds to join a frame of 720p with what detectors saw on it, and to draw that, of each of many frames. */
export async function composingMs(detectors: number): Promise<number[]> {
  const overlay = new Overlay(OverlayOptions.parse({}), pino({ level: 'silent' }));
  await overlay.prepare(LABELS, HEIGHT);
  const picture = makePicture(WIDTH, HEIGHT);
  const names = Array.from({ length: detectors }, (_, i) => `d${i + 1}`);
  let composed: Composed<undefined> | undefined;
  const composer = new Composer<undefined>({
    stream: 's',
    policy: 'exact',
    deadlineMs: 1000,
    detectors: names.map((name) => ({ name })),
    emit: (one) => (composed = one),
    discard: () => undefined,
  });
  const spans: number[] = [];
  for (let seq = 0; seq < FRAMES; seq++) {
    const id = { seq, rtp: seq * 3000, capturedAt: seq * FRAME_MS };
    const seen = names.map((detector, index) => ({ detector, detections: thingsOf(detector, index, seq) }));
    composed = undefined;
    const started = performance.now();
    const taken = seen.map(({ detector, detections }) => ({ detector, outcome: Promise.resolve({ status: 'done' as const, detections, weak: [], inferenceMs: 0 }) }));
    composer.push({ id, width: WIDTH, height: HEIGHT, payload: undefined, taken });
    // The answers are there: the frame leaves before anything but promises has its turn.
    await Promise.all(taken.map(({ outcome }) => outcome));
    const { message } = composed as unknown as Composed<undefined>;
    overlay.draw(picture, message);
    if (seq >= WARM) spans.push(performance.now() - started);
  }
  composer.close();
  return spans;
}

/** Things that move across the picture, each at its own speed. */
function thingsOf(detector: string, index: number, seq: number): Detection[] {
  return Array.from({ length: THINGS }, (_, i): Detection => {
    const x = (i * 0.19 + index * 0.07 + seq * 0.001 * (1 + (i % 3))) % 0.9;
    const y = 0.05 + ((i * 0.23 + index * 0.11) % 0.75);
    return { detector, label: LABELS[i % LABELS.length]!, score: 0.6 + i / 30, box: [x, y, 0.08, 0.14] };
  });
}
