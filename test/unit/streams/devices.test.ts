import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DevicesView, findDevices, type DevicePlaces } from '../../../src/streams/devices.ts';
import { parseSourceAddress, SOURCE_SCHEMES } from '../../../src/pipeline/source/address.ts';
import { v4l2Input, x11Input } from '../../../src/pipeline/source/live-inputs.ts';
import { temporaryFolder } from '../../support/server.ts';

/** A device as the kernel and udev tell of it. */
interface Told {
  readonly name?: string;
  readonly index?: number;
  /** As udev has it; left out, udev knows nothing. */
  readonly capabilities?: string;
  readonly byId?: string;
  readonly byPath?: string;
  /** Whether there is a device file. */
  readonly file?: boolean;
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let places: DevicePlaces;

beforeEach(async () => {
  folder = await temporaryFolder();
  const at = (name: string): string => join(folder.path, name);
  places = { sysfs: at('sys'), dev: at('dev'), udev: at('udev'), x11: at('x11'), display: undefined };
});
afterEach(() => folder.remove());

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function plugIn(node: string, { name, index, capabilities, byId, byPath, file = true }: Told = {}): Promise<void> {
  const number = `81:${node.replace(/\D/g, '')}`;
  await put(join(places.sysfs, node, 'dev'), `${number}\n`);
  if (name !== undefined) await put(join(places.sysfs, node, 'name'), `${name}\n`);
  if (index !== undefined) await put(join(places.sysfs, node, 'index'), `${index}\n`);
  if (capabilities !== undefined) await put(join(places.udev, `c${number}`), `I:1\nE:ID_V4L_VERSION=2\nE:ID_V4L_CAPABILITIES=${capabilities}\nG:seat\n`);
  if (file) await put(join(places.dev, node), '');
  for (const [kind, link] of [['by-id', byId], ['by-path', byPath]] as const) {
    if (link === undefined) continue;
    await mkdir(join(places.dev, 'v4l', kind), { recursive: true });
    await symlink(`../../${node}`, join(places.dev, 'v4l', kind, link));
  }
}

const find = (schemes: readonly string[] = SOURCE_SCHEMES): Promise<DevicesView> => findDevices(places, schemes);

describe('the cameras of a machine', () => {
  it('are listed by their lasting names, with addresses that sources can have', async () => {
    await plugIn('video10', { name: 'Third' });
    await plugIn('video0', { name: 'HD Pro Webcam C920', byId: 'usb-046d_C920_9F-video-index0', byPath: 'pci-0000:00:14.0-usb-0:2:1.0-video-index0' });
    await plugIn('video2', { name: 'Grabber', byPath: 'pci-0000:00:14.0-usb-0:3:1.0-video-index0' });
    const devices = await find();
    assert.deepEqual(devices.cameras, [
      { name: 'HD Pro Webcam C920', source: 'v4l2:///dev/v4l/by-id/usb-046d_C920_9F-video-index0', device: '/dev/video0' },
      { name: 'Grabber', source: 'v4l2:///dev/v4l/by-path/pci-0000:00:14.0-usb-0:3:1.0-video-index0', device: '/dev/video2' },
      { name: 'Third', source: 'v4l2:///dev/video10', device: '/dev/video10' },
    ]);
    assert.deepEqual(DevicesView.parse(devices), devices);
    for (const { source } of devices.cameras) assert.equal(v4l2Input(parseSourceAddress(source).url).address, source.slice('v4l2://'.length));
  });

  it('are those that give pictures, as udev says', async () => {
    await plugIn('video0', { name: 'Camera', index: 0, capabilities: ':capture:' });
    await plugIn('video1', { name: 'Camera’s metadata', index: 1, capabilities: ':' });
    await plugIn('video2', { name: 'Output', index: 0, capabilities: ':video_output:' });
    await plugIn('video3', { name: 'Second sensor', index: 2, capabilities: ':capture:video_overlay:' });
    assert.deepEqual((await find()).cameras.map(({ name }) => name), ['Camera', 'Second sensor']);
  });

  it('are the first files of devices where udev says nothing', async () => {
    await plugIn('video0', { name: 'Camera', index: 0 });
    await plugIn('video1', { name: 'Camera', index: 1 });
    assert.deepEqual((await find()).cameras.map(({ device }) => device), ['/dev/video0']);
  });

  it('are no radios, no teletext, and none whose file is not here', async () => {
    await plugIn('radio0', { capabilities: ':capture:' });
    await plugIn('vbi0', { capabilities: ':capture:' });
    await plugIn('video4', { file: false });
    await plugIn('video5');
    assert.deepEqual((await find()).cameras, [{ name: '/dev/video5', source: 'v4l2:///dev/video5', device: '/dev/video5' }]);
  });

  it('are known by their device file where their lasting name is none that an address takes', async () => {
    await plugIn('video0', { byId: 'usb-Caméra-index0' });
    assert.equal((await find()).cameras[0]?.source, 'v4l2:///dev/video0');
  });

  it('have a problem where the server may not open them', { skip: process.getuid?.() === 0 ? 'root may open everything' : false }, async () => {
    await plugIn('video0');
    await chmod(join(places.dev, 'video0'), 0);
    assert.equal((await find()).cameras[0]?.problem?.code, 'device-forbidden');
  });
});

describe('the screens of a machine', () => {
  /** An X server as far as it is asked here: it listens. */
  async function listening(number: number): Promise<AsyncDisposable> {
    await mkdir(places.x11, { recursive: true });
    const server = createServer().listen(join(places.x11, `X${number}`));
    await once(server, 'listening');
    return { [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
  }

  it('are those where somebody answers, that of $DISPLAY first', async () => {
    await using _first = await listening(0);
    await using _second = await listening(12);
    await put(join(places.x11, 'X3'), '');
    places = { ...places, display: ':12.1' };
    const { screens } = await find();
    assert.deepEqual(screens, [
      { name: ':12.1', source: 'x11://:12.1' },
      { name: ':0', source: 'x11://:0' },
    ]);
    for (const { source, name } of screens) assert.equal(x11Input(parseSourceAddress(source).url).address, `${name}+0,0`);
  });

  it('are none on other machines, and none of a server that is gone', async () => {
    for (const display of ['far:0', 'localhost:10.0', ':7', 'nonsense', '']) {
      places = { ...places, display };
      assert.deepEqual((await find()).screens, [], display);
    }
  });
});

it('nothing is listed that sources must not be, nor where there is nothing', async () => {
  assert.deepEqual(await find(), { cameras: [], screens: [] });
  await plugIn('video0');
  assert.deepEqual((await find(['x11'])).cameras, []);
  assert.equal((await find(['v4l2'])).cameras.length, 1);
});
