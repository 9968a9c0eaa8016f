import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** A program of somebody else that serves or sends media. */
export interface MediaServer extends AsyncDisposable {
  /** Ends it as a failure would. */
  kill(): Promise<void>;
}

/** A TCP port of the loopback interface that nobody has now. */
export async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port');
  return address.port;
}

/** ffmpeg's moving test picture, encoded so that any viewer can join within half a second. */
export const TEST_PICTURE = [
  ...['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25', '-pix_fmt', 'yuv420p'],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '12', '-threads', '1'],
];

/** ffmpeg with these arguments. */
export async function runFfmpeg(...args: string[]): Promise<MediaServer> {
  return serve(spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...args], { stdio: ['ignore', 'inherit', 'inherit'] }));
}

/** GStreamer's RTSP server with a moving picture and a tone at `/live`. */
export async function runRtspServer(port: number, codec: 'h264' | 'h264-b' | 'h265' | 'mjpeg' = 'h264', ...credentials: string[]): Promise<MediaServer> {
  const script = join(import.meta.dirname, 'rtsp-server.py');
  const child = spawn('/usr/bin/python3', [script, String(port), codec, ...credentials], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return serve(child);
}

function serve(child: ChildProcess): MediaServer {
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return { kill, [Symbol.asyncDispose]: kill };
}
