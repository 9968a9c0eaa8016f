/** From the click to the first frame: a player is put on the page and its first frame is waited for, many times. */
import { launchChromium } from '../test/support/chromium.ts';
import { LiveServer } from '../test/support/live-server.ts';
import { openPlayer, untilState } from '../test/support/watch-page.ts';
import { ms, percentile, publish } from './support/report.ts';

const JOINS = 40;

await using server = await LiveServer.start();
await server.call('POST', '/api/streams', { id: 'join', source: 'demo://street?seed=7&light=day', detectors: [] });
await server.until<{ state: string }>('join', ({ state }) => state === 'live');
await using browser = await launchChromium({ viewport: { width: 1300, height: 760 } });
const page = await openPlayer(browser, server.url, 'join');
await untilState(page, 'live');

/** Milliseconds from creating the element to its first frame. */
const join = (): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const old = document.querySelector('framelock-player')!;
        const src = old.getAttribute('src')!;
        old.remove();
        const started = performance.now();
        const player = document.createElement('framelock-player');
        player.setAttribute('src', src);
        player.addEventListener('framelock-frame', () => resolve(performance.now() - started), { once: true });
        document.body.append(player);
      }),
  );

await join();
const running: number[] = [];
for (let i = 0; i < JOINS; i++) running.push(await join());

await publish({
  name: 'join',
  about: 'From putting a player on the page to its first displayed frame, in milliseconds: WebSocket, ICE, DTLS, SRTP, key frame, decoder. The stream is running and being watched.',
  columns: ['', 'p50', 'p95', 'worst'],
  rows: [[`${JOINS} joins`, ms(percentile(running, 0.5)), ms(percentile(running, 0.95)), ms(Math.max(...running))]],
});
