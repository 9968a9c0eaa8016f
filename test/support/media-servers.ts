import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, watch, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TlsFiles } from './certificate.ts';

/** A program of somebody else that serves or sends media. */
export interface MediaServer extends AsyncDisposable {
  /** Ends it as a failure would. */
  kill(): Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  readonly pid: number;
}

/** Resolves when a file is in a folder. */
export async function untilFile(folder: string, name: string): Promise<void> {
  const done = new AbortController();
  const changes = watch(folder, { signal: AbortSignal.any([done.signal, AbortSignal.timeout(60_000)]) });
  // The watch begins with the first wait: only then does no file come in between.
  let change = changes.next();
  try {
    for (; !existsSync(join(folder, name)); change = changes.next()) await change;
  } finally {
    change.catch(() => undefined);
    done.abort();
  }
}

/** ffmpeg's moving test picture as fast as it can be encoded; any viewer can join within half a second. */
export const ENCODED = [
  ...['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25', '-pix_fmt', 'yuv420p'],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '12', '-threads', '1'],
];

/** The same at its own speed, without an end. */
export const TEST_PICTURE = ['-re', ...ENCODED];

/** ffmpeg with these arguments. */
export async function runFfmpeg(...args: string[]): Promise<MediaServer> {
  return serve(spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...args], { stdio: 'ignore' }));
}

/** How GStreamer's RTSP server encodes; `h264-b` has B-frames. */
export type RtspCodec = 'h264' | 'h264-b' | 'h265' | 'mjpeg';

export interface RtspServerOptions {
  readonly codec?: RtspCodec;
  /** User and password, asked for by Digest. */
  readonly credentials?: readonly [string, string];
  /** Its certificate, for RTSPS. */
  readonly tls?: TlsFiles;
  /** JPEG files, such as `/folder/%05d.jpg`, and how many a second; left out, a ball bounces. */
  readonly pictures?: { readonly pattern: string; readonly fps: number };
}

/** GStreamer's RTSP server with a moving picture and a tone at `/live`. */
export async function runRtspServer(port: number, { codec = 'h264', credentials, tls, pictures }: RtspServerOptions = {}): Promise<MediaServer> {
  const script = join(import.meta.dirname, 'rtsp-server.py');
  const more = [
    ...(credentials === undefined ? [] : ['--credentials', ...credentials]),
    ...(tls === undefined ? [] : ['--tls', tls.certificate, tls.key]),
    ...(pictures === undefined ? [] : ['--pictures', pictures.pattern, String(pictures.fps)]),
  ];
  const child = spawn('/usr/bin/python3', [script, String(port), codec, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return serve(child);
}

/** nginx with its RTMP module; what is published under `/app` can be pulled there. */
export async function runRtmpServer(port: number, folder: string): Promise<MediaServer> {
  const place = await mkdtemp(join(folder, 'nginx-'));
  const conf = [
    'load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;',
    `daemon off; master_process off; pid ${place}/pid; error_log stderr notice;`,
    'events { worker_connections 64; }',
    `rtmp { server { listen 127.0.0.1:${port}; application app { live on; } } }`,
  ].join('\n');
  await writeFile(join(place, 'nginx.conf'), conf);
  const child = spawn('/usr/sbin/nginx', ['-p', place, '-e', 'stderr', '-c', join(place, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(child.stderr, 'data');
  child.stderr.resume();
  return serve(child);
}

function serve(child: ChildProcess): MediaServer {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await ended;
  };
  return { kill, ended, pid: child.pid!, [Symbol.asyncDispose]: kill };
}
