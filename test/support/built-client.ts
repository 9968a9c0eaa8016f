import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { SharedChromium } from './chromium.ts';

const CONFIG = join(import.meta.dirname, '../../client/vite.config.ts');

/** The client as its sources are now, built into a folder of its own, and the browser that its pages are opened in. */
export class BuiltClient implements AsyncDisposable {
  readonly folder: string;
  readonly chromium = new SharedChromium();

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async build(): Promise<BuiltClient> {
    const folder = await mkdtemp(join(tmpdir(), 'framelock-client-'));
    await build({ configFile: CONFIG, logLevel: 'error', build: { outDir: folder } });
    return new BuiltClient(folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.chromium[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
