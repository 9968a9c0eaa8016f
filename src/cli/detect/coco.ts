import { COCO80 } from '../../pipeline/detect/coco80.ts';
import type { AnnotationMessage, Box } from '../../pipeline/annotation.ts';
import { TextFile, type MessageSink } from './message-sink.ts';

/** Ids of the 91 categories of COCO's paper that its detection task leaves out. */
const LEFT_OUT = new Set([12, 26, 29, 30, 45, 66, 68, 69, 71, 83]);
const COCO_IDS = new Map(
  Array.from({ length: 90 }, (_, index) => index + 1)
    .filter((id) => !LEFT_OUT.has(id))
    .map((id, index) => [COCO80[index]!, id]),
);
/** First id of labels that COCO does not have. */
const OWN_IDS = 1001;

/** Category ids of labels: COCO's own if it has one. */
class Categories {
  readonly #ids = new Map<string, number>();
  #next = OWN_IDS;

  idOf(label: string): number {
    const known = this.#ids.get(label);
    if (known !== undefined) return known;
    const id = COCO_IDS.get(label) ?? this.#next++;
    this.#ids.set(label, id);
    return id;
  }

  list(): { id: number; name: string }[] {
    return [...this.#ids].map(([name, id]) => ({ id, name })).sort((a, b) => a.id - b.id);
  }
}

/** `[x, y, width, height]` in pixels, to a hundredth. */
function pixels([x, y, w, h]: Box, { width, height }: { width: number; height: number }): [number, number, number, number] {
  const round = (value: number): number => Math.round(value * 100) / 100;
  return [round(x * width), round(y * height), round(w * width), round(h * height)];
}

/**
 * A dataset in the format of COCO (https://cocodataset.org/#format-data): one image a frame, whose `id` is the frame's `seq`. Annotations have,
 * beyond the format, `score`, `detector` and `track_id`.
 */
export class CocoDatasetSink implements MessageSink {
  readonly #file: TextFile;
  readonly #categories = new Categories();
  readonly #images: string[] = [];
  #annotations = 0;

  constructor(path: string) {
    this.#file = new TextFile(path);
  }

  async write(message: AnnotationMessage): Promise<void> {
    const { stream, seq, rtp, capturedAt, width, height, detections } = message;
    this.#images.push(JSON.stringify({ id: seq, file_name: `${stream}/${String(seq).padStart(6, '0')}.jpg`, width, height, rtp, captured_at: capturedAt }));
    const lines = detections.map(({ detector, label, score, box, track }) => {
      const bbox = pixels(box, message);
      const id = ++this.#annotations;
      const about = { id, image_id: seq, category_id: this.#categories.idOf(label), bbox, area: Math.round(bbox[2] * bbox[3] * 100) / 100, iscrowd: 0 };
      return `${id === 1 ? '{"annotations":[\n' : ',\n'}${JSON.stringify({ ...about, score, detector, ...(track === undefined ? {} : { track_id: track }) })}`;
    });
    await this.#file.write(lines.join(''));
  }

  async end(): Promise<void> {
    const categories = JSON.stringify(this.#categories.list());
    await this.#file.write(`${this.#annotations === 0 ? '{"annotations":[' : ''}\n],\n"categories":${categories},\n"images":[\n${this.#images.join(',\n')}\n]}\n`);
    await this.#file.end();
  }
}

/** A list of results in the format of COCO (https://cocodataset.org/#format-results). */
export class CocoResultsSink implements MessageSink {
  readonly #file: TextFile;
  readonly #categories = new Categories();
  #empty = true;

  constructor(path: string) {
    this.#file = new TextFile(path);
  }

  async write(message: AnnotationMessage): Promise<void> {
    for (const { label, score, box } of message.detections) {
      const result = { image_id: message.seq, category_id: this.#categories.idOf(label), bbox: pixels(box, message), score };
      await this.#file.write(`${this.#empty ? '[\n' : ',\n'}${JSON.stringify(result)}`);
      this.#empty = false;
    }
  }

  async end(): Promise<void> {
    await this.#file.write(this.#empty ? '[]\n' : '\n]\n');
    await this.#file.end();
  }
}
