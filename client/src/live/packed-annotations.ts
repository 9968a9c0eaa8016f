import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';

/** Messages that a repetition is compared with. */
const REMEMBERED = 32;

/** Whether this browser can unpack. */
export function canUnpack(): boolean {
  return 'DecompressionStream' in globalThis;
}

/** Unpacks annotation messages: each comes with the one before it, in case that was lost. */
export class AnnotationUnpacker {
  readonly #seen: number[] = [];

  /** @returns the messages that are new */
  async unpack(packed: ArrayBuffer): Promise<AnnotationMessage[]> {
    const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    const messages = (await new Response(plain).json()) as AnnotationMessage[];
    const fresh = messages.filter(({ rtp }) => !this.#seen.includes(rtp));
    this.#seen.push(...fresh.map(({ rtp }) => rtp));
    this.#seen.splice(0, this.#seen.length - REMEMBERED);
    return fresh;
  }
}
