import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser as ChromiumProcess, type BrowserContext, type BrowserContextOptions, type LaunchOptions } from 'playwright-core';

const PROGRAM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--allow-loopback-in-peer-connection',
  '--autoplay-policy=no-user-gesture-required',
];
/** Milliseconds for whatever a test waits for in a page, and for Chromium to start, on a machine that does other things too. */
const PATIENCE_MS = 60_000;
const START_LIMIT_MS = 120_000;

/** A real Chromium with a profile of its own, which is removed with it. */
export interface Browser extends AsyncDisposable {
  readonly context: BrowserContext;
}

/** @param options of Playwright's persistent context, such as a viewport or a locale */
export async function launchChromium(
  options: LaunchOptions & { viewport?: { width: number; height: number }; locale?: string; colorScheme?: 'light' | 'dark' } = {},
): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'framelock-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: PROGRAM,
    timeout: START_LIMIT_MS,
    ...options,
    args: [...FLAGS, ...(options.args ?? [])],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close();
      // Its helpers end after it, and may still write.
      await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** How a browser looks at a page: its window, language and colours, and the arguments that Chromium itself needs for that. */
export interface Look extends Pick<BrowserContextOptions, 'viewport' | 'locale' | 'colorScheme'> {
  readonly args?: readonly string[];
}

/** A real Chromium for tests that follow each other: started once, while each gets a profile of its own, which is kept in memory. */
export class SharedChromium implements AsyncDisposable {
  #process: ChromiumProcess | undefined;
  #args = '';

  /** A fresh profile, to be closed before the next one is asked for: one Chromium runs at a time, and other arguments need another one. */
  async open({ args = [], ...look }: Look): Promise<BrowserContext> {
    if (this.#process?.isConnected() !== true || this.#args !== args.join(' ')) {
      await this[Symbol.asyncDispose]();
      this.#process = await chromium.launch({ executablePath: PROGRAM, timeout: START_LIMIT_MS, args: [...FLAGS, ...args] });
      this.#args = args.join(' ');
    }
    const context = await this.#process.newContext(look);
    context.setDefaultTimeout(PATIENCE_MS);
    return context;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.close();
    this.#process = undefined;
  }
}
