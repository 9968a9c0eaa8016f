/**
 * An algorithm of yours as a detector of Framelock: write detect(). Needs Node 22.18 or later and nothing else.
 *
 *     node detector.ts ws://127.0.0.1:8080/detectors/NAME [TOKEN]
 */
const HELLO = { type: 'hello', format: 'rgb', width: 1280, height: 720 };

interface Frame {
  readonly stream: string;
  readonly seq: number;
  /** Pixels of the picture, and of the frame that it was made from. */
  readonly width: number;
  readonly height: number;
  readonly source: { readonly width: number; readonly height: number };
}

interface Detection {
  readonly label: string;
  readonly score: number;
  /** `[x, y, width, height]` as fractions of the picture. */
  readonly box: readonly [number, number, number, number];
}

/**
 * What is seen on one frame: here, the white squares of the frame number that `demo://street?timecode=1` draws, so that the boxes are seq in binary.
 * @param pixels RGB, 3 bytes a pixel, rows from top to bottom
 */
function detect(pixels: Uint8Array, { width, height, source }: Frame): Detection[] {
  const size = (16 * width) / source.width;
  const bits = Array.from({ length: 32 }, (_, bit) => bit);
  return bits.flatMap((bit) => {
    const [x, y] = [Math.floor((bit + 0.5) * size), Math.floor(0.5 * size)];
    if (pixels[(y * width + x) * 3]! <= 128) return [];
    return { label: 'bit', score: 1, box: [(bit * size) / width, 0, size / width, size / height] as const };
  });
}

function serve(url: string, token: string | undefined): void {
  const address = new URL(url);
  // A WebSocket of the standard library sends no header fields of one's own.
  if (token !== undefined) address.searchParams.set('access_token', token);
  const socket = new WebSocket(address, 'framelock.detector.v1');
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => socket.send(JSON.stringify(HELLO));
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    // The server's welcome, or what was wrong with an answer.
    if (typeof data === 'string') return console.log(data);
    const length = new DataView(data).getUint32(0, true);
    const frame = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length))) as Frame;
    const detections = detect(new Uint8Array(data, 4 + length), frame);
    socket.send(JSON.stringify({ type: 'result', stream: frame.stream, seq: frame.seq, detections }));
  };
  socket.onerror = () => undefined;
  socket.onclose = ({ code, reason }) => {
    console.error(`closed (${code}) ${reason}; trying again`);
    setTimeout(() => serve(url, token), 1000);
  };
}

const [, , url, token] = process.argv;
if (url === undefined) throw new Error('Usage: node detector.ts ws://HOST:PORT/detectors/NAME [TOKEN]');
serve(url, token);
