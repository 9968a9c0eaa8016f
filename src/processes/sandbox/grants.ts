import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Access to files for a confined process; a folder includes everything below it. Missing paths are ignored. */
export interface Grants {
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Folders that it may list. */
  readonly list: readonly string[];
  /** It may connect to abstract unix sockets of other programs. */
  readonly abstractSockets?: boolean;
}

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** What Node, libav, fontconfig, the resolver and OpenSSL read; contains no secrets. */
const SYSTEM = [
  ...['/usr', '/bin', '/lib', '/lib64', '/opt'],
  ...['/etc/ld.so.cache', '/etc/ld.so.conf', '/etc/ld.so.conf.d', '/etc/localtime', '/etc/timezone', '/etc/locale.alias'],
  ...['/etc/resolv.conf', '/etc/hosts', '/etc/host.conf', '/etc/nsswitch.conf', '/etc/gai.conf', '/etc/services'],
  ...['/etc/ssl/certs', '/etc/ssl/openssl.cnf', '/etc/ca-certificates', '/etc/pki/tls/certs', '/etc/fonts', '/var/cache/fontconfig'],
  ...['/etc/OpenCL', '/etc/vulkan', '/etc/libva.conf', '/etc/drirc'],
  // Of /proc, only what describes the machine and the process itself.
  ...['/proc/self', '/proc/cpuinfo', '/proc/meminfo', '/proc/stat', '/proc/version', '/proc/sys', '/proc/driver/nvidia', '/proc/devices'],
  '/sys',
];
/** Graphics and capture devices, and harmless ones. */
const DEVICES = [
  ...['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom', '/dev/dri'],
  ...['/dev/nvidiactl', '/dev/nvidia-uvm', '/dev/nvidia-uvm-tools', '/dev/nvidia-modeset', '/dev/nvidia-caps'],
  ...Array.from({ length: 16 }, (_, index) => `/dev/nvidia${index}`),
  ...Array.from({ length: 64 }, (_, index) => `/dev/video${index}`),
];

/**
 * The access of a stream process: its program, the machine's libraries and devices, and further readable folders. Screens need abstract
 * sockets: libxcb tries these first, and gives up if they are forbidden.
 * @param readable folders of media, and of compiled code
 * @param url address of the source
 */
export function streamGrants(entry: string, readable: readonly string[], url = ''): Grants {
  const home = ['.fonts', '.local/share/fonts', '.config/fontconfig', '.Xauthority'].map((name) => join(homedir(), name));
  const program = [dirname(entry), join(ROOT, 'src'), join(ROOT, 'node_modules'), join(ROOT, 'package.json'), dirname(process.execPath)];
  return { read: [...SYSTEM, ...program, ...home, ...readable], write: DEVICES, list: ['/dev'], abstractSockets: url.startsWith('x11:') };
}
