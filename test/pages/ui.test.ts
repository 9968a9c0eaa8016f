import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { BuiltClient } from '../support/built-client.ts';
import type { Look } from '../support/chromium.ts';
import { ClientPage, UNREACHABLE } from '../support/client-page.ts';
import type { FakeApi } from '../support/fake-api.ts';

describe('the pages', () => {
  let client: BuiltClient;
  let opened: ClientPage;
  let api: FakeApi;
  let page: Page;

  before(async () => {
    client = await BuiltClient.build();
  });
  after(() => client[Symbol.asyncDispose]());
  afterEach(() => opened[Symbol.asyncDispose]());

  async function open(path = '/', { streams = ['gate', 'yard'], ...options }: { streams?: string[]; look?: Look; token?: string } = {}): Promise<void> {
    opened = await ClientPage.open(client, {
      path,
      prepare: (api) => {
        for (const id of streams) api.put(id, { title: id === 'gate' ? 'North gate' : id });
      },
      ...options,
      look: { viewport: { width: 1280, height: 800 }, ...options.look },
    });
    ({ api, page } = opened);
  }

  const card = (title: string): Locator => page.locator('framelock-stream-card', { has: page.getByRole('heading', { name: title, exact: true }) });
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
  const field = (name: string): Locator => page.getByRole('textbox', { name });

  /** Resolves when what a locator finds says this. */
  async function says(locator: Locator, text: string): Promise<void> {
    await locator.filter({ hasText: text }).first().waitFor();
  }

  describe('the overview', () => {
    test('shows every stream with its state, figures and detectors', async () => {
      await open();
      api.put('gate', { state: 'retrying', problem: { code: 'source-not-found', message: 'There is no file x.' }, retryAt: Date.now() + 60_000, viewers: 1, detectors: [{ name: 'cars', model: 'yolox-nano' }] });
      await says(page.locator('main'), '1 of 2 live');
      for (const text of ['Retrying', '30 fps', '18 ms', '1 viewer', 'cars', 'demo://street', 'Generated']) await says(card('North gate'), text);
      await says(card('yard'), '2 viewers');
      await says(card('North gate').locator('framelock-player'), 'There is no file x.');
    });

    test('follows what happens on the server', async () => {
      await open();
      await card('yard').waitFor();
      api.put('dock', { title: 'Dock 3' });
      await card('Dock 3').waitFor();
      api.put('yard', { state: 'failed' });
      await says(card('yard'), 'Failed');
      api.remove('yard');
      await card('yard').waitFor({ state: 'detached' });
    });

    test('says so when there are no streams', async () => {
      await open('/', { streams: [] });
      await page.getByRole('heading', { name: 'No streams yet' }).waitFor();
      await button('Add a stream').last().click();
      await page.getByRole('dialog').waitFor();
    });

    test('says so when the server is gone, keeps what it knew, and goes on when it is back', async () => {
      await open();
      await card('yard').waitFor();
      await api.goAway();
      await says(page.getByRole('status'), 'The server can’t be reached');
      await card('yard').waitFor();
      api.put('late');
      await api.comeBack();
      await card('late').waitFor();
      await page.getByText('The server can’t be reached').first().waitFor({ state: 'detached' });
      opened.expect(UNREACHABLE);
    });

    test('lets a source be tried again', async () => {
      await open();
      api.put('gate', { state: 'failed' });
      await button('Try North gate again now').click();
      await says(card('North gate'), 'Connecting');
      assert.deepEqual(api.calls.map(({ method, path }) => `${method} ${path}`), ['POST /streams/gate/retry']);
    });

    test('removes a stream only after asking', async () => {
      await open();
      await button('Remove North gate').click();
      await button('Cancel').click();
      assert.deepEqual(api.calls, []);
      await button('Remove North gate').click();
      await button(/^Remove$/).click();
      await card('North gate').waitFor({ state: 'detached' });
      assert.equal(api.get('gate'), undefined);
    });
  });

  describe('the form about a stream', () => {
    test('adds what was entered, and leaves to the server what was not', async () => {
      await open();
      await button('Add a stream').click();
      await field('Address').fill('demo://street?seed=4');
      assert.equal(await field('Identifier').inputValue(), 'street');
      await field('Title').fill('Main street');
      await button(/^Add$/).click();
      await card('Main street').waitFor();
      assert.deepEqual(api.calls[0]?.body, { id: 'street', source: 'demo://street?seed=4', title: 'Main street', sync: 'exact' });
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
    });

    test('says beside each field what is wrong with it, without asking the server', async () => {
      await open();
      await button('Add a stream').click();
      await field('Identifier').fill('North Gate');
      await page.getByRole('radio', { name: 'Chosen ones' }).check();
      await button(/^Add$/).click();
      await says(page.locator('#source-error'), 'Say where the video comes from.');
      await says(page.locator('#id-error'), 'not starting with');
      await says(page.locator('#detectors-error'), 'Choose at least one');
      assert.equal(await field('Address').getAttribute('aria-invalid'), 'true');
      await page.waitForFunction(() => document.activeElement?.tagName === 'FRAMELOCK-APP');
      assert.match((await field('Address').getAttribute('aria-describedby'))!, /source-error/);
      assert.deepEqual(api.calls, []);
      await field('Address').fill('x');
      await page.locator('#source-error p').waitFor({ state: 'detached' });
    });

    test('says beside each field what the server finds wrong with it', async () => {
      await open();
      await button('Add a stream').click();
      await field('Address').fill('gopher://street');
      await button(/^Add$/).click();
      await says(page.locator('#source-error'), 'A source is an address that starts with');
      await field('Address').fill('demo://street');
      await field('Identifier').fill('yard');
      await button(/^Add$/).click();
      await says(page.locator('#id-error'), 'There is a stream with this identifier already.');
      await field('Identifier').fill('yard-2');
      await button(/^Add$/).click();
      await card('yard-2').waitFor();
      opened.expect(/status of (400|409)/);
    });

    test('changes detectors, and keeps the settings of those that stay', async () => {
      const cars = { name: 'cars', model: 'yolox-nano', threshold: 0.7 };
      await open();
      api.put('gate', { detectors: [cars] });
      await says(card('North gate'), 'cars');
      await button('Edit North gate').click();
      await says(page.getByRole('dialog'), 'not downloaded');
      await page.getByRole('checkbox', { name: 'street-nano' }).check();
      await page.getByRole('radio', { name: 'Predicted' }).check();
      await button('Save').click();
      await says(card('North gate'), 'street-nano');
      assert.deepEqual(api.calls[0]?.body, { detectors: [cars, 'street-nano'], sync: 'predict' });
    });

    test('says so when the server can’t be reached', async () => {
      await open();
      await button('Edit North gate').click();
      await page.getByRole('checkbox', { name: 'yolox-nano' }).waitFor();
      await field('Title').fill('Gate');
      await api.goAway();
      await button('Save').click();
      await says(page.getByRole('alert'), 'The server can’t be reached.');
      opened.expect(UNREACHABLE);
    });
  });

  describe('languages and themes', () => {
    test('the language is the browser’s, can be changed, and is remembered', async () => {
      await open('/', { look: { locale: 'zh-CN' } });
      await page.getByRole('heading', { name: '视频流' }).waitFor();
      await says(card('North gate'), '直播中');
      assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
      await page.getByRole('radio', { name: 'English' }).check({ force: true });
      await page.getByRole('heading', { name: 'Streams' }).waitFor();
      await page.reload();
      await page.getByRole('heading', { name: 'Streams' }).waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    });

    test('the theme is the system’s, can be changed, and is remembered', async () => {
      await open('/', { look: { colorScheme: 'dark' } });
      const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      await card('yard').waitFor();
      const dark = await background();
      await page.emulateMedia({ colorScheme: 'light' });
      const light = await background();
      assert.notEqual(dark, light);
      await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
      assert.equal(await background(), dark);
      await page.reload();
      await card('yard').waitFor();
      assert.equal(await background(), dark);
    });
  });

  describe('finding one’s way', () => {
    test('a stream has a page with an address of its own, and the way back', async () => {
      await open();
      await page.getByRole('link', { name: 'North gate' }).click();
      await page.waitForURL(`${api.url}/watch/gate`);
      await page.getByRole('heading', { name: 'North gate', level: 1 }).waitFor();
      await says(page.locator('framelock-watch'), 'x264');
      await page.goBack();
      await card('yard').waitFor();
      await page.goForward();
      await page.getByRole('link', { name: 'All streams', exact: true }).click();
      await card('yard').waitFor();
      await page.goto(`${api.url}/watch/yard`);
      await page.getByRole('heading', { name: 'yard', level: 1 }).waitFor();
    });

    test('a stream that does not exist is said to be missing, and shown as soon as it does', async () => {
      await open('/watch/ghost');
      await says(page.getByRole('status'), 'There is no stream ghost.');
      await says(page.locator('framelock-player'), 'Removed');
      api.put('ghost');
      await page.getByText('There is no stream ghost.').waitFor({ state: 'detached' });
    });

    test('everything can be reached and done by keyboard', async () => {
      await open('/', { streams: ['gate'] });
      await card('North gate').waitFor();
      const focused = (): Promise<string> =>
        page.evaluate(() => {
          let element = document.activeElement;
          while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
          return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
        });
      const stops: string[] = [];
      for (let i = 0; i < 9; i++) {
        await page.keyboard.press('Tab');
        stops.push(await focused());
      }
      assert.deepEqual(stops, ['Skip to content', 'Framelock, all streams', 'English', 'As the system', 'Publish a camera', 'Add a stream', 'North gate', 'Edit North gate', 'Remove North gate']);
      await button('Add a stream').focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await button('Add a stream').and(page.locator(':focus')).waitFor();
    });

    test('the player answers to its keys, and lists them', async () => {
      await open('/watch/gate');
      const player = page.locator('framelock-player');
      await player.getByRole('group', { name: 'Live video: gate' }).focus();
      await page.keyboard.press('i');
      await says(player.locator('[part=stats]'), 'Capture to display');
      await page.keyboard.press('i');
      await player.locator('[part=stats]').waitFor({ state: 'detached' });
      await page.keyboard.press('?');
      await says(player.locator('[part=help]'), 'Full screen');
      await page.keyboard.press('Escape');
      await player.locator('[part=help]').waitFor({ state: 'detached' });
      await page.keyboard.press('b');
      await page.locator('framelock-player[variant=clean]').waitFor();
      await page.keyboard.press('f');
      await page.waitForFunction(() => document.fullscreenElement !== null);
      await button('Leave full screen').waitFor();
      await page.keyboard.press('f');
      await page.waitForFunction(() => document.fullscreenElement === null);
    });
  });

  test('a server with a token asks for it, says when it is wrong, and goes on with the right one', async () => {
    await open('/', { token: 'right' });
    const token = page.getByLabel('Access token');
    await token.fill('wrong');
    await button('Continue').click();
    await says(page.getByRole('alert'), 'does not accept');
    await token.fill('right');
    await button('Continue').click();
    await card('yard').waitFor();
    await page.reload();
    await card('yard').waitFor();
    opened.expect(/status of 401/);
  });

  describe('for everybody', () => {
    // Colours do not depend on the language, nor names on the colours.
    for (const [colorScheme, locale] of [['light', 'en-GB'], ['dark', 'zh-CN']] as const) {
      test(`axe finds nothing in ${colorScheme}, ${locale}`, async () => {
        await open('/', { look: { colorScheme, locale } });
        api.put('gate', { state: 'retrying', problem: { code: 'source-not-found', message: 'There is no file x.' }, detectors: [] });
        api.put('yard', { state: 'failed' });
        await page.locator('.state.retrying').waitFor();
        assert.deepEqual(await opened.violations(), [], 'overview');
        await page.locator('.button.primary').first().click();
        await page.getByRole('radio').nth(-3).check();
        await page.locator('dialog[open] button[type=submit]').click();
        await page.locator('#source-error p').waitFor();
        assert.deepEqual(await opened.violations(), [], 'form');
        await page.goto(`${api.url}/watch/gate`);
        await page.locator('.details').waitFor();
        const player = page.locator('framelock-player');
        await player.locator('.stage').focus();
        await page.keyboard.press('i');
        await page.keyboard.press('?');
        await player.locator('[part=help]').waitFor();
        assert.deepEqual(await opened.violations(), [], 'watch');
        await page.goto(`${api.url}/watch/NOTHING`);
        await page.locator('.missing, body:not(:has(framelock-app))').first().waitFor();
        assert.deepEqual(await opened.violations(), [], 'missing');
      });
    }

    for (const [width, height] of [[400, 800], [768, 1024], [3840, 2160]] as const) {
      test(`nothing sticks out at ${width} pixels`, async () => {
        await open('/', { look: { viewport: { width, height } } });
        api.put('gate', { title: 'A stream with quite a long name that goes on and on', source: { kind: 'file', url: `file:///media/${'long/'.repeat(30)}name.mp4` } });
        await card('yard').waitFor();
        const sticksOut = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok((await sticksOut()) <= 0, 'overview');
        await button('Add a stream').click();
        await page.getByRole('radio', { name: 'Chosen ones' }).check();
        const box = (await page.getByRole('dialog').boundingBox())!;
        assert.ok(box.x >= 0 && box.x + box.width <= width && box.y >= 0 && box.y + box.height <= height, 'form');
        await page.goto(`${api.url}/watch/gate`);
        await page.locator('.details').waitFor();
        assert.ok((await sticksOut()) <= 0, 'watch');
      });
    }

    test('nothing moves that somebody does not want to move', async () => {
      await open('/watch/gate');
      await page.emulateMedia({ reducedMotion: 'reduce' });
      const spinner = page.locator('framelock-player .spinner');
      await spinner.waitFor();
      assert.ok(Number.parseFloat(await spinner.evaluate((element) => getComputedStyle(element).animationDuration)) >= 4);
    });
  });
});
