import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeUdpPort } from './free-udp-port.ts';
import { freePort } from './free-port.ts';
import { runFfmpeg, runRtmpServer, runRtspServer, untilFile, type MediaServer, type RtspServerOptions } from './media-servers.ts';
import { FILM_FPS, type StreetFilm } from './street-film.ts';
import { files, WebServer, type Answer } from './web-server.ts';

/** What feeds are made from. */
export interface FeedContext {
  readonly film: StreetFilm;
  /** Where a feed may leave files; the server's media folder. */
  readonly folder: string;
}

/** What one start of a feed holds: programs that can be stopped and continued, and whatever else has to end with them. */
interface Started {
  readonly programs: () => readonly number[];
  /** Ends all of it as a failure would. */
  readonly end: () => Promise<void>;
}

/** Something real that a server can have as a source, showing the street: it can be killed, paused and started again at its address. */
export class Feed implements AsyncDisposable {
  readonly address: string;
  readonly #start: () => Promise<Started>;
  #started: Started | undefined;
  #stopped: readonly number[] = [];

  constructor(address: string, start: () => Promise<Started>) {
    this.address = address;
    this.#start = start;
  }

  /** Starts it where it does not run. */
  async start(): Promise<this> {
    this.#started ??= await this.#start();
    return this;
  }

  /** Its programs go on existing, and its connections stay open, but nothing happens any more. */
  pause(): void {
    this.#stopped = this.#started?.programs() ?? [];
    for (const pid of this.#stopped) signal(pid, 'SIGSTOP');
  }

  resume(): void {
    for (const pid of this.#stopped) signal(pid, 'SIGCONT');
    this.#stopped = [];
  }

  async kill(): Promise<void> {
    const started = this.#started;
    this.#started = undefined;
    this.#stopped = [];
    await started?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** A program may have ended by itself. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone.
  }
}

/** Makes a feed of one kind, not yet started. */
export type FeedMaker = (context: FeedContext) => Promise<Feed>;

/** The film at its own speed, over and over, as it is. */
const endless = ({ path }: StreetFilm): string[] => ['-re', '-stream_loop', '-1', '-i', path];
const COPY = ['-map', '0:v', '-map', '0:a', '-c', 'copy'];
const COPY_VIDEO = ['-map', '0:v', '-c', 'copy'];

function of(...servers: MediaServer[]): Started {
  return { programs: () => servers.map(({ pid }) => pid), end: async () => void (await Promise.all(servers.map((server) => server.kill()))) };
}

/** GStreamer's server. @param query of the address */
function rtsp(options: RtspServerOptions, query = ''): FeedMaker {
  return async ({ film }) => {
    const port = await freePort();
    const [user, password] = options.credentials ?? [];
    const url = new URL(`${options.tls === undefined ? 'rtsp' : 'rtsps'}://127.0.0.1:${port}/live${query}`);
    if (user !== undefined && password !== undefined) Object.assign(url, { username: user, password });
    return new Feed(url.href, async () => of(await runRtspServer(port, { ...options, pictures: { pattern: film.pattern, fps: FILM_FPS } })));
  };
}

/** nginx, to which ffmpeg publishes. */
const rtmp: FeedMaker = async ({ film, folder }) => {
  const port = await freePort();
  const address = `rtmp://127.0.0.1:${port}/app/street`;
  return new Feed(address, async () => {
    const server = await runRtmpServer(port, folder);
    return of(server, await runFfmpeg(...endless(film), ...COPY, '-f', 'flv', address));
  });
};

/** ffmpeg by itself. @param feed from a free port: the address, and the output's arguments */
function datagrams(feed: (port: number, context: FeedContext) => Promise<{ address: string; output: string[] }>): FeedMaker {
  return async (context) => {
    const { address, output } = await feed(await freeUdpPort(), context);
    return new Feed(address, async () => of(await runFfmpeg(...endless(context.film), ...output)));
  };
}

/**
 * RTP of a session description without parameter sets, which come with each key frame. The film is brought into that form first: ffmpeg's bitstream
 * filters take nothing more once a looped film has ended for the first time.
 */
const described: FeedMaker = async ({ film, folder }) => {
  const port = await freeUdpPort();
  const [sdp, annexB] = [join(folder, `street-${port}.sdp`), join(folder, `street-${port}.ts`)];
  await writeFile(sdp, `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=street\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP 97\na=rtpmap:97 H264/90000\n`);
  await (await runFfmpeg('-i', film.path, ...COPY_VIDEO, '-f', 'mpegts', annexB)).ended;
  const output = [...COPY_VIDEO, '-f', 'rtp', '-payload_type', '97', `rtp://127.0.0.1:${port}`];
  return new Feed(`file://${sdp}`, async () => of(await runFfmpeg(...endless({ ...film, path: annexB }), ...output)));
};

/** A web server, with what it lets programs make. */
function web(path: string, prepare: (context: FeedContext, programs: Set<number>) => Promise<{ answer: Answer; end: () => Promise<void> }>): FeedMaker {
  return async (context) => {
    const port = await freePort();
    return new Feed(`http://127.0.0.1:${port}/${path}`, async () => {
      const programs = new Set<number>();
      const { answer, end } = await prepare(context, programs);
      const server = await WebServer.open(answer, { port });
      return {
        programs: () => [...programs],
        end: async () => {
          await server.kill();
          await end();
        },
      };
    });
  };
}

/** ffmpeg's output to each client, as long as the client stays. */
function piped(path: string, type: string, format: string): FeedMaker {
  return web(path, async ({ film }, programs) => {
    const children = new Set<ChildProcess>();
    const answer: Answer = (_request, response) => {
      const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...endless(film), ...COPY, '-f', format, 'pipe:1'], { stdio: ['ignore', 'pipe', 'ignore'] });
      children.add(child);
      programs.add(child.pid!);
      child.once('exit', () => {
        children.delete(child);
        programs.delete(child.pid!);
      });
      response.writeHead(200, { 'content-type': type });
      child.stdout.pipe(response);
      response.once('close', () => child.kill('SIGKILL'));
    };
    return { answer, end: async () => void (await Promise.all([...children].map(ended))) };
  });
}

/** ffmpeg writes segments, which the web server hands out. */
function segments(file: string, ...output: string[]): FeedMaker {
  return web(file, async ({ film, folder }, programs) => {
    const place = await mkdtemp(join(folder, 'segments-'));
    const sender = await runFfmpeg(...endless(film), ...COPY_VIDEO, ...output, join(place, file));
    programs.add(sender.pid);
    await untilFile(place, file);
    return {
      answer: files(place),
      end: async () => {
        await sender.kill();
        await rm(place, { recursive: true, force: true });
      },
    };
  });
}

/** Resolves when a program has ended. */
async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

const nothing = (): Promise<void> => Promise.resolve();

/** `multipart/x-mixed-replace`. */
const mjpeg = web('video.mjpg', async ({ film: { pictures } }) => ({
  answer: async (_request, response) => {
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=street' });
    for (let i = 0; !response.destroyed; i++) {
      const jpeg = pictures[i % pictures.length]!;
      response.write(Buffer.concat([Buffer.from(`--street\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`), jpeg, Buffer.from('\r\n')]));
      await sleep(1000 / FILM_FPS);
    }
  },
  end: nothing,
}));

/** One JPEG an answer. */
const polled = web('shot.jpg#fps=10', async ({ film: { pictures } }) => {
  let at = 0;
  return { answer: (_request, response) => void response.writeHead(200, { 'content-type': 'image/jpeg' }).end(pictures[at++ % pictures.length]), end: nothing };
});

const httpFile = web('film.mp4', async ({ film, folder }) => {
  const place = await mkdtemp(join(folder, 'web-'));
  await copyFile(film.path, join(place, 'film.mp4'));
  return { answer: files(place), end: () => rm(place, { recursive: true, force: true }) };
});

/** Two films in a folder of the server. */
const filmFolder: FeedMaker = async ({ film, folder }) => {
  const place = join(folder, 'films');
  return new Feed(`file://${place}/`, async () => {
    await mkdir(place, { recursive: true });
    for (const name of ['1.mp4', '2.mp4']) await copyFile(film.path, join(place, name));
    return { programs: () => [], end: () => rm(place, { recursive: true, force: true }) };
  });
};

/** A screen without a monitor, on which ffmpeg plays the film. */
const screen: FeedMaker = async ({ film }) => {
  const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '640x360x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [number] = (await once(server.stdout, 'data')) as [Buffer];
  const display = `:${number.toString().trim()}`;
  return new Feed(`x11://${display}?size=640x360&fps=${FILM_FPS}`, async () => {
    const player = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...endless(film), '-map', '0:v', '-pix_fmt', 'yuv420p', '-window_x', '0', '-window_y', '0', '-f', 'sdl', 'street'], {
      stdio: 'ignore',
      env: { ...process.env, DISPLAY: display, SDL_VIDEODRIVER: 'x11', SDL_RENDER_DRIVER: 'software' },
    });
    return { programs: () => [player.pid!], end: async () => void (await Promise.all([player, server].map(ended))) };
  });
};

/** Every kind of source that a machine without cameras can have. */
export const FEEDS = {
  'RTSP over TCP, H.264': rtsp({ codec: 'h264' }),
  'RTSP over UDP, H.264': rtsp({ codec: 'h264' }, '?transport=udp'),
  'RTSP, H.265': rtsp({ codec: 'h265' }),
  'RTSP, MJPEG, with a digest': rtsp({ codec: 'mjpeg', credentials: ['viewer', 'right-secret'] }),
  'RTMP, pulled from nginx': rtmp,
  'HTTP-FLV': piped('live.flv', 'video/x-flv', 'flv'),
  'HLS, live, of MPEG-TS': segments('live.m3u8', '-f', 'hls', '-hls_time', '1', '-hls_list_size', '4', '-hls_flags', 'delete_segments'),
  'HLS, live, of fragmented MP4': segments('live.m3u8', '-f', 'hls', '-hls_time', '1', '-hls_list_size', '4', '-hls_segment_type', 'fmp4', '-hls_flags', 'delete_segments'),
  'DASH, live': segments('live.mpd', '-f', 'dash', '-seg_duration', '1', '-window_size', '4', '-streaming', '0'),
  'MJPEG over HTTP': mjpeg,
  'a JPEG that is polled': polled,
  'a file of HTTP': httpFile,
  'MPEG-TS in datagrams': datagrams(async (port) => {
    const address = `udp://127.0.0.1:${port}`;
    return { address, output: [...COPY, '-f', 'mpegts', `${address}?pkt_size=1316`] };
  }),
  'MPEG-TS to a group': datagrams(async (port) => ({
    address: `udp://239.255.77.9:${port}?localaddr=127.0.0.1`,
    output: [...COPY, '-f', 'mpegts', `udp://239.255.77.9:${port}?pkt_size=1316&localaddr=127.0.0.1&ttl=0`],
  })),
  SRT: datagrams(async (port) => ({ address: `srt://127.0.0.1:${port}?latency=60`, output: [...COPY, '-f', 'mpegts', `srt://127.0.0.1:${port}?mode=listener`] })),
  'RTP with a session description': described,
  'a folder of films': filmFolder,
  'a screen': screen,
} satisfies Record<string, FeedMaker>;
export type FeedKind = keyof typeof FEEDS;
