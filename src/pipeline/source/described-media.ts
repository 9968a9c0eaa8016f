import { Codec, CodecContext, Rational, type CodecParameters, type FormatContext } from 'node-av/lib';
import { AV_CODEC_ID_AAC, AV_CODEC_ID_AAC_LATM, AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_NONE, AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { parseSps } from '../passthrough/h264-sps.ts';
import { NAL_SPS, nalType, splitAnnexB } from '../rtp/annexb.ts';

/** Frames a second are kept as a fraction of this denominator. */
const FPS_DENOMINATOR = 1000;

/** How a video looks. */
interface Shape {
  readonly width: number;
  readonly height: number;
  readonly fps: number | undefined;
}

/**
 * Whether the description with which media begin says all that has to be known to decode them. libav would read on until it has decoded
 * pictures, of H.264 seven, whatever the description says. Where it says enough, the size and rate of the video are set as libav would.
 *
 * It says enough of H.264 and H.265 whose parameter sets it holds, of sound that has a rate and channels, and not where the order of
 * pictures can't be told from the parameter sets: the decoder would have to learn it from the first pictures, and show them wrongly.
 */
export async function isComplete({ streams }: FormatContext): Promise<boolean> {
  const all = (streams ?? []).map(({ codecpar }) => codecpar);
  if (!all.some(({ codecType }) => codecType === AVMEDIA_TYPE_VIDEO)) return false;
  const shapes: { codecpar: CodecParameters; shape: Shape }[] = [];
  for (const codecpar of all) {
    if (codecpar.codecType === AVMEDIA_TYPE_AUDIO && isSoundKnown(codecpar)) continue;
    const shape = codecpar.codecType === AVMEDIA_TYPE_VIDEO ? await shapeOf(codecpar) : undefined;
    if (shape === undefined || shape.width <= 0 || shape.height <= 0) return false;
    shapes.push({ codecpar, shape });
  }
  for (const { codecpar, shape } of shapes) {
    Object.assign(codecpar, { width: shape.width, height: shape.height });
    if (shape.fps !== undefined) codecpar.frameRate = new Rational(Math.round(shape.fps * FPS_DENOMINATOR), FPS_DENOMINATOR);
  }
  return true;
}

function isSoundKnown({ codecId, sampleRate, channels, extradata }: CodecParameters): boolean {
  if (codecId === AV_CODEC_ID_NONE || sampleRate <= 0 || channels <= 0) return false;
  return (codecId !== AV_CODEC_ID_AAC && codecId !== AV_CODEC_ID_AAC_LATM) || (extradata?.length ?? 0) > 0;
}

/** Undefined where the parameter sets are not there, are damaged, or don't tell the order of pictures. */
async function shapeOf(codecpar: CodecParameters): Promise<Shape | undefined> {
  const { codecId, extradata } = codecpar;
  if (extradata === null || extradata.length === 0) return undefined;
  if (codecId === AV_CODEC_ID_H264) return shapeOfH264(extradata);
  return codecId === AV_CODEC_ID_HEVC ? shapeOfH265(codecpar) : undefined;
}

function shapeOfH264(extradata: Buffer): Shape | undefined {
  const sps = splitAnnexB(extradata).find((nal) => nalType(nal) === NAL_SPS);
  if (sps === undefined) return undefined;
  try {
    const shape = parseSps(sps);
    return shape.reorderFrames === undefined ? undefined : shape;
  } catch {
    return undefined;
  }
}

/** Its decoder reads the parameter sets when it is opened; they always tell the order. */
async function shapeOfH265(codecpar: CodecParameters): Promise<Shape | undefined> {
  const codec = Codec.findDecoder(codecpar.codecId);
  if (codec === null) return undefined;
  const context = new CodecContext();
  context.allocContext3(codec);
  try {
    if (context.parametersToContext(codecpar) < 0 || (await context.open2(codec)) < 0) return undefined;
    const { width, height, framerate } = context;
    return { width, height, fps: framerate.num > 0 && framerate.den > 0 ? framerate.num / framerate.den : undefined };
  } finally {
    context.freeContext();
  }
}
