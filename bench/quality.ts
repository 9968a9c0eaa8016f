/** What x264 makes of the bits that it is given: as the pipeline opens it, beside its presets as they are, on films without compression. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Log } from 'node-av/lib';
import { AV_LOG_ERROR } from 'node-av/constants';
import { VideoEncoder } from '../src/pipeline/encode/encoder.ts';
import { defaultBitrate } from '../src/pipeline/encode/encoders.ts';
import { IdrClock } from '../src/pipeline/encode/idr-clock.ts';
import { EncoderOptions, X264Preset } from '../src/pipeline/encode/options.ts';
import { PresetControl } from '../src/pipeline/encode/preset-control.ts';
import { FrameNumberer } from '../src/pipeline/frame.ts';
import { SHARED_DATA } from '../test/support/shared-data.ts';
import { streetClip } from '../test/support/street-clip.ts';
import { now } from '../src/util/clock.ts';
import { bareX264, type Coded } from './support/bare-x264.ts';
import { RawClip } from './support/raw-clip.ts';
import { ms, publish } from './support/report.ts';

const SECONDS = 6;
const IDR_MS = EncoderOptions.parse({}).idrIntervalMs;
const START_CODE = Buffer.of(0, 0, 0, 1);
/** Times that a bitrate is corrected so that as many bits come out as are wanted. */
const CORRECTIONS = 2;

Log.setLevel(AV_LOG_ERROR);
const folder = await mkdtemp(join(tmpdir(), 'framelock-quality-'));
const generated = join(folder, 'street.mp4');
await streetClip(generated, SECONDS * 30, { width: 1280, height: 720, seed: 7 });
const CLIPS = [
  { name: 'still camera, pedestrians, 626×360, 30 fps', path: join(SHARED_DATA, 'video/ahmetozlu_pedestrians_360p_8s.mp4'), width: 626, height: 360, fps: 30 },
  { name: 'still camera, parking lot, 768×432, 12 fps', path: join(SHARED_DATA, 'video/intel_person-bicycle-car_432p_38s_trimmed.mp4'), width: 768, height: 432, fps: 12 },
  { name: 'moving camera, street, 1280×720, 25 fps', path: join(SHARED_DATA, 'video/derived/street_1080p_20s_loop.mp4'), width: 1280, height: 720, fps: 25 },
  { name: 'generated street, 1280×720, 30 fps', path: generated, width: 1280, height: 720, fps: 30 },
];

const rows: string[][] = [];
for (const { name, path, ...shape } of CLIPS) {
  if (!existsSync(path)) {
    process.stderr.write(`Left out, because its film is absent (${path}): ${name}\n`);
    continue;
  }
  const clip = await RawClip.make(['-t', String(SECONDS), '-i', path], join(folder, 'raw.yuv'), shape);
  await compare(name, clip);
  clip.close();
  await rm(clip.path);
}
await rm(folder, { recursive: true });

await publish({
  name: 'quality',
  about:
    `SSIM of all planes in dB (ffmpeg’s filter), bits, and milliseconds of processor time a frame, of ${SECONDS} seconds of film with an IDR frame every ${IDR_MS / 1000} s. *constant rate*: x264’s own ultrafast at the default bitrate. *Framelock*: as the pipeline opens x264 with that setting; ` +
    '`auto` runs in real time, once to find its preset and once to be measured. The other rows and the last column are x264’s own presets (zerolatency, constrained baseline), told a bitrate at which they spend as many bits: those of `auto`, and those of the row. Films of the real world have been compressed before.',
  columns: ['', 'SSIM', 'kbit/s', 'ms', 'x264 superfast at these bits'],
  rows,
});

async function compare(name: string, clip: RawClip): Promise<void> {
  rows.push([`**${name}**`, '', '', '', '']);
  const row = async (label: string, coded: Coded): Promise<void> => {
    const superfast = await atBitsOf(coded, clip, 'superfast');
    rows.push([label, (await ssim(clip, coded)).toFixed(1), Math.round(rate(clip, coded) / 1000).toString(), ms(coded.cpuMs), (await ssim(clip, superfast)).toFixed(1)]);
    process.stderr.write(`${rows.at(-1)!.join(' | ')}\n`);
  };
  await row('constant rate, ultrafast', await bareX264(clip, 'ultrafast', defaultBitrate(clip.width, clip.height, clip.fps), IDR_MS / 1000));
  const presets = new PresetControl('auto');
  await pipeline(clip, presets, true);
  const auto = await pipeline(clip, presets, true);
  await row(`Framelock, \`auto\` (${[...auto.presets].join(', then ')})`, auto);
  for (const preset of X264Preset.options) await row(`Framelock, \`${preset}\``, await pipeline(clip, new PresetControl(preset), false));
  for (const preset of ['ultrafast', 'veryfast'] as const) await row(`x264 ${preset}`, await atBitsOf(auto, clip, preset));
}

/** As an output encodes it: the preset is chosen for each frame, and IDR frames are made when they are due. */
async function pipeline(clip: RawClip, presets: PresetControl, paced: boolean): Promise<Coded & { presets: Set<X264Preset> }> {
  const { width, height, fps, frames } = clip;
  const options = EncoderOptions.parse({});
  const numberer = new FrameNumberer();
  const idrs = new IdrClock(IDR_MS);
  const used = new Set<X264Preset>();
  const parts: Buffer[] = [];
  const startedAt = now();
  let encoder: VideoEncoder | undefined;
  let cpuUs = 0;
  for (let index = 0; index < frames; index++) {
    const at = startedAt + (index * 1000) / fps;
    if (paced) await sleep(Math.max(0, at - now()));
    const picture = clip.picture(index);
    const preset = presets.choose({ width, height, fps, idrDue: idrs.due(at) }, encoder?.preset, now());
    if (encoder?.preset !== preset) {
      encoder?.close();
      encoder = new VideoEncoder('x264', { width, height, range: 'limited', fps, bitrate: defaultBitrate(width, height, fps) }, options, preset);
      idrs.reset();
    }
    used.add(preset);
    const idr = idrs.due(at);
    if (idr) idrs.ordered(at);
    const before = process.cpuUsage();
    const beganAt = now();
    const made = await encoder.encode(picture.frame, numberer.number(at), idr);
    presets.encoded(now() - beganAt);
    const { user, system } = process.cpuUsage(before);
    cpuUs += user + system;
    picture.release();
    parts.push(...made.flatMap((frame) => frame.parts.flatMap((nal) => [START_CODE, nal])));
  }
  encoder?.close();
  return { film: Buffer.concat(parts), cpuMs: cpuUs / 1000 / frames, presets: used };
}

async function atBitsOf(coded: Coded, clip: RawClip, preset: X264Preset): Promise<Coded> {
  let bitrate = rate(clip, coded);
  for (let correction = 0; ; correction++) {
    const made = await bareX264(clip, preset, Math.round(bitrate), IDR_MS / 1000);
    if (correction === CORRECTIONS) return made;
    bitrate *= coded.film.length / made.film.length;
  }
}

async function ssim(clip: RawClip, { film }: Coded): Promise<number> {
  const path = join(folder, 'coded.h264');
  await writeFile(path, film);
  return clip.ssim(path);
}

/** Bits a second. */
function rate({ frames, fps }: RawClip, { film }: Coded): number {
  return (film.length * 8 * fps) / frames;
}
