import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import type { StreamView } from '../../src/streams/view.ts';
import { BuiltClient } from '../support/built-client.ts';
import type { Look } from '../support/chromium.ts';
import { ClientPage } from '../support/client-page.ts';
import type { FakeApi } from '../support/fake-api.ts';

const YARD = { name: 'Yard', points: [[0.2, 0.3], [0.6, 0.3], [0.6, 0.8], [0.2, 0.8]] as [number, number][] };
const DOOR = { name: 'Door', from: [0.7, 0.2] as [number, number], to: [0.7, 0.8] as [number, number] };
/** How far from where it was aimed at a click may land, as a fraction of the frame: half a pixel, and its rounding. */
const AIM = 0.005;

type Saved = Pick<StreamView, 'zones' | 'lines'>;

describe('zones and lines on the page of a stream', () => {
  let client: BuiltClient;
  let opened: ClientPage;
  let api: FakeApi;
  let page: Page;

  before(async () => {
    client = await BuiltClient.build();
  });
  after(() => client[Symbol.asyncDispose]());
  afterEach(() => opened[Symbol.asyncDispose]());

  async function open(changes: Partial<StreamView> = {}, look: Look = {}): Promise<void> {
    opened = await ClientPage.open(client, { path: '/watch/gate', look, prepare: (api) => api.put('gate', { title: 'North gate', ...changes }) });
    ({ api, page } = opened);
  }

  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
  const field = (name: string): Locator => page.getByLabel(name);
  const canvas = (): Locator => page.locator('svg.canvas');

  /** Where a place of the picture is on the page, once that does not move any more. */
  async function place([x, y]: readonly [number, number]): Promise<{ x: number; y: number }> {
    const { left, top, width, height } = await canvas().evaluate(async (canvas) => {
      for (let before = ''; ; await new Promise(requestAnimationFrame)) {
        const { left, top, width, height } = canvas.getBoundingClientRect();
        const box = { left, top, width, height };
        if (JSON.stringify(box) === before) return box;
        before = JSON.stringify(box);
      }
    });
    // 16:9, as large as it fits.
    const scale = Math.min(width / 16, height / 9);
    return { x: left + width / 2 + (x - 0.5) * 16 * scale, y: top + height / 2 + (y - 0.5) * 9 * scale };
  }

  async function click(at: readonly [number, number]): Promise<void> {
    const { x, y } = await place(at);
    await page.mouse.click(x, y);
  }

  async function drag(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
    const [start, end] = [await place(from), await place(to)];
    await page.mouse.move(start.x, start.y);
    await page.mouse.down();
    await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2);
    await page.mouse.move(end.x, end.y);
    await page.mouse.up();
  }

  /** What is sent when it is saved; the editor is gone then. */
  async function save(): Promise<Saved> {
    await button('Save').click();
    await canvas().waitFor({ state: 'detached' });
    const sent = api.calls.at(-1);
    assert.deepEqual([sent?.method, sent?.path], ['PATCH', '/streams/gate']);
    return sent!.body as Saved;
  }

  function near(actual: readonly (readonly number[])[] | undefined, expected: readonly (readonly number[])[]): void {
    assert.equal(actual?.length, expected.length, JSON.stringify(actual));
    for (const [i, point] of expected.entries()) {
      for (const [axis, value] of point.entries()) assert(Math.abs(actual[i]![axis]! - value) <= AIM, `${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
    }
  }

  test('a zone is drawn by clicking its corners, named, and saved', async () => {
    await open();
    await button('Draw zones').click();
    await button('Draw a zone').click();
    for (const corner of [[0.2, 0.3], [0.6, 0.3], [0.5, 0.8]] as const) await click(corner);
    await click([0.201, 0.302]);
    await field('Name').fill('North yard');
    await field('Classes, with commas').fill('person, car ,');
    await field('Stays at least, in seconds').fill('2.5');
    const { zones, lines } = await save();
    assert.deepEqual(lines, []);
    assert.deepEqual({ ...zones[0], points: [] }, { name: 'North yard', classes: ['person', 'car'], points: [], minDwellMs: 2500 });
    near(zones[0]?.points, [[0.2, 0.3], [0.6, 0.3], [0.5, 0.8]]);
    await page.getByRole('heading', { name: 'North yard' }).waitFor();
  });

  test('a line is drawn by clicking its ends, and turned round', async () => {
    await open();
    await button('Draw zones').click();
    await button('Draw a line').click();
    await click([0.3, 0.2]);
    await click([0.3, 0.9]);
    await button('Swap in and out').click();
    const { lines } = await save();
    assert.equal(lines[0]?.name, 'Line 1');
    near([lines[0].from, lines[0].to], [[0.3, 0.9], [0.3, 0.2]]);
  });

  test('corners are dragged, added and removed, a whole zone is moved, and each step is undone', async () => {
    await open({ zones: [YARD] });
    await button('Draw zones').click();
    await drag([0.2, 0.3], [0.1, 0.1]);
    await drag([0.6, 0.55], [0.9, 0.55]);
    assert.equal(await page.locator('[data-point]').count(), 5, 'an edge was pulled out into a corner');
    await drag([0.4, 0.6], [0.4, 0.7]);
    await button('Undo').click();
    await page.getByRole('button', { name: /corner 5 of 5/ }).focus();
    await page.keyboard.press('Delete');
    await page.getByRole('button', { name: /corner 4 of 4/ }).waitFor();
    const { zones } = await save();
    near(zones[0]?.points, [[0.1, 0.1], [0.6, 0.3], [0.9, 0.55], [0.6, 0.8]]);
  });

  test('a zone is moved as a whole, as far as the picture goes', async () => {
    await open({ zones: [YARD] });
    await button('Draw zones').click();
    await drag([0.4, 0.55], [0.3, 0.95]);
    near((await save()).zones[0]?.points, [[0.1, 0.5], [0.5, 0.5], [0.5, 1], [0.1, 1]]);
  });

  test('everything can be done with the keyboard', async () => {
    await open();
    await button('Draw zones').focus();
    await page.keyboard.press('Enter');
    await button('Draw a zone').focus();
    await page.keyboard.press('Enter');
    const corner = (n: number, of: number): Locator => page.getByRole('button', { name: new RegExp(`Zone 1, corner ${n} of ${of}`) });
    await corner(1, 4).and(page.locator(':focus')).waitFor();
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('ArrowUp');
    await page.getByRole('status').filter({ hasText: '20 % from the left, 39.5 % from the top' }).waitFor();
    await page.keyboard.press('+');
    await corner(2, 5).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('Tab');
    await corner(3, 5).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Delete');
    await corner(2, 4).and(page.locator(':focus')).waitFor();
    await button('Save').focus();
    await page.keyboard.press('Enter');
    await canvas().waitFor({ state: 'detached' });
    near((api.calls.at(-1)?.body as Saved).zones[0]?.points, [[0.2, 0.395], [0.425, 0.3475], [0.65, 0.75], [0.35, 0.75]]);
  });

  test('what is wrong is said where it is wrong, and nothing is lost', async () => {
    await open({ zones: [YARD], lines: [DOOR] });
    await button('Draw zones').click();
    await drag([0.2, 0.3], [0.9, 0.6]);
    await button('Save').click();
    await page.getByText('Its edges must not cross or touch.').waitFor();
    await button('Undo').click();
    await field('Name').fill('-nothing-');
    await button('Save').click();
    await page.getByText(/Must be 1 to 60 letters/).waitFor();
    await field('Name').fill('Door');
    const { zones, lines } = await save();
    assert.deepEqual([zones[0]?.name, lines[0]?.name], ['Door', 'Door'], 'a zone and a line may have the same name');
    opened.expect(/status of 400/);
  });

  test('what was drawn is left with Cancel, and removed with its button', async () => {
    await open({ zones: [YARD], lines: [DOOR] });
    await button('Draw zones').click();
    await button('Remove Yard').click();
    await button('Cancel').click();
    assert.deepEqual(api.calls, []);
    await button('Draw zones').click();
    await button('Remove Yard').click();
    assert.deepEqual(await save(), { zones: [], lines: [DOOR] });
  });

  test('what they count is shown, with the last hour', async () => {
    await open({ zones: [YARD], lines: [DOOR] });
    await page.getByRole('heading', { name: 'Counted' }).waitFor();
    await page.getByText('330').waitFor();
    await page.getByText('4.5 s').waitFor();
    await page.getByRole('img', { name: /Yard: who came in/ }).waitFor();
    await page.getByRole('img', { name: /Door: in above/ }).waitFor();
  });

  test('it is accessible, dark and light, also in Chinese and on a small screen', async () => {
    for (const look of [{ colorScheme: 'dark' }, { colorScheme: 'light', locale: 'zh-CN' }, { viewport: { width: 390, height: 800 } }] as const) {
      await open({ zones: [YARD], lines: [DOOR] }, look);
      await button(/Draw zones|绘制区域/).click();
      await page.locator('[data-point="0"]').waitFor();
      assert.deepEqual(await opened.violations(), []);
      await button(/Draw a zone|绘制区域/).click();
      assert.deepEqual(await opened.violations(), []);
      const shots = process.env['FRAMELOCK_SHOTS'];
      if (shots !== undefined) await page.screenshot({ path: `${shots}/zones-${JSON.stringify(look).replace(/\W+/g, '-')}.png`, fullPage: true });
      if (!('viewport' in look)) await opened[Symbol.asyncDispose]();
    }
  });
});
