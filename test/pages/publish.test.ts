import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { ProblemError } from '../../src/http/problem.ts';
import { BuiltClient } from '../support/built-client.ts';
import type { Look } from '../support/chromium.ts';
import { ClientPage, UNREACHABLE } from '../support/client-page.ts';
import type { FakeApi } from '../support/fake-api.ts';
import { WhipStandIn } from '../support/whip-stand-in.ts';

const CAMERA = '--use-fake-device-for-media-stream';
const ALLOWED = '--use-fake-ui-for-media-stream';

describe('publishing from a page', () => {
  let client: BuiltClient;
  let opened: ClientPage;
  let api: FakeApi;
  let whip: WhipStandIn;
  let page: Page;

  before(async () => {
    client = await BuiltClient.build();
  });
  after(() => client[Symbol.asyncDispose]());
  afterEach(async () => {
    try {
      await opened[Symbol.asyncDispose]();
    } finally {
      whip[Symbol.dispose]();
    }
  });

  async function open({ path = '/publish', args = [CAMERA, ALLOWED], look = {}, ...options }: { path?: string; args?: string[]; look?: Look; token?: string } = {}): Promise<void> {
    whip = new WhipStandIn();
    opened = await ClientPage.open(client, { path, look: { ...look, args }, live: whip.router, ...options });
    ({ api, page } = opened);
  }

  const publisher = (): Locator => page.locator('framelock-publisher');
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
  const is = (state: string): Promise<void> => page.locator(`framelock-publisher[state=${state}]`).waitFor();
  const says = (text: string): Promise<void> => publisher().getByText(text, { exact: false }).first().waitFor();

  async function preview(): Promise<void> {
    await button('Turn on the camera').click();
    await is('preview');
  }

  async function goLive(): Promise<void> {
    await preview();
    const media = once(whip, 'media');
    await button('Go live').click();
    await is('live');
    await media;
  }

  /** Whether the preview shows pictures, now or soon. */
  function pictures(): Promise<unknown> {
    return publisher().locator('video[part=preview]').evaluate((video: HTMLVideoElement) => new Promise((resolve) => video.requestVideoFrameCallback(resolve)));
  }

  test('shows the camera to its owner alone, then to the server, and what comes back beside it', async () => {
    await open();
    await page.getByRole('textbox', { name: 'Name of the stream' }).fill('desk');
    await preview();
    await pictures();
    assert.equal(whip.posts.length, 0);
    assert.equal(await publisher().locator('framelock-player').count(), 0);
    const media = once(whip, 'media');
    await button('Go live').click();
    await is('live');
    await media;
    assert.equal(whip.posts[0]?.stream, 'desk');
    assert.equal(await publisher().locator('framelock-player').getAttribute('src'), '/live/desk');
    await publisher().getByText(/\d+ × \d+/).waitFor();
    await pictures();
  });

  const firstCodec = (offer: string): string => {
    const [, first] = /m=video \d+ \S+ (\d+)/.exec(offer)!;
    return new RegExp(`a=rtpmap:${first} (\\S+)`).exec(offer)![1]!;
  };

  test('offers the picture in H.264 and one size, and no sound', async () => {
    await open();
    await publisher().evaluate((publisher) => publisher.setAttribute('layers', 'off'));
    await goLive();
    const { offer, scalabilityMode } = whip.posts[0]!;
    assert.deepEqual([firstCodec(offer), scalabilityMode], ['H264/90000', undefined]);
    assert.doesNotMatch(offer, /m=audio|a=simulcast/);
  });

  test('offers it in three sizes as one stream of VP9 where it is to', async () => {
    await open();
    await publisher().evaluate((publisher) => publisher.setAttribute('layers', 'on'));
    await goLive();
    const { offer, scalabilityMode } = whip.posts[0]!;
    assert.deepEqual([firstCodec(offer), scalabilityMode], ['VP9/90000', 'L3T1']);
    await publisher().getByText('3 layers').waitFor();
  });

  test('sends sound when the microphone is on', async () => {
    await open();
    await button('Microphone').click();
    await goLive();
    assert.match(whip.posts[0]!.offer, /m=audio/);
  });

  test('publishes anew for sound that was not there before', async () => {
    await open();
    await goLive();
    const changed = Promise.all([once(whip, 'post'), once(whip, 'delete')]);
    await button('Microphone').click();
    await changed;
    await is('live');
    assert.match(whip.posts[1]!.offer, /m=audio/);
    assert.deepEqual(whip.deletes, ['1']);
  });

  test('ends the stream by Stop, and lets go of the camera', async () => {
    await open();
    await goLive();
    const track = await publisher().locator('video[part=preview]').evaluateHandle((video: HTMLVideoElement) => (video.srcObject as MediaStream).getVideoTracks()[0]!);
    const ended = once(whip, 'delete');
    await button('Stop').click();
    await ended;
    await is('idle');
    assert.deepEqual(whip.deletes, ['1']);
    assert.equal(await track.evaluate(({ readyState }) => readyState), 'ended');
    await button('Turn on the camera').waitFor();
  });

  test('ends the stream when the page is left', async () => {
    await open();
    await goLive();
    const ended = once(whip, 'delete');
    await page.goto('about:blank');
    await ended;
    assert.deepEqual(whip.deletes, ['1']);
  });

  test('sends the token, and says when it is the wrong one', async () => {
    await open({ token: 'right' });
    await page.getByLabel('Access token').fill('right');
    await button('Continue').click();
    await goLive();
    await button('Stop').click();
    await publisher().evaluate((element) => Object.assign(element, { token: 'wrong' }));
    await preview();
    await button('Go live').click();
    await is('failed');
    await says('The server asks for a token');
    assert.equal(whip.posts.length, 1);
    opened.expect(/status of 401/);
  });

  test('says that the name is taken, and publishes as soon as it is not', async () => {
    await open();
    whip.refusal = new ProblemError({ status: 409, detail: 'Somebody publishes “desk” already.', code: 'publisher-exists' });
    await preview();
    await button('Go live').click();
    await is('failed');
    await says('The name is taken');
    await says('Somebody publishes “desk” already.');
    whip.refusal = undefined;
    await button('Try again').click();
    await is('live');
    opened.expect(/status of 409/);
  });

  test('comes back by itself when the server was gone', async () => {
    await open();
    await goLive();
    await api.goAway();
    whip.endAll();
    await is('retrying');
    await says('The server can’t be reached');
    const media = once(whip, 'media');
    await api.comeBack();
    await is('live');
    await media;
    assert.equal(whip.posts.length, 2);
    opened.expect(UNREACHABLE);
    // Of the session that was.
    opened.expect(/status of 404/);
  });

  test('waits for a server that is not ready', async () => {
    await open();
    whip.refusal = new ProblemError({ status: 503, detail: 'The media worker starts.', headers: { 'Retry-After': '1' } });
    await preview();
    await button('Go live').click();
    await is('retrying');
    await says('The media worker starts.');
    whip.refusal = undefined;
    await is('live');
    opened.expect(/status of 503/);
  });

  test('does not take the name back from somebody who took it', async () => {
    await open();
    await page.getByRole('textbox', { name: 'Name of the stream' }).fill('desk');
    await goLive();
    api.put('desk', { state: 'live' });
    whip.endAll();
    await is('failed');
    await says('Somebody else is live under this name');
    assert.equal(whip.posts.length, 1);
    opened.expect(/status of 404/);
  });

  test('opens a camera again that was lost, and goes on in the same session', async () => {
    await open();
    await goLive();
    const states = await publisher().evaluate((element) => {
      const states: string[] = [];
      element.addEventListener('framelock-publisher-state', (event) => states.push((event as CustomEvent<{ state: string }>).detail.state));
      const video = element.shadowRoot!.querySelector<HTMLVideoElement>('video[part=preview]')!;
      const before = (video.srcObject as MediaStream).getVideoTracks()[0]!;
      // What a browser does when the cable is pulled.
      before.dispatchEvent(new Event('ended'));
      let shown = false;
      return new Promise<string[]>((resolve) => {
        const look = (): void => {
          if (shown && states.includes('live')) resolve(states);
        };
        element.addEventListener('framelock-publisher-state', look);
        video.addEventListener('loadeddata', () => {
          shown ||= (video.srcObject as MediaStream).getVideoTracks()[0] !== before;
          look();
        });
      });
    });
    assert.deepEqual(states, ['retrying', 'live']);
    assert.equal(whip.posts.length, 1);
  });

  test('goes on with a screen instead of the camera in the same session', async () => {
    await open();
    await goLive();
    await publisher().getByRole('combobox', { name: 'Camera' }).waitFor();
    await publisher().getByRole('radio', { name: 'Screen' }).check({ force: true });
    await publisher().locator('video[part=preview]:not(.mirrored)').waitFor();
    await is('live');
    assert.equal(whip.posts.length, 1);
  });

  test('several publish from one page', async () => {
    await open({ path: '/' });
    const body = `<!doctype html><link rel="icon" href="data:,">${['one', 'two'].map((id) => `<framelock-publisher src="/live/${id}"></framelock-publisher>`).join('')}
      <script type="module" src="/framelock-elements.js"></script>`;
    await page.route('**/foreign', (route) => route.fulfill({ contentType: 'text/html', body }));
    await page.goto(`${api.url}/foreign`);
    const media = Promise.all([once(whip, 'media'), once(whip, 'post')]);
    await page.evaluate(async () => {
      for (const element of document.querySelectorAll('framelock-publisher')) await (element as HTMLElement & { goLive(): Promise<void> }).goLive();
    });
    await page.locator('framelock-publisher[state=live]').nth(1).waitFor();
    await media;
    assert.deepEqual(whip.posts.map(({ stream }) => stream).sort(), ['one', 'two']);
    const ended = once(whip, 'delete');
    await page.locator('framelock-publisher').first().evaluate((element) => element.remove());
    await ended;
    await page.locator('framelock-publisher[state=live]').waitFor();
    // A page that did not come from the server may not open sockets to this machine.
    opened.expect(/ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS/);
  });

  test('says what to do where the camera is denied', async () => {
    await open({ args: [CAMERA, '--deny-permission-prompts'] });
    await button('Turn on the camera').click();
    await is('failed');
    await says('Allow this page the use of camera');
    await button('Try again').waitFor();
  });

  test('says what to do where there is no camera', async () => {
    await open({ args: [ALLOWED] });
    await button('Turn on the camera').click();
    await is('failed');
    await says('Connect a camera');
  });

  test('says what to do where another program has the camera', async () => {
    await open();
    // No second program is to be had here: it is what browsers throw then.
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Could not start video source', 'NotReadableError'));
    });
    await button('Turn on the camera').click();
    await is('failed');
    await says('Another program has it.');
  });

  test('says what to do where browsers give no camera for want of HTTPS', async () => {
    await open({ args: [CAMERA, ALLOWED, '--host-resolver-rules=MAP cam.example 127.0.0.1'] });
    await page.goto(`http://cam.example:${new URL(api.url).port}/publish`);
    await button('Turn on the camera').click();
    await is('failed');
    await says('Open this page by https://');
    assert.equal(await publisher().getByRole('radio', { name: 'Screen' }).count(), 0);
  });

  test('leaves a microphone that is denied alone, and says so beside the picture', async () => {
    await open();
    await goLive();
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
    });
    await button('Microphone').click();
    await page.getByRole('alert').getByText('Allow this page the use of camera').waitFor();
    await is('live');
    assert.equal(whip.posts.length, 1);
  });

  test('says beside the name what is wrong with it', async () => {
    await open();
    const name = page.getByRole('textbox', { name: 'Name of the stream' });
    assert.match(await name.inputValue(), /^cam-[a-z0-9]{4}$/);
    await name.fill('My Camera');
    await page.locator('#name-error').getByText('not starting with').waitFor();
    assert.equal(await name.getAttribute('aria-invalid'), 'true');
    assert.equal(await page.getByRole('link', { name: 'Watch' }).count(), 0);
    await name.fill('my-camera');
    assert.equal(await page.getByRole('link', { name: 'Watch' }).getAttribute('href'), '/watch/my-camera');
    await page.reload();
    assert.equal(await name.inputValue(), 'my-camera');
  });

  test('is found from the overview', async () => {
    await open({ path: '/' });
    await page.getByRole('link', { name: 'Publish a camera' }).click();
    await page.waitForURL(`${api.url}/publish`);
    await page.getByRole('heading', { name: 'Publish', level: 1 }).waitFor();
  });

  describe('for everybody', () => {
    test('the way to a stream and back is one button by keyboard', async () => {
      await open();
      await button('Turn on the camera').focus();
      for (const state of ['preview', 'live', 'idle', 'preview']) {
        await page.keyboard.press('Enter');
        await is(state);
      }
      await page.locator('framelock-publisher .button.primary:focus').waitFor();
    });

    for (const [colorScheme, locale] of [['light', 'en-GB'], ['dark', 'zh-CN']] as const) {
      test(`axe finds nothing in ${colorScheme}, ${locale}`, async () => {
        await open({ look: { colorScheme, locale } });
        const next = (): Promise<void> => publisher().locator('.actions .button').last().click();
        await next();
        await is('preview');
        assert.deepEqual(await opened.violations(), [], 'preview');
        await next();
        await is('live');
        assert.deepEqual(await opened.violations(), [], 'live');
        await next();
        await is('idle');
        assert.deepEqual(await opened.violations(), [], 'idle');
        whip.refusal = new ProblemError({ status: 409, detail: 'Taken.' });
        await next();
        await is('preview');
        await next();
        await is('failed');
        await page.locator('#name').fill('?');
        assert.deepEqual(await opened.violations(), [], 'failed');
        opened.expect(/status of 409/);
      });
    }

    for (const [width, height] of [[400, 800], [3840, 2160]] as const) {
      test(`nothing sticks out at ${width} pixels`, async () => {
        await open({ look: { viewport: { width, height } } });
        await button('Microphone').click();
        await goLive();
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
      });
    }
  });
});
