import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import type { Browser } from '../../test/support/chromium.ts';
import { elementsScript } from '../../test/support/elements-script.ts';

/** What a join goes through, in this order. */
export const STEPS = ['session', 'ask', 'watch', 'negotiate', 'connect', 'key frame', 'show'] as const;

/** Milliseconds of one join: from the element to its first frame, and of each step. */
export interface Join {
  readonly total: number;
  readonly steps: Readonly<Partial<Record<(typeof STEPS)[number], number>>>;
}

/** Runs in a page before anything of it does: notes when each thing on the way to a picture happens for the first time. */
function noteMarks(): void {
  const marks: Record<string, number> = {};
  const mark = (name: string): void => void (marks[name] ??= performance.now());
  Object.assign(globalThis, { joinMarks: marks });
  const type = (data: unknown): string => (typeof data === 'string' ? String((JSON.parse(data) as { type?: string }).type) : 'binary');
  globalThis.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('message', ({ data }) => mark(`got ${type(data)}`));
    }

    override send(data: string): void {
      mark(`sent ${type(data)}`);
      super.send(data);
    }
  };
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener('connectionstatechange', () => mark(`is ${this.connectionState}`));
    }
  };
}

/** A page with the elements and without any player, so that nothing has been loaded for one yet. */
export async function emptyPage(browser: Browser, server: string): Promise<Page> {
  const host = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><style>framelock-player{width:1280px;height:720px}</style>${elementsScript(server)}`);
  });
  host.listen(0, '127.0.0.1');
  await once(host, 'listening');
  const page = await browser.context.newPage();
  page.once('close', () => host.close());
  await page.addInitScript(noteMarks);
  await page.goto(`http://127.0.0.1:${(host.address() as AddressInfo).port}/`);
  await page.evaluate(() => customElements.whenDefined('framelock-player').then(() => undefined));
  return page;
}

/** Puts a player in the place of the one on the page, and waits for its first frame. @param fresh there has been none: the way to the server is part of it */
export async function join(page: Page, src: string, fresh: boolean): Promise<Join> {
  const { started, marks, received, shown } = await page.evaluate(
    (src) =>
      new Promise<{ started: number; marks: Record<string, number>; received: number; shown: number }>((resolve) => {
        const { joinMarks: marks } = globalThis as unknown as { joinMarks: Record<string, number> };
        document.querySelector('framelock-player')?.remove();
        for (const name of Object.keys(marks)) delete marks[name];
        const started = performance.now();
        const player = document.createElement('framelock-player') as HTMLElement & { video: HTMLVideoElement };
        player.setAttribute('src', src);
        let received = Number.NaN;
        player.addEventListener('framelock-frame', () => resolve({ started, marks: { ...marks }, received, shown: performance.now() }), { once: true });
        player.video.requestVideoFrameCallback((_now, { receiveTime }) => (received = receiveTime ?? Number.NaN));
        document.body.append(player);
      }),
    src,
  );
  const points = [started, fresh ? marks['got welcome'] : started, marks['sent watch'], marks['got watching'], marks['sent connect-transport'], marks['is connected'], received, shown];
  const steps = Object.fromEntries(STEPS.map((step, i) => [step, points[i + 1]! - points[i]!]).filter(([step]) => fresh || step !== 'session'));
  return { total: shown - started, steps };
}
