import { AVCOL_RANGE_MPEG, AVCOL_SPC_BT709 } from 'node-av/constants';
import type { AnnotationMessage } from '../annotation.ts';
import { newPicture } from '../libav-picture.ts';
import type { VideoInfo } from '../media/info.ts';
import { parseDemoUrl } from '../../demo/options.ts';
import { StreetScene, type SceneObject } from '../../demo/scene.ts';
import { Pacer } from './pacer.ts';
import { SourceError, type Source, type SourceContext, type SourceFrame } from './source.ts';

/** How many frames' truth is kept. */
const TRUTH_FRAMES = 600;

type Truth = Omit<AnnotationMessage, 'stream'>;

/** The generated street: frames are drawn when they are due, so they are born at their capture time. */
export class DemoSource implements Source {
  readonly #url: URL;
  readonly #context: SourceContext;
  readonly #pacer = new Pacer();
  readonly #truth = new Map<number, Truth>();
  #timecode = false;
  #scene: StreetScene | undefined;
  #index = 0;

  constructor(url: URL, context: SourceContext) {
    this.#url = url;
    this.#context = context;
  }

  async open(): Promise<VideoInfo> {
    const options = parse(this.#url);
    this.#timecode = options.timecode;
    this.#scene = await StreetScene.create(options);
    const { width, height, fps } = this.#scene;
    return { codec: 'rawvideo', width, height, fps };
  }

  async next(): Promise<SourceFrame | undefined> {
    const scene = this.#scene;
    if (scene === undefined) return undefined;
    const due = this.#pacer.due(undefined, 1000 / scene.fps);
    await this.#pacer.until(due);
    const id = this.#context.numberer.number(due);
    const picture = newPicture(scene.width, scene.height, { colorRange: AVCOL_RANGE_MPEG, colorSpace: AVCOL_SPC_BT709 });
    const objects = scene.render({ index: this.#index }, picture.planes, picture.strides);
    this.#index += 1;
    if (this.#timecode) scene.drawTimecode(id, picture.planes, picture.strides);
    this.#remember({ ...id, width: scene.width, height: scene.height, detections: objects.map(asDetection), detectors: { truth: { age: 0 } } });
    return { id, picture };
  }

  truth(seq: number): Truth | undefined {
    return this.#truth.get(seq);
  }

  async close(): Promise<void> {
    this.#pacer.close();
    this.#scene?.close();
    this.#scene = undefined;
  }

  #remember(truth: Truth): void {
    this.#truth.set(truth.seq, truth);
    this.#truth.delete((truth.seq - TRUTH_FRAMES) >>> 0);
  }
}

function parse(url: URL): ReturnType<typeof parseDemoUrl> {
  try {
    return parseDemoUrl(url.href);
  } catch (cause) {
    throw new SourceError('source-address', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function asDetection({ label, track, box }: SceneObject): AnnotationMessage['detections'][number] {
  return { detector: 'truth', label, score: 1, box, track };
}
