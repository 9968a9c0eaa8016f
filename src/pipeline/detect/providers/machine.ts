import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { arch, cpus, homedir, platform, release } from 'node:os';
import { join } from 'node:path';

/** Where the Vulkan loader looks for drivers besides `VK_*` (LoaderDriverInterface.md); the last is NixOS's. */
const DRIVER_FOLDERS = ['/etc/xdg', '/etc', '/usr/local/etc', '/usr/local/share', '/usr/share', '/run/opengl-driver/share'];
/** Variables that name driver files or folders of them. */
const DRIVER_VARIABLES = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_ADD_DRIVER_FILES'];
const DRI = '/dev/dri';

/** The descriptions of Vulkan drivers that the loader would find here: paths of JSON files. */
export function vulkanDrivers(env: NodeJS.ProcessEnv = process.env): string[] {
  const named = DRIVER_VARIABLES.flatMap((name) => list(env[name]));
  const folders = ['XDG_CONFIG_DIRS', 'XDG_DATA_DIRS', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME'].flatMap((name) => list(env[name]));
  const home = [join(homedir(), '.config'), join(homedir(), '.local/share')];
  const searched = [...home, ...folders, ...DRIVER_FOLDERS].map((folder) => join(folder, 'vulkan/icd.d'));
  const files = [...named, ...searched].flatMap((path) => [path, ...names(path).map((name) => join(path, name))]);
  return [...new Set(files)].filter((path) => path.endsWith('.json') && statSync(path, { throwIfNoEntry: false })?.isFile());
}

/** Graphics devices of this machine that this user may not open. */
export function forbiddenDevices(): string[] {
  return renderDevices().filter((path) => !opens(path));
}

/**
 * What decides, beside the model, whether a provider works and how fast it is: the processor, the system, GPUs and their drivers. Another
 * text means that what was found out is no longer known.
 */
export function machineText(env: NodeJS.ProcessEnv = process.env): string {
  const system = [platform(), release(), arch(), cpus().length, cpus()[0]?.model];
  const drivers = vulkanDrivers(env).map((path) => [path, statSync(path).size, statSync(path).mtimeMs].join(' '));
  const devices = renderDevices().map((path) => `${path} ${opens(path)}`);
  const cards = names('/sys/class/drm').map((card) => [card, text(`/sys/class/drm/${card}/device/vendor`), text(`/sys/class/drm/${card}/device/device`)].join(' '));
  const chosen = Object.entries(env).filter(([name]) => /^(VK_|MESA_|DRI_PRIME)/.test(name)).map((pair) => pair.join('='));
  return JSON.stringify([system, runtimeVersion(), drivers, devices, cards, text('/proc/driver/nvidia/version'), chosen.toSorted()]);
}

function renderDevices(): string[] {
  return names(DRI).filter((name) => name.startsWith('renderD')).map((name) => join(DRI, name));
}

function opens(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    // Absent, or no folder.
    return [];
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function list(value: string | undefined): string[] {
  return (value ?? '').split(':').filter((path) => path !== '');
}

function runtimeVersion(): string {
  return text(new URL('../package.json', import.meta.resolve('onnxruntime-node')).pathname).match(/"version":\s*"([^"]+)"/)?.[1] ?? '';
}
