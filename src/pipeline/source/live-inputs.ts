import type { PushedFeed } from '../ipc/feeds.ts';
import { CAMERA_PATH, DISPLAY, publicAddress } from './address.ts';
import { certificateProblem, libavTrust } from './certificates.ts';
import { TRUST_ANY, type SourceTrust } from './trust.ts';
import type { LiveInput } from './live-source.ts';
import { SourceError } from './source.ts';

/** Microseconds, as libav takes its time-outs, without a byte until a connection is given up. */
const TIMEOUT_US = 10_000_000;

/** Nobody waits for frames to be counted. What is read while it is found out what comes is kept, since it holds the first key frame. */
const LOW_LATENCY = { fpsprobesize: 0 };

/** A stream without a header tells what it is with its next key frame: microseconds and bytes to wait for it. */
const UNTIL_KEY_FRAME = { analyzeduration: 3_000_000, probesize: 2_000_000 };

/** RFC 2326, over TCP unless `transport=udp` or `udp_multicast` is in the address. */
export function rtspInput(url: URL, trust = TRUST_ANY): LiveInput {
  const address = new URL(url);
  const transport = take(address, 'transport', ['tcp', 'udp', 'udp_multicast']) ?? 'tcp';
  return {
    address: address.href,
    format: 'rtsp',
    described: true,
    protocols: ['rtsp', 'rtsps', 'tcp', 'tls', 'udp', 'rtp'],
    options: {
      ...LOW_LATENCY,
      analyzeduration: 1_000_000,
      probesize: 1_000_000,
      allowed_media_types: 'video+audio',
      rtsp_transport: transport,
      timeout: TIMEOUT_US,
      // Over TCP nothing comes in another order.
      reorder_queue_size: transport === 'tcp' ? 0 : 100,
      max_delay: 200_000,
      ...libavTrust(trust),
    },
    ...explained(url, trust, 322),
  };
}

export function rtmpInput(url: URL, trust = TRUST_ANY): LiveInput {
  return {
    address: url.href,
    format: 'flv',
    protocols: ['rtmp', 'rtmps', 'tcp', 'tls'],
    options: { ...LOW_LATENCY, analyzeduration: 1_000_000, rtmp_live: 'live', rw_timeout: TIMEOUT_US, ...libavTrust(trust) },
    ...explained(url, trust, 443),
  };
}

/** What somebody pushes, as it comes from the control process: it begins with a key frame, which is kept while it is found out what comes. */
export function pushedInput({ flv }: PushedFeed): LiveInput {
  return {
    address: flv,
    format: 'flv',
    protocols: ['http', 'tcp'],
    options: { fpsprobesize: 0, analyzeduration: 1_000_000, probesize: 5_000_000, rw_timeout: TIMEOUT_US, seekable: 0 },
  };
}

/** MPEG-TS in datagrams; an address of a group is joined. */
export function udpInput(url: URL): LiveInput {
  const { address, options } = withOptions(url, ['localaddr', 'sources']);
  return {
    address,
    format: 'mpegts',
    protocols: ['udp'],
    options: { ...LOW_LATENCY, ...UNTIL_KEY_FRAME, fifo_size: 57_344, overrun_nonfatal: 1, timeout: TIMEOUT_US, ...options },
  };
}

/** MPEG-TS over SRT; `latency` is in milliseconds, as in every other program. */
export function srtInput(url: URL): LiveInput {
  const { address, options } = withOptions(url, ['mode', 'streamid', 'passphrase', 'pbkeylen', 'latency']);
  if (options['latency'] !== undefined) options['latency'] = String(Number(options['latency']) * 1000);
  return {
    address,
    format: 'mpegts',
    protocols: ['srt'],
    options: { ...LOW_LATENCY, ...UNTIL_KEY_FRAME, timeout: TIMEOUT_US, ...options },
  };
}

/** A camera of this machine: `v4l2:///dev/video0?size=1280x720&fps=30`. */
export function v4l2Input(url: URL): LiveInput {
  const path = decodeURIComponent(url.pathname);
  if (url.host !== '' || !CAMERA_PATH.test(path)) {
    throw new SourceError('source-address', 'A camera is given as v4l2:///dev/video0.');
  }
  return { address: path, format: 'v4l2', protocols: ['file'], options: { ...LOW_LATENCY, ...grabbed(url) } };
}

/** A screen of this machine: `x11://:0`, `x11://:0.0?size=1280x720&fps=15&x=100&y=100`. */
export function x11Input(url: URL): LiveInput {
  const display = decodeURIComponent(url.pathname).replace(/^\//, '');
  if (url.host !== '' || !DISPLAY.test(display)) throw new SourceError('source-address', 'A screen is given as x11://:0.');
  const [x, y] = ['x', 'y'].map((name) => String(Number(url.searchParams.get(name) ?? 0) | 0));
  const grab = grabbed(url);
  return { address: `${display}+${x},${y}`, format: 'x11grab', protocols: [], options: { ...LOW_LATENCY, framerate: '25', ...grab } };
}

function grabbed(url: URL): Record<string, string> {
  const size = take(new URL(url), 'size', /^\d{2,5}x\d{2,5}$/);
  const fps = take(new URL(url), 'fps', /^\d{1,3}(\.\d+)?$/);
  return { ...(size === undefined ? {} : { video_size: size }), ...(fps === undefined ? {} : { framerate: fps }) };
}

/** @param standard the port where the address names none */
function explained(url: URL, trust: SourceTrust, standard: number): Pick<LiveInput, 'explain'> {
  if (!/^(rtsps|rtmps):$/.test(url.protocol)) return {};
  return { explain: () => certificateProblem(trust, { name: publicAddress(url), host: url.hostname, port: Number(url.port || standard) }) };
}

/** Takes an option of ours out of an address. */
function take(url: URL, name: string, allowed: readonly string[] | RegExp): string | undefined {
  const value = url.searchParams.get(name);
  if (value === null) return undefined;
  if (allowed instanceof RegExp ? !allowed.test(value) : !allowed.includes(value)) {
    throw new SourceError('source-address', `“${value}” is nothing that ${name} can be${allowed instanceof RegExp ? '' : `: ${allowed.join(', ')}`}.`);
  }
  url.searchParams.delete(name);
  return value;
}

/** An address without its query, and those of the query's parameters that libav may be told. */
function withOptions(url: URL, allowed: readonly string[]): { address: string; options: Record<string, string> } {
  for (const name of url.searchParams.keys()) {
    if (!allowed.includes(name)) throw new SourceError('source-address', `The address has an option “${name}”; known are ${allowed.join(', ')}.`);
  }
  const address = new URL(url);
  address.search = '';
  address.hash = '';
  return { address: address.href, options: Object.fromEntries(url.searchParams) };
}
