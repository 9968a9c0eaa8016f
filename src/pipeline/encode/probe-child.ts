/** Encodes a few grey frames with the encoder that is named as argument; exits with 0 if a picture comes out. */
import { Frame, Log } from 'node-av/lib';
import { AV_LOG_ERROR, AV_PIX_FMT_YUV420P } from 'node-av/constants';
import { FrameNumberer } from '../frame.ts';
import { watchParent } from '../parent-watch.ts';
import { VideoEncoder } from './encoder.ts';
import { EncoderName, EncoderOptions } from './options.ts';

const FRAMES = 5;

// A driver that hangs must not outlive the process that asked.
watchParent();
Log.setLevel(AV_LOG_ERROR);

const shape = { width: 640, height: 360, range: 'limited', fps: 30, bitrate: 1_000_000 } as const;
const encoder = new VideoEncoder(EncoderName.parse(process.argv[2]), shape, EncoderOptions.parse({}));
const numberer = new FrameNumberer();
let made = 0;
for (let i = 0; i < FRAMES; i++) {
  const frame = new Frame();
  frame.alloc();
  Object.assign(frame, { format: AV_PIX_FMT_YUV420P, width: shape.width, height: shape.height });
  frame.getBuffer();
  for (const plane of frame.data ?? []) plane.fill(128);
  made += (await encoder.encode(frame, numberer.number(i * 33), i === 0)).length;
  frame.free();
}
encoder.close();
process.exit(made > 0 ? 0 : 1);
