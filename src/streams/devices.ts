import { access, constants, readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { Problem } from '../pipeline/media/info.ts';
import { CAMERA_PATH, DISPLAY } from '../pipeline/source/address.ts';

/** A camera (V4L2) of this machine. */
const CameraView = z.strictObject({
  /** Name given by the driver. */
  name: z.string(),
  /** Address for a stream's `source`: by the device's persistent name if it has one, which survives plugging cameras in another order. */
  source: z.string(),
  /** Its device file, such as `/dev/video0`. */
  device: z.string(),
  /** Why it can't be used. */
  problem: Problem.optional(),
});
export type CameraView = z.infer<typeof CameraView>;

/** A screen (X11) of this machine. */
const ScreenView = z.strictObject({
  /** The display, such as `:0`. */
  name: z.string(),
  source: z.string(),
});
export type ScreenView = z.infer<typeof ScreenView>;

/** Devices of this machine that can be sources, as `/api/devices` shows them. */
export const DevicesView = z.strictObject({ cameras: z.array(CameraView), screens: z.array(ScreenView) });
export type DevicesView = z.infer<typeof DevicesView>;

/** Where the machine lists its devices. */
export interface DevicePlaces {
  /** The kernel's list of V4L2 devices. */
  readonly sysfs: string;
  /** Folder of device files. */
  readonly dev: string;
  /** udev's database; need not exist. */
  readonly udev: string;
  /** Sockets of X servers. */
  readonly x11: string;
  /** `$DISPLAY`. */
  readonly display: string | undefined;
}

export function devicePlaces(env: NodeJS.ProcessEnv = process.env): DevicePlaces {
  return { sysfs: '/sys/class/video4linux', dev: '/dev', udev: '/run/udev/data', x11: '/tmp/.X11-unix', display: env['DISPLAY'] };
}

/** Time limit for an X server to accept a connection, in milliseconds. */
const ANSWER_LIMIT_MS = 1000;

/**
 * Lists cameras and screens without opening them: opening would switch on their lights, or disturb other programs.
 * @param schemes schemes that sources may have; devices of other schemes are not listed
 */
export async function findDevices(places: DevicePlaces, schemes: readonly string[]): Promise<DevicesView> {
  const [cameras, screens] = await Promise.all([schemes.includes('v4l2') ? findCameras(places) : [], schemes.includes('x11') ? findScreens(places) : []]);
  return { cameras, screens };
}

async function findCameras(places: DevicePlaces): Promise<CameraView[]> {
  const nodes = (await names(places.sysfs)).filter((name) => /^video\d+$/.test(name)).toSorted(byNumber);
  const [byId, byPath] = await Promise.all([links(places.dev, 'by-id'), links(places.dev, 'by-path')]);
  const found = await Promise.all(
    nodes.map(async (node): Promise<CameraView | undefined> => {
      if (!(await captures(places, node))) return undefined;
      const refusal = await refusalOf(join(places.dev, node));
      // A container sees all devices of the kernel, but only the device files that it was given.
      if (refusal === 'ENOENT') return undefined;
      const device = `/dev/${node}`;
      return {
        name: (await text(join(places.sysfs, node, 'name'))) ?? device,
        source: `v4l2://${byId.get(node) ?? byPath.get(node) ?? device}`,
        device,
        ...(refusal === undefined ? {} : { problem: { code: 'device-forbidden', message: `The server may not open ${device}: add its user to the group “video”.` } }),
      };
    }),
  );
  return found.filter((camera) => camera !== undefined);
}

/**
 * Whether a device node captures video. udev has asked the device when it was plugged in; without udev, it is the first node of a device:
 * cameras have their metadata on the second.
 */
async function captures({ sysfs, udev }: DevicePlaces, node: string): Promise<boolean> {
  const number = await text(join(sysfs, node, 'dev'));
  const facts = number === undefined ? undefined : await text(join(udev, `c${number}`));
  const capabilities = facts === undefined ? undefined : /^E:ID_V4L_CAPABILITIES=(.*)$/m.exec(facts)?.[1];
  if (capabilities !== undefined) return capabilities.includes(':capture:');
  return ((await text(join(sysfs, node, 'index'))) ?? '0') === '0';
}

/** udev's persistent names, by device file: `video0` → `/dev/v4l/by-id/…`. */
async function links(dev: string, kind: 'by-id' | 'by-path'): Promise<ReadonlyMap<string, string>> {
  const folder = join(dev, 'v4l', kind);
  const found = await Promise.all(
    (await names(folder)).map(async (name): Promise<[string, string][]> => {
      const target = await readlink(join(folder, name)).catch(() => undefined);
      const path = `/dev/v4l/${kind}/${name}`;
      return target === undefined || !CAMERA_PATH.test(path) ? [] : [[basename(target), path]];
    }),
  );
  return new Map(found.flat());
}

/** Screens of the X servers that answer; the one of `$DISPLAY` comes first. */
async function findScreens({ x11, display }: DevicePlaces): Promise<ScreenView[]> {
  const own = display !== undefined && DISPLAY.test(display) ? display : undefined;
  const sockets = (await names(x11)).filter((name) => /^X\d+$/.test(name)).toSorted(byNumber);
  const displays = sockets.map((name) => `:${name.slice(1)}`).filter((name) => name !== own?.replace(/\.\d+$/, ''));
  const all = [...(own === undefined ? [] : [own]), ...displays];
  const answering = await Promise.all(all.map((name) => answers(x11, name)));
  return all.filter((_, index) => answering[index]).map((name) => ({ name, source: `x11://${name}` }));
}

/** Whether an X server answers: the socket of a killed one stays. Some listen in the abstract namespace only. */
async function answers(folder: string, display: string): Promise<boolean> {
  const path = join(folder, `X${/\d+/.exec(display)![0]}`);
  return (await accepts(path)) || (await accepts(`\0${path}`));
}

async function accepts(path: string): Promise<boolean> {
  const socket = connect({ path, timeout: ANSWER_LIMIT_MS });
  try {
    return await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('timeout', () => resolve(false)).once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

async function refusalOf(path: string): Promise<string | undefined> {
  return access(path, constants.R_OK | constants.W_OK).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code ?? 'EIO',
  );
}

/** The entries of a folder, which need not exist. */
async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** The text of a file, which need not exist. */
async function text(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').then((read) => read.trim(), () => undefined);
}

function byNumber(a: string, b: string): number {
  return Number(/\d+$/.exec(a)?.[0]) - Number(/\d+$/.exec(b)?.[0]);
}
