import type { AnnotationMessage } from '../../pipeline/annotation.ts';
import { TextFile, type MessageSink } from './message-sink.ts';

/**
 * The text format of the MOT challenge (Dendorfer et al., “MOTChallenge: A Benchmark for Single-Camera Multiple Target Tracking”, IJCV 2021): one
 * object a line, `frame,id,left,top,width,height,score,-1,-1,-1`. Frames count from 1, at the first message; pixels count from 1; an object
 * without a track has the id −1. The format has no classes: write one class at a time if they matter.
 */
export class MotSink implements MessageSink {
  readonly #file: TextFile;
  #firstSeq: number | undefined;

  constructor(path: string) {
    this.#file = new TextFile(path);
  }

  async write({ seq, width, height, detections }: AnnotationMessage): Promise<void> {
    this.#firstSeq ??= seq;
    const frame = ((seq - this.#firstSeq) >>> 0) + 1;
    const lines = detections.map(({ track = -1, box: [x, y, w, h], score }) => {
      const place = [x * width + 1, y * height + 1, w * width, h * height].map((value) => value.toFixed(2));
      return `${[frame, track, ...place, score.toFixed(4), -1, -1, -1].join(',')}\n`;
    });
    await this.#file.write(lines.join(''));
  }

  end(): Promise<void> {
    return this.#file.end();
  }
}
