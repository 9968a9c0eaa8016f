import type { Page } from 'playwright-core';
import type { Detection } from '../../src/pipeline/annotation.ts';
import { labelColor, rgbOf } from '../../src/pipeline/compose/palette.ts';
import type { Looking } from './watch-page.ts';

const LABELS = ['person', 'car', 'bus', 'truck', 'bicycle'];
/** `[red, green, blue]` by label, as boxes have it. */
export const COLORS = Object.fromEntries(LABELS.map((label) => [label, rgbOf(labelColor(label))]));

/** Of the frames looked at, one in so many is looked at for its boxes. */
const WHOLE_EVERY = 3;

/** What was found on the canvases of a player right after it had drawn a frame. */
export interface FoundFrame {
  /** Of the picture, as the browser tells it. */
  readonly rtp: number;
  readonly kind: 'exact' | 'moved' | 'none';
  /** As the player says: of the frame that the boxes belong to, and of the picture. */
  readonly seq: number | undefined;
  readonly saidPictureSeq: number | undefined;
  /** Read out of the pixels of the picture here. */
  readonly pictureSeq: number;
  readonly ages: Readonly<Record<string, number>>;
  readonly heldMs: number;
  /** Of the messages around this frame, by how many frames the one is off whose boxes fit the pixels best; undefined where nothing moves enough to tell, or was not looked at. */
  readonly boxOffset: number | undefined;
  /** What the player says it has drawn. */
  readonly seen: readonly Detection[];
  /** Colours along the edges of the box of the detector that is probed, `[red, green, blue]`; undefined where it has none, or the boxes were not looked at. */
  readonly edges: readonly (readonly number[])[] | undefined;
  /** When it was drawn: milliseconds since the epoch. */
  readonly drawnAt: number;
}

/**
 * Looks at the next frames that the player on the page draws. It must draw without labels, on a picture with a time code.
 * @param probe a detector with one box, the colours of which are wanted too
 */
export async function lookAtDrawn(page: Page, count: number, probe = ''): Promise<FoundFrame[]> {
  return page.evaluate(
    async ({ count, colors, probe, wholeEvery }) => {
      interface Message {
        seq: number;
        detections: { detector: string; label: string; box: number[] }[];
      }
      interface Player extends HTMLElement {
        drawnBoxes: readonly { detection: { detector: string; label: string; score: number; box: [number, number, number, number] } }[];
        annotationFor(rtp: number): Message | undefined;
      }
      const player = document.querySelector('framelock-player') as Player;
      const [picture, overlay] = player.shadowRoot!.querySelectorAll('canvas') as unknown as [HTMLCanvasElement, HTMLCanvasElement];
      const strip = new OffscreenCanvas(512, 16).getContext('2d', { willReadFrequently: true })!;
      const copy = new OffscreenCanvas(1, 1);
      const whole = copy.getContext('2d', { willReadFrequently: true })!;
      const messages = new Map<number, Message>();

      const readSeq = (): number => {
        strip.drawImage(picture, 0, 0, 512, 16, 0, 0, 512, 16);
        const { data } = strip.getImageData(0, 0, 512, 16);
        let value = 0;
        for (let bit = 0; bit < 32; bit++) if (data[(8 * 512 + bit * 16 + 8) * 4]! > 127) value += 2 ** bit;
        return value;
      };
      /** The share of points on the edges of these detectors' boxes that have the label's colour. */
      const fit = ({ detections }: Message, { data, width, height }: ImageData, detectors: readonly string[]): number => {
        let [points, hits] = [0, 0];
        for (const { detector, label, box } of detections) {
          const color = colors[label];
          if (color === undefined || !detectors.includes(detector)) continue;
          const [x = 0, y = 0, w = 0, h = 0] = box;
          for (let i = 1; i < 24; i++) {
            const px = Math.round((x + (w * i) / 24) * width);
            const py = Math.round((y + (h * i) / 24) * height);
            const [left, top] = [Math.round(x * width) & ~1, Math.round(y * height) & ~1];
            for (const [atX, atY] of [[px, top], [left, py]] as const) {
              if (atX < 0 || atY < 0 || atX >= width || atY >= height) continue;
              const at = (atY * width + atX) * 4;
              points += 1;
              if (Math.abs(data[at]! - color[0]) + Math.abs(data[at + 1]! - color[1]) + Math.abs(data[at + 2]! - color[2]) < 40) hits += 1;
            }
          }
        }
        return points < 40 ? -1 : hits / points;
      };
      const readBoxes = (): ImageData => {
        [copy.width, copy.height] = [overlay.width, overlay.height];
        whole.drawImage(overlay, 0, 0);
        return whole.getImageData(0, 0, copy.width, copy.height);
      };
      const edgesOf = (box: readonly [number, number, number, number] | undefined, { data, width, height }: ImageData): number[][] | undefined => {
        if (box === undefined) return undefined;
        const [left, top, right, bottom] = [box[0] * width, box[1] * height, (box[0] + box[2]) * width - 1, (box[1] + box[3]) * height - 1].map(Math.round) as [number, number, number, number];
        const points = Array.from({ length: 15 }, (_, i) => [left + ((right - left) * (i + 0.5)) / 15, top + ((bottom - top) * (i + 0.5)) / 15] as const);
        return points
          .flatMap(([x, y]) => [[x, top], [x, bottom], [left, y], [right, y]] as const)
          .map(([x, y]) => [...data.subarray((Math.floor(y) * width + Math.floor(x)) * 4, (Math.floor(y) * width + Math.floor(x)) * 4 + 3)]);
      };
      const offsetOf = (seq: number, image: ImageData, fresh: readonly string[]): number | undefined => {
        const own = messages.get(seq);
        if (own === undefined) return undefined;
        const scores = [...messages.values()].filter((one) => Math.abs(one.seq - seq) <= 3).map((one) => ({ offset: one.seq - seq, score: fit(one, image, fresh) }));
        const best = scores.toSorted((a, b) => b.score - a.score)[0]!;
        // Of a box that is hardly in the picture, another frame may have a little more.
        if (fit(own, image, fresh) < 0) return undefined;
        // Where nothing moves, neighbours fit as well as the frame's own message.
        return scores.filter(({ score }) => best.score - score < 0.03).length > 1 ? undefined : best.offset;
      };

      const frames: unknown[] = [];
      const looking: Looking = { ages: {}, own: {}, enough: false };
      Object.assign(globalThis, { framelockLooking: looking });
      await new Promise<void>((done) => {
        const look = (event: Event): void => {
          const { rtp, seq, kind, ages, pictureSeq, heldMs } = (event as CustomEvent).detail;
          const message = player.annotationFor(rtp);
          if (message !== undefined) messages.set(message.seq, message);
          if (messages.size > 30) messages.delete(messages.keys().next().value!);
          const image = frames.length % wholeEvery === 0 ? readBoxes() : undefined;
          // What a detector has carried on is dashed.
          const fresh = Object.keys(ages).filter((name) => ages[name] === 0);
          const seen = player.drawnBoxes.map(({ detection }) => detection);
          frames.push({
            rtp,
            kind,
            seq,
            saidPictureSeq: pictureSeq,
            pictureSeq: readSeq(),
            ages,
            heldMs,
            boxOffset: image !== undefined && kind === 'exact' && fresh.length > 0 ? offsetOf(seq, image, fresh) : undefined,
            seen,
            edges: image && edgesOf(seen.find(({ detector }) => detector === probe)?.box, image),
            drawnAt: performance.timeOrigin + performance.now(),
          });
          looking.ages = ages;
          for (const [name, age] of Object.entries(ages as Record<string, number>)) if (age === 0) looking.own[name] = (looking.own[name] ?? 0) + 1;
          if (frames.length < count && !looking.enough) return;
          player.removeEventListener('framelock-drawn', look);
          done();
        };
        player.addEventListener('framelock-drawn', look);
      });
      return frames;
    },
    { count, colors: COLORS, probe, wholeEvery: WHOLE_EVERY },
  ) as Promise<FoundFrame[]>;
}
