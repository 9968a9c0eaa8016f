import type { Page } from 'playwright-core';
import type { AnnotationMessage, Box } from '../../src/pipeline/annotation.ts';
import type { LiveServer } from './live-server.ts';

/** What stood on screen when the browser made one of its own frames: a picture, and boxes upon it. */
export interface OnScreen {
  /** The number that the picture itself bears. */
  readonly picture: number;
  /** Of the frame whose boxes are drawn: as they were computed, without anything that moved them since. */
  readonly boxes: number;
  /** Boxes that are told as an estimate. */
  readonly estimated: boolean;
}

/** A page with the same stream twice, in one browser: boxes drawn on arrival over the live video, and the player's own. */
export interface DriftPage {
  readonly naive: readonly OnScreen[];
  readonly locked: readonly OnScreen[];
}

/**
 * Looks at both overlays each time the browser makes a frame, until so many were seen. The naive one is what a page does with boxes that come by
 * server-sent events: it draws the newest that it has over whatever the video shows.
 * The page has two players of the clean variant: the first with `plain`, the second with `measure`.
 */
export async function watchDrift(page: Page, count: number): Promise<DriftPage> {
  return page.evaluate(async (count) => {
    interface Player extends HTMLElement {
      video: HTMLVideoElement;
    }
    const [plain, drawing] = document.querySelectorAll('framelock-player') as unknown as [Player, Player];
    const strip = new OffscreenCanvas(512, 16).getContext('2d', { willReadFrequently: true })!;
    const naive: { picture: number; boxes: number; estimated: boolean }[] = [];
    const locked: typeof naive = [];
    let [picture, boxes]: (number | undefined)[] = [];
    let shown: (typeof naive)[number] | undefined;

    const readSeq = (frame: VideoFrame): number => {
      strip.drawImage(frame, 0, 0, 512, 16, 0, 0, 512, 16);
      const { data } = strip.getImageData(0, 0, 512, 16);
      let value = 0;
      for (let bit = 0; bit < 32; bit++) if (data[(8 * 512 + bit * 16 + 8) * 4]! > 127) value += 2 ** bit;
      return value;
    };
    const look: VideoFrameRequestCallback = (_at, { mediaTime }) => {
      plain.video.requestVideoFrameCallback(look);
      const frame = new VideoFrame(plain.video);
      if (Math.abs(frame.timestamp - mediaTime * 1e6) < 1) picture = readSeq(frame);
      frame.close();
    };
    plain.video.requestVideoFrameCallback(look);
    const token = plain.getAttribute('token');
    const events = new EventSource(`${plain.getAttribute('src')}/annotations${token === null ? '' : `?access_token=${token}`}`);
    events.addEventListener('message', ({ data }) => {
      const { seq, detectors } = JSON.parse(data as string) as { seq: number; detectors: Record<string, { age: number }> };
      const ages = Object.values(detectors).map(({ age }) => age);
      // Others send what their detector says, when it says it: the frame that it looked at is this many back.
      if (ages.length > 0) boxes = Math.max(boxes ?? 0, seq - Math.min(...ages));
    });
    drawing.addEventListener('framelock-drawn', (event) => {
      const { seq, pictureSeq, kind } = (event as CustomEvent<{ seq?: number; pictureSeq?: number; kind: string }>).detail;
      // A frame whose boxes are moved is not measured by the player: its number is known by its timestamp, and its boxes are told as moved.
      shown = seq === undefined ? undefined : { picture: pictureSeq ?? seq, boxes: seq, estimated: kind !== 'exact' };
    });
    await new Promise<void>((done) => {
      const tick = (): void => {
        if (picture !== undefined && boxes !== undefined) naive.push({ picture, boxes, estimated: false });
        if (shown !== undefined) locked.push(shown);
        if (naive.length >= count && locked.length >= count) done();
        else requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
    });
    events.close();
    return { naive, locked };
  }, count);
}

/** The true boxes of frames of a generated scene, by track, as long as the server has them. */
export class SceneTruth {
  readonly #server: LiveServer;
  readonly #stream: string;
  readonly #known = new Map<number, Promise<ReadonlyMap<number, Box> | undefined>>();

  constructor(server: LiveServer, stream: string) {
    this.#server = server;
    this.#stream = stream;
  }

  /** How far things are, in pixels of the picture, from where they were on another frame: the distances of the middles of their boxes. */
  async drift({ picture, boxes }: OnScreen): Promise<number[]> {
    if (picture === boxes) return [0];
    const [now, then] = await Promise.all([this.#at(picture), this.#at(boxes)]);
    if (now === undefined || then === undefined) return [];
    return [...now].flatMap(([track, box]) => {
      const before = then.get(track);
      if (before === undefined) return [];
      return Math.hypot((box[0] + box[2] / 2 - before[0] - before[2] / 2) * 1280, (box[1] + box[3] / 2 - before[1] - before[3] / 2) * 720);
    });
  }

  #at(seq: number): Promise<ReadonlyMap<number, Box> | undefined> {
    const known =
      this.#known.get(seq) ??
      this.#server.call<AnnotationMessage>('GET', `/api/streams/${this.#stream}/truth?seq=${seq}`).then(
        ({ detections }) => new Map(detections.flatMap(({ track, box }) => (track === undefined ? [] : [[track, box] as const]))),
        () => undefined,
      );
    this.#known.set(seq, known);
    return known;
  }
}
