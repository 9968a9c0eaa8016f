import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import type { Detection } from '../../src/pipeline/annotation.ts';
import type { Browser } from './chromium.ts';
import { elementsScript } from './elements-script.ts';

/** Squares of the time code are 16 pixels wide; 32 hold the frame's number, 48 its time of birth. */
const SQUARE = 16;
const ROWS = { seq: 32, capturedAt: 48 } as const;

/** Frames that are looked at together: the messages of those after it are for comparing. */
const TOGETHER = 8;
/** Milliseconds after which a message that has not come counts as lost: messages and pictures take different ways. */
const LOST_MS = 2000;

/** Of the frames looked at, one in so many is looked at for its boxes. */
const WHOLE_EVERY = 3;

/** What was found out about one frame that a browser displayed. */
export interface DisplayedFrame {
  /** From `requestVideoFrameCallback`. */
  readonly rtp: number;
  /** Which displayed frame it was, of those that the browser counted. */
  readonly presented: number;
  /** Read from the picture; undefined where the squares are not clear. */
  readonly pictureSeq: number | undefined;
  readonly pictureCapturedAt: number | undefined;
  /** From the annotation message with this RTP timestamp. */
  readonly messageSeq: number | undefined;
  readonly messageCapturedAt: number | undefined;
  readonly detections: number;
  readonly ages: Readonly<Record<string, number>>;
  /** When it was decoded and handed to the compositor: milliseconds since the epoch, on this machine's clock. */
  readonly handedAt: number;
  /** When the browser displays it, by its own account, in the same time. */
  readonly displayedAt: number;
  /**
   * By how many frames the burned-in boxes are off: of the messages around this frame, the one whose boxes fit the colours in the
   * picture best. Undefined where nothing moves enough to tell.
   */
  readonly boxOffset: number | undefined;
  /** The detections of the message. */
  readonly seen: readonly Detection[];
  /** Colours along the edges of the box of the detector that is probed, `[red, green, blue]`; undefined where it has none, or the boxes were not looked at. */
  readonly edges: readonly (readonly number[])[] | undefined;
}

/** Colours by label, as the server draws them: `[red, green, blue]`. */
export type Colors = Readonly<Record<string, readonly [number, number, number]>>;

export interface PlayerPageOptions {
  /** Further attributes of the player. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Runs in the page before anything of it does. */
  readonly init?: () => void;
}

/** A page of another origin with one player on it, as a user of the elements would write it. */
export async function openPlayer(browser: Browser, server: string, stream: string, variant = 'annotated', { attributes = {}, init }: PlayerPageOptions = {}): Promise<Page> {
  const further = Object.entries(attributes).map(([name, value]) => `${name}="${value}"`).join(' ');
  const script = elementsScript(server);
  const foreign = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html').end(`<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
      <style>framelock-player{width:1280px;height:720px;border-radius:0}</style>
      <framelock-player src="${server}/live/${stream}" variant="${variant}" ${further}></framelock-player>
      ${script}`);
  });
  foreign.listen(0, '127.0.0.1');
  await once(foreign, 'listening');
  const { port } = foreign.address() as AddressInfo;
  const page = await browser.context.newPage();
  page.once('close', () => foreign.close());
  if (init !== undefined) await page.addInitScript(init);
  await page.goto(`http://127.0.0.1:${port}/`);
  return page;
}

/** The same, of a page that comes from nowhere: for a browser that reaches the server alone, under the address and token that it has there. */
export async function openRemotePlayer(browser: Browser, server: { readonly url: string; readonly token: string }, stream: string, attributes = ''): Promise<Page> {
  const page = await browser.context.newPage();
  const address = `${server.url}/network-test.html`;
  await page.route(address, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,">
        <framelock-player src="/live/${stream}" token="${server.token}" ${attributes} style="width:768px;height:432px"></framelock-player>
        ${elementsScript('')}`,
    }),
  );
  await page.goto(address);
  return page;
}

/** Resolves when the player on the page is in a state. */
export async function untilState(page: Page, state: string, timeout = 60_000): Promise<void> {
  await page.waitForFunction((wanted) => document.querySelector('framelock-player')?.getAttribute('state') === wanted, state, { timeout, polling: 50 });
}

/** What is known in a page while its frames are looked at. */
export interface Looking {
  /** Ages of the frame looked at last, by detector. */
  ages: Readonly<Record<string, number>>;
  /** Frames that had a detector's own result, by its name. */
  own: Record<string, number>;
  /** Ends it before there are as many as were asked for. */
  enough: boolean;
}

/** Resolves once the frames that are looked at are as wanted; `wanted` runs in the page. */
export async function whileLooking<T>(page: Page, wanted: (looking: Looking, argument: T) => boolean, argument: T, timeout: number): Promise<void> {
  const text = `((looking, argument) => looking !== undefined && (${wanted.toString()})(looking, argument))(globalThis.framelockLooking, ${JSON.stringify(argument)})`;
  await page.waitForFunction(text, undefined, { timeout, polling: 100 }).catch(async (cause: unknown) => {
    const looking = await page.evaluate(() => JSON.stringify((globalThis as unknown as { framelockLooking?: Looking }).framelockLooking));
    throw new Error(`The frames that are looked at did not become ${wanted.toString()}: ${looking}`, { cause });
  });
}

/** Ends the looking at frames that is going on in a page. */
export async function lookedEnough(page: Page): Promise<void> {
  await page.evaluate(() => ((globalThis as unknown as { framelockLooking: Looking }).framelockLooking.enough = true));
}

/**
 * Looks at displayed frames one after the other, in the page, until there are so many.
 * @param probe a detector with one box, the colours of which are wanted too
 */
export async function lookAtFrames(page: Page, count: number, colors: Colors = {}, probe = ''): Promise<DisplayedFrame[]> {
  return page.evaluate(
    async ({ count, colors, probe, square, rows, together, lostMs, wholeEvery }) => {
      interface Message {
        seq: number;
        rtp: number;
        capturedAt: number;
        detections: { detector: string; label: string; score: number; box: [number, number, number, number] }[];
        detectors: Record<string, { age: number }>;
      }
      interface Player extends HTMLElement {
        video: HTMLVideoElement;
        annotationFor(rtp: number): Message | undefined;
      }
      const player = document.querySelector('framelock-player') as Player;
      const { video } = player;
      const boxes = Object.keys(colors).length > 0;
      const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
      const context = canvas.getContext('2d', { willReadFrequently: true })!;
      const frames: unknown[] = [];
      const looking: Looking = { ages: {}, own: {}, enough: false };
      Object.assign(globalThis, { framelockLooking: looking });
      let looked = 0;
      const recent: Message[] = [];
      /** Frames whose message may still be on its way, with what their pictures look like. */
      const young: { rtp: number; presented: number; handedAt: number; displayedAt: number; lookedAt: number; image: ImageData }[] = [];
      const known = ({ rtp, lookedAt }: (typeof young)[number]): boolean => player.annotationFor(rtp) !== undefined || performance.now() - lookedAt > lostMs;

      const read = (row: number, bits: number, { data, width }: ImageData): number | undefined => {
        let value = 0;
        for (let bit = bits - 1; bit >= 0; bit--) {
          let sum = 0;
          for (let y = 5; y < 11; y++) for (let x = 5; x < 11; x++) sum += data[((row * square + y) * width + bit * square + x) * 4]!;
          const mean = sum / 36;
          if (mean > 90 && mean < 165) return undefined;
          value = value * 2 + (mean >= 165 ? 1 : 0);
        }
        return value;
      };
      /** The share of points on the edges of these detectors' boxes that have the label's colour. */
      const fit = ({ detections }: Message, { data, width, height }: ImageData, detectors: readonly string[]): number => {
        let points = 0;
        let hits = 0;
        for (const { detector, label, box } of detections) {
          const color = colors[label];
          if (color === undefined || !detectors.includes(detector)) continue;
          const [x = 0, y = 0, w = 0, h = 0] = box;
          const [left, top, right, bottom] = [x * width, y * height, (x + w) * width, (y + h) * height].map(Math.round) as [number, number, number, number];
          const test = (px: number, py: number): void => {
            if (px < 0 || py < 40 || px >= width || py >= height) return;
            const at = (py * width + px) * 4;
            points += 1;
            if (Math.abs(data[at]! - color[0]) + Math.abs(data[at + 1]! - color[1]) + Math.abs(data[at + 2]! - color[2]) < 110) hits += 1;
          };
          for (let i = 1; i < 24; i++) {
            const share = i / 24;
            test(Math.round(left + (right - left) * share), top);
            test(Math.round(left + (right - left) * share), bottom - 1);
            test(left, Math.round(top + (bottom - top) * share));
            test(right - 1, Math.round(top + (bottom - top) * share));
          }
        }
        return points < 40 ? -1 : hits / points;
      };
      const offsetOf = (about: Message, image: ImageData): number | undefined => {
        const { seq, detectors } = about;
        // Where some boxes are of this very frame, they tell more than dashed ones.
        const names = Object.keys(detectors);
        const fresh = names.filter((name) => detectors[name]!.age === 0);
        for (const message of [about, ...young.map(({ rtp }) => player.annotationFor(rtp))]) {
          if (message !== undefined && !recent.includes(message)) recent.push(message);
        }
        while (recent.length > 30) recent.shift();
        const scores = recent.filter((message) => Math.abs(message.seq - seq) <= 3).map((message) => ({ offset: message.seq - seq, score: fit(message, image, fresh.length > 0 ? fresh : names) }));
        const best = scores.toSorted((a, b) => b.score - a.score)[0];
        if (best === undefined || best.score < 0.3 || scores.length < 4) return undefined;
        const own = scores.find(({ offset }) => offset === 0);
        // Where nothing moves, neighbours fit as well as the frame's own message, and which of them fits best is chance.
        if (own !== undefined && own.score >= best.score - 0.03 && (best !== own || scores.filter(({ score }) => own.score - score < 0.03).length > 1)) return undefined;
        return best.offset;
      };

      const edgesOf = ({ detections }: Message, { data, width, height }: ImageData): number[][] | undefined => {
        const box = detections.find(({ detector }) => detector === probe)?.box;
        if (box === undefined) return undefined;
        const [left, top, right, bottom] = [box[0] * width, box[1] * height, (box[0] + box[2]) * width - 1, (box[1] + box[3]) * height - 1].map(Math.round) as [number, number, number, number];
        const points = Array.from({ length: 15 }, (_, i) => [left + ((right - left) * (i + 0.5)) / 15, top + ((bottom - top) * (i + 0.5)) / 15] as const);
        return points
          .flatMap(([x, y]) => [[x, top], [x, bottom], [left, y], [right, y]] as const)
          .map(([x, y]) => [...data.subarray((Math.floor(y) * width + Math.floor(x)) * 4, (Math.floor(y) * width + Math.floor(x)) * 4 + 3)]);
      };

      const judge = ({ rtp, presented, handedAt, displayedAt, image }: (typeof young)[number]): void => {
        const message = player.annotationFor(rtp);
        const coded = image.width >= rows.capturedAt * square;
        const whole = image.height === canvas.height;
        const ages = Object.fromEntries(Object.entries(message?.detectors ?? {}).map(([name, { age }]) => [name, age]));
        if (message !== undefined) looking.ages = ages;
        for (const [name, age] of Object.entries(ages)) if (age === 0) looking.own[name] = (looking.own[name] ?? 0) + 1;
        frames.push({
          rtp,
          presented,
          pictureSeq: coded ? read(0, rows.seq, image) : undefined,
          pictureCapturedAt: coded ? read(1, rows.capturedAt, image) : undefined,
          messageSeq: message?.seq,
          messageCapturedAt: message?.capturedAt,
          detections: message?.detections.length ?? 0,
          ages,
          handedAt,
          displayedAt,
          boxOffset: message === undefined || !whole ? undefined : offsetOf(message, image),
          seen: message?.detections ?? [],
          edges: message === undefined || !whole ? undefined : edgesOf(message, image),
        });
      };

      await new Promise<void>((done) => {
        const look: VideoFrameRequestCallback = (_now, metadata) => {
          // A page that is late finds the next picture in the element already: then this callback's picture can't be looked at.
          const picture = new VideoFrame(video);
          if (Math.abs(picture.timestamp - metadata.mediaTime * 1e6) < 1) {
            // To read back a whole picture costs a page more than it has for each.
            const height = boxes && looked % wholeEvery === 0 ? canvas.height : 2 * square;
            looked += 1;
            context.drawImage(picture, 0, 0, canvas.width, height, 0, 0, canvas.width, height);
            const image = context.getImageData(0, 0, canvas.width, height);
            young.push({
              rtp: metadata.rtpTimestamp!,
              presented: metadata.presentedFrames,
              handedAt: performance.timeOrigin + metadata.presentationTime,
              displayedAt: performance.timeOrigin + metadata.expectedDisplayTime,
              lookedAt: performance.now(),
              image,
            });
          }
          picture.close();
          while (frames.length < count && young.length > together && known(young[0]!)) judge(young.shift()!);
          if (frames.length >= count || looking.enough) done();
          else video.requestVideoFrameCallback(look);
        };
        video.requestVideoFrameCallback(look);
      });
      return frames;
    },
    { count, colors, probe, square: SQUARE, rows: ROWS, together: TOGETHER, lostMs: LOST_MS, wholeEvery: WHOLE_EVERY },
  ) as Promise<DisplayedFrame[]>;
}
