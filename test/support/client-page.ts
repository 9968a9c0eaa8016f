import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import type { Router } from 'express';
import type { BrowserContext, Page } from 'playwright-core';
import type { BuiltClient } from './built-client.ts';
import type { Look } from './chromium.ts';
import { FakeApi } from './fake-api.ts';

export interface ClientPageOptions {
  readonly path?: string;
  readonly look?: Look;
  /** What the server asks for; left out, nothing. */
  readonly token?: string;
  /** What is below `/live`. */
  readonly live?: Router;
  /** Puts streams and devices there before the page is opened. */
  readonly prepare?: (api: FakeApi) => void;
}

/** What a browser says of a server that is gone. */
export const UNREACHABLE = /ERR_|WebSocket/;

/** A page of the client, of a server of its own in a browser with nothing in it. Whatever it complains of fails the test that it is closed in. */
export class ClientPage implements AsyncDisposable {
  readonly api: FakeApi;
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #complaints: string[] = [];
  readonly #expectations: RegExp[] = [];

  private constructor(api: FakeApi, context: BrowserContext, page: Page) {
    this.api = api;
    this.#context = context;
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.#complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.#complaints.push(String(error)));
  }

  static async open({ folder, chromium }: BuiltClient, { path = '/', look = {}, token, live, prepare }: ClientPageOptions = {}): Promise<ClientPage> {
    const api = await FakeApi.start(folder, { ...(token === undefined ? {} : { token }), ...(live === undefined ? {} : { live }) });
    prepare?.(api);
    const context = await chromium.open({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...look });
    const opened = new ClientPage(api, context, await context.newPage());
    await opened.page.goto(api.url + path);
    return opened;
  }

  /** Browsers complain about every answer that is no 2xx, whatever a page makes of it; the complaint may come after what the page shows. */
  expect(complaint: RegExp): void {
    this.#expectations.push(complaint);
  }

  /** What axe finds wrong with the page as it is now. */
  async violations(): Promise<string[]> {
    await this.#settled();
    // These pages have no frames, for which axe would open a page of its own; and only what is wrong is wanted.
    const { violations } = await new AxeBuilder({ page: this.page }).setLegacyMode().options({ resultTypes: ['violations'] }).analyze();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${JSON.stringify(target)} ${failureSummary ?? ''}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    await this.api[Symbol.asyncDispose]();
    const unexpected = this.#complaints.filter((text) => !this.#expectations.some((expectation) => expectation.test(text)));
    assert.deepEqual(unexpected, [], 'a page complained');
  }

  /** Resolves when nothing fades in or out any more: what is half transparent has colours that nobody reads. What turns for ever is not waited for. */
  async #settled(): Promise<void> {
    await this.page.waitForFunction(() => {
      const moves = (root: Document | ShadowRoot): boolean =>
        root.getAnimations().some(({ playState, effect }) => playState === 'running' && effect?.getComputedTiming().endTime !== Infinity) ||
        [...root.querySelectorAll('*')].some(({ shadowRoot }) => shadowRoot !== null && moves(shadowRoot));
      return !moves(document);
    });
  }
}
