import { stat } from 'node:fs/promises';
import { sha256Of } from '../pipeline/detect/onnx-file.ts';

/** SHA-256 of files, cached until their size or modification time changes. */
export class Digests {
  readonly #known = new Map<string, { version: string; digest: Promise<string> }>();

  /** @returns 64 lower-case hexadecimal digits, or undefined if the file can't be read */
  async of(path: string): Promise<string | undefined> {
    try {
      const { size, mtimeMs } = await stat(path);
      const version = `${size} ${mtimeMs}`;
      let known = this.#known.get(path);
      if (known?.version !== version) {
        known = { version, digest: sha256Of(path) };
        this.#known.set(path, known);
      }
      return await known.digest;
    } catch {
      this.#known.delete(path);
      return undefined;
    }
  }
}
