import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import type { StreamView } from '../../client/src/api/api.ts';
import { labelColor } from '../../src/pipeline/compose/palette.ts';
import { BuiltClient } from '../support/built-client.ts';
import type { Look } from '../support/chromium.ts';
import { ClientPage } from '../support/client-page.ts';
import type { FakeApi } from '../support/fake-api.ts';

const CAMERA = { name: 'HD Pro Webcam C920', source: 'v4l2:///dev/v4l/by-id/usb-046d_C920-video-index0', device: '/dev/video0' };
const FORBIDDEN = { name: 'Cam Link 4K', source: 'v4l2:///dev/video2', device: '/dev/video2', problem: { code: 'device-forbidden', message: 'The server may not open /dev/video2.' } };
const OVERLAY: StreamView['overlay'] = { boxes: true, style: 'box', labels: true, scores: true, trails: false, counts: false, heatmap: false, zones: true, language: 'both', names: {}, colors: {} };
const CARS = { name: 'cars', model: 'yolox-nano', classes: ['car', 'van'] };

describe('the form about a stream', () => {
  let client: BuiltClient;
  let opened: ClientPage;
  let api: FakeApi;
  let page: Page;

  before(async () => {
    client = await BuiltClient.build();
  });
  after(() => client[Symbol.asyncDispose]());
  afterEach(() => opened[Symbol.asyncDispose]());

  async function open(stream: Partial<StreamView> = {}, look: Look = {}): Promise<void> {
    opened = await ClientPage.open(client, {
      look,
      prepare: (api) => {
        api.devices = { cameras: [CAMERA, FORBIDDEN], screens: [{ name: ':0', source: 'x11://:0' }] };
        api.put('gate', { title: 'North gate', ...stream });
      },
    });
    ({ api, page } = opened);
  }

  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
  const section = (title: string): Locator => page.locator('summary', { hasText: title });
  const checkbox = (name: string): Locator => page.getByRole('checkbox', { name, exact: true });
  const classes = (): Locator => page.getByRole('combobox', { name: 'Classes to hide' });

  async function edit(stream: Partial<StreamView> = {}, ...sections: string[]): Promise<void> {
    await open(stream);
    await button('Edit North gate').click();
    await checkbox('yolox-nano').waitFor();
    for (const title of sections) await section(title).click();
  }

  /** Saves, and gives what the server was asked for. */
  async function saved(): Promise<{ path: string; body: unknown }[]> {
    await button('Save').click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    return api.calls.map(({ path, body }) => ({ path, body }));
  }

  const focused = (): Promise<string> => page.evaluate(nameOfFocused);

  /** Resolves when what has this accessible name has the focus. */
  async function hasFocus(name: string): Promise<void> {
    await page.waitForFunction(`(${nameOfFocused.toString()})() === ${JSON.stringify(name)}`).catch(async () => assert.equal(await focused(), name));
  }

  describe('offers what is connected to the server’s machine', () => {
    test('and takes its address by a click or a key', async () => {
      await open();
      await button('Add a stream').click();
      await button(CAMERA.name).focus();
      await page.keyboard.press('Enter');
      assert.equal(await page.getByRole('textbox', { name: 'Address' }).inputValue(), CAMERA.source);
      assert.equal(await page.getByRole('textbox', { name: 'Identifier' }).inputValue(), 'hd-pro-webcam-c920');
      assert.equal(await button(CAMERA.name).getAttribute('aria-pressed'), 'true');
      await button('Screen :0').click();
      assert.equal(await button(CAMERA.name).getAttribute('aria-pressed'), 'false');
      await button(/^Add$/).click();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      assert.deepEqual(api.calls.map(({ body }) => body), [{ id: 'screen-0', source: 'x11://:0', sync: 'exact' }]);
    });

    test('and says which may not be opened', async () => {
      await open();
      await button('Add a stream').click();
      await page.getByText('Cam Link 4K: The server may not open /dev/video2.').waitFor();
      assert.equal(await button('Cam Link 4K').isDisabled(), true);
    });

    test('and says so where there is nothing', async () => {
      await open();
      api.devices = { cameras: [], screens: [] };
      await button('Add a stream').click();
      await page.getByText('No camera or screen is connected to the server’s machine.').waitFor();
    });
  });

  describe('changes how results are joined', () => {
    test('with the wait, what is late, and how boxes are merged', async () => {
      await edit({ detectors: ['street-nano', 'trucks', CARS] }, 'Waiting and merging');
      await page.getByRole('spinbutton', { name: 'Longest wait' }).fill('250');
      await page.getByRole('combobox', { name: 'street-nano', exact: true }).selectOption('Wait for it');
      assert.equal(await page.getByRole('combobox', { name: 'trucks', exact: true }).inputValue(), 'carry');
      await page.getByRole('combobox', { name: 'trucks', exact: true }).selectOption('Leave its boxes out');
      await page.getByRole('combobox', { name: 'cars', exact: true }).selectOption('Move its last boxes along');
      await page.getByRole('radio', { name: /^Averaged/ }).check();
      assert.match((await section('Waiting and merging').textContent())!, /up to 250 ms · Averaged boxes/);
      assert.deepEqual(await saved(), [
        { path: '/detectors/trucks', body: { late: 'skip' } },
        { path: '/streams/gate', body: { detectors: [{ name: 'street-nano', model: 'street-nano', late: 'wait' }, 'trucks', { ...CARS, late: 'carry' }], deadlineMs: 250, merge: 'wbf' } },
      ]);
    });

    test('with the overlap of boxes that become one, and whose boxes belong to others', async () => {
      await edit({ detectors: ['street-nano', 'trucks', CARS] }, 'Waiting and merging');
      const overlap = page.getByRole('spinbutton', { name: 'Least overlap of boxes that become one' });
      assert.equal(await overlap.count(), 0);
      await page.getByRole('radio', { name: /^Most certain/ }).check();
      await overlap.fill('0.7');
      await page.getByRole('combobox', { name: 'Boxes of street-nano belong to' }).fill('truck, van,');
      await page.locator('.attach', { has: page.getByRole('combobox', { name: 'Boxes of trucks belong to' }) }).getByRole('button', { name: 'Add car' }).click();
      const part = page.getByRole('spinbutton', { name: 'Least part of a box of street-nano inside' });
      await part.fill('2');
      await button('Save').click();
      await page.locator('#attach-error', { hasText: 'A number above 0 and up to 1.' }).waitFor();
      await part.and(page.locator(':focus')).and(page.locator('[aria-invalid=true]')).waitFor();
      assert.deepEqual(api.calls, []);
      await part.fill('0.8');
      assert.deepEqual(await saved(), [
        { path: '/detectors/trucks', body: { attach: { to: ['car'] } } },
        { path: '/streams/gate', body: { detectors: [{ name: 'street-nano', model: 'street-nano', attach: { to: ['truck', 'van'], minOverlap: 0.8 } }, 'trucks', CARS], merge: 'nms', mergeIou: 0.7 } },
      ]);
    });

    test('and says beside the wait what is wrong with it, also where its section is closed', async () => {
      await edit({}, 'Waiting and merging');
      const wait = page.getByRole('spinbutton', { name: 'Longest wait' });
      await wait.fill('9000');
      await section('Waiting and merging').click();
      await wait.waitFor({ state: 'hidden' });
      await button('Save').click();
      await page.locator('#deadlineMs-error', { hasText: 'A number from 1 to 5000.' }).waitFor();
      await wait.and(page.locator(':focus')).waitFor();
      assert.deepEqual(api.calls, []);
    });
  });

  describe('changes what is drawn', () => {
    test('and asks for that alone', async () => {
      await edit({}, 'Drawn in the picture');
      await checkbox('Trails').check();
      await checkbox('Scores').uncheck();
      await page.getByRole('radio', { name: 'Corners' }).check({ force: true });
      assert.match((await section('Drawn in the picture').textContent())!, /Boxes · Labels · Trails · Zones and lines/);
      assert.deepEqual(await saved(), [{ path: '/streams/gate', body: { overlay: { scores: false, trails: true, style: 'corners' } } }]);
      assert.equal(api.get('gate')?.overlay.heatmap, false);
    });

    test('with names and colours of classes', async () => {
      await edit({ detectors: [CARS], overlay: { ...OVERLAY, names: { bus: '公交车' }, colors: { bus: '#112233' } } }, 'Drawn in the picture');
      const looks = page.locator('framelock-tag-input', { has: page.getByRole('combobox', { name: 'Classes with a name or colour of their own' }) });
      await looks.getByRole('button', { name: 'Add car' }).click();
      await page.getByRole('textbox', { name: 'Name of car' }).fill('汽车');
      assert.equal(await page.getByLabel('Colour of car', { exact: true }).inputValue(), labelColor('car'));
      assert.equal(await button('Usual colour of car').count(), 0);
      await looks.getByRole('combobox').fill('van');
      await page.keyboard.press('Enter');
      await page.getByLabel('Colour of van', { exact: true }).fill('#ff8800');
      await button('Usual colour of bus').focus();
      await page.keyboard.press('Enter');
      await hasFocus('Colour of bus');
      assert.deepEqual(await saved(), [{ path: '/streams/gate', body: { overlay: { names: { bus: '公交车', car: '汽车' }, colors: { van: '#ff8800' } } } }]);
    });

    test('and asks for nothing where nothing was changed', async () => {
      await edit({ title: 'North gate' }, 'Drawn in the picture');
      await checkbox('Trails').check();
      await checkbox('Trails').uncheck();
      assert.deepEqual(await saved(), []);
    });
  });

  describe('changes what is hidden', () => {
    test('by classes that the detectors give, and by others that are typed', async () => {
      await edit({ detectors: [CARS] }, 'Hidden in the picture');
      await page.getByText('all of it is hidden').waitFor();
      assert.deepEqual(await page.getByRole('list', { name: 'Suggestions' }).getByRole('button').allTextContents().then((texts) => texts.map((text) => text.trim())), CARS.classes);
      await button('Add van').click();
      await classes().fill('licence plate');
      await page.keyboard.press('Enter');
      await classes().fill('face, van,');
      await page.getByRole('radio', { name: 'Blur' }).check({ force: true });
      assert.match((await section('Hidden in the picture').textContent())!, /van · licence plate · face/);
      assert.deepEqual(await saved(), [{ path: '/streams/gate', body: { privacy: { classes: ['van', 'licence plate', 'face'], style: 'blur' } } }]);
    });

    test('also by what was typed and not confirmed', async () => {
      await edit({}, 'Hidden in the picture');
      await classes().fill('person');
      assert.deepEqual(await saved(), [{ path: '/streams/gate', body: { privacy: { classes: ['person'] } } }]);
    });

    test('and stops hiding, with the focus left where one can go on', async () => {
      await edit({ privacy: { classes: ['person', 'face'], style: 'pixelate', margin: 0.1, holdMs: 600 } }, 'Hidden in the picture');
      await button('Remove person').focus();
      await page.keyboard.press('Enter');
      await page.getByRole('status').filter({ hasText: 'person was removed.' }).waitFor();
      await hasFocus('Classes to hide');
      assert.deepEqual(await saved(), [{ path: '/streams/gate', body: { privacy: { classes: ['face'] } } }]);
    });

    test('and says beside them what the server finds wrong', async () => {
      await edit({}, 'Hidden in the picture');
      await classes().fill(Array.from({ length: 101 }, (_, index) => index).join(','));
      await button('Save').click();
      await page.locator('framelock-tag-input .error').waitFor();
      assert.equal(await classes().getAttribute('aria-invalid'), 'true');
      await hasFocus('Classes to hide');
      await button(/^Remove 7$/).click();
      await page.locator('framelock-tag-input .error').waitFor({ state: 'detached' });
      opened.expect(/status of 400/);
    });
  });

  test('is gone through by keyboard: a section is opened, changed and saved', async () => {
    await edit();
    await section('Drawn in the picture').focus();
    await page.keyboard.press('Enter');
    const stops: string[] = [];
    for (let i = 0; i < 8; i++) {
      await page.keyboard.press('Tab');
      stops.push(await focused());
    }
    assert.deepEqual(stops, ['Boxes', 'Labels', 'Scores', 'Trails', 'Counts', 'Heat map', 'Zones and lines', 'Whole']);
    await checkbox('Heat map').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.deepEqual(api.calls.map(({ body }) => body), [{ overlay: { heatmap: true } }]);
  });

  for (const width of [400, 1280]) {
    for (const [locale, colorScheme] of [['en-GB', 'light'], ['zh-CN', 'dark']] as const) {
      test(`axe finds nothing, and nothing sticks out, at ${width} pixels, ${locale}, ${colorScheme}`, async () => {
        const names = { person: '行人', ['y'.repeat(100)]: 'n'.repeat(100) };
        const plates = { name: 'plates', model: 'yolox-nano', attach: { to: ['car', 'z'.repeat(100)], minOverlap: 0.8 } };
        await open({ detectors: ['street-nano', 'trucks', CARS, plates], merge: 'wbf', overlay: { ...OVERLAY, names, colors: { person: '#123456' } }, privacy: { classes: ['person', 'x'.repeat(100)], style: 'blur', margin: 0.1, holdMs: 600 } }, { viewport: { width, height: 900 }, locale, colorScheme });
        const fits = async (): Promise<void> => {
          assert.deepEqual(await opened.violations(), []);
          assert.ok(await page.locator('dialog[open]').evaluate((dialog) => dialog.scrollWidth <= dialog.clientWidth));
        };
        await page.locator('.button.primary').first().click();
        await page.locator('.device').last().click();
        await fits();
        await page.keyboard.press('Escape');
        await page.locator('framelock-stream-card button').first().click();
        await page.locator('.row').first().waitFor({ state: 'attached' });
        for (const each of await page.locator('summary').all()) await each.click();
        await page.locator('#deadlineMs').fill('0');
        await page.locator('#mergeIou').fill('2');
        await page.locator('dialog[open] button[type=submit]').click();
        await page.locator('#deadlineMs-error p').waitFor();
        await fits();
      });
    }
  }
});

/** In the page: the accessible name of what has the focus. */
function nameOfFocused(): string {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.getAttribute('aria-label') ?? (element as HTMLInputElement | null)?.labels?.[0]?.textContent?.trim() ?? element?.textContent?.trim() ?? '';
}
