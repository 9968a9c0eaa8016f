import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SoftwareScaleContext } from 'node-av/lib';
import { AVCOL_RANGE_JPEG, AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV420P, SWS_ACCURATE_RND, SWS_BICUBIC, SWS_FULL_CHR_H_INP } from 'node-av/constants';
import sharp from 'sharp';
import type { InputScaler } from '../../src/pipeline/detect/input-scaler.ts';
import type { ModelManifest } from '../../src/pipeline/detect/manifest.ts';
import type { ModelRunner } from '../../src/pipeline/detect/model-runner.ts';
import { newPicture } from '../../src/pipeline/libav-picture.ts';
import type { Picture } from '../../src/pipeline/picture.ts';
import type { CocoAnnotation, CocoResult } from './coco-ap.ts';
import { SHARED_DATA } from './shared-data.ts';

/** Labelled images of COCO val2017 and what reference implementations saw on them; used from beside the checkout. */
const LABELS = join(SHARED_DATA, 'labels');

export interface CocoImage {
  readonly id: number;
  readonly file_name: string;
  readonly width: number;
  readonly height: number;
}

export interface CocoSet {
  readonly images: readonly CocoImage[];
  readonly annotations: readonly CocoAnnotation[];
  readonly categories: readonly { readonly id: number; readonly name: string }[];
}

/** @param every one image in so many; annotations follow */
export async function readCoco(every = 1): Promise<CocoSet> {
  const all = JSON.parse(await readFile(join(LABELS, 'coco_val_combined.json'), 'utf8')) as CocoSet;
  const images = all.images.filter((_, i) => i % every === 0);
  const ids = new Set(images.map(({ id }) => id));
  return { ...all, images, annotations: all.annotations.filter(({ image_id }) => ids.has(image_id)) };
}

/** What the reference saw (score ≥ 0.2). @param model name of the model's file without `.onnx` */
export async function readReference(model: string): Promise<CocoResult[]> {
  return JSON.parse(await readFile(join(LABELS, 'reference', `${model}.coco_val_combined.dets.json`), 'utf8')) as CocoResult[];
}

/** What the reference measured on the whole set, in percent. */
export async function readReferenceAp(model: string): Promise<{ all: number; person: number }> {
  type Metrics = Record<string, { combined_252: Record<string, { AP: number }> }>;
  const metrics = JSON.parse(await readFile(join(LABELS, 'reference/metrics.json'), 'utf8')) as Metrics;
  const ap = metrics[`${model}.onnx`]!.combined_252;
  return { all: ap['all80']!.AP, person: ap['person']!.AP };
}

/** The image as a stream would bring it: planar YUV 4:2:0, full range as JPEG is. */
export async function cocoPicture({ file_name }: CocoImage): Promise<Picture> {
  const { data, info } = await sharp(join(LABELS, file_name)).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return pictureOf(data, info.width, info.height);
}

/** @param rgb 8 bit, packed */
export function pictureOf(rgb: Buffer, width: number, height: number): Picture {
  const picture = newPicture(width, height, { colorRange: AVCOL_RANGE_JPEG });
  const context = new SoftwareScaleContext();
  context.allocContext();
  const options = { srcw: width, srch: height, src_format: AV_PIX_FMT_RGB24, dstw: width, dsth: height, dst_format: AV_PIX_FMT_YUV420P, dst_range: 1 };
  for (const [name, value] of Object.entries(options)) context.setOption(name, value);
  context.setOption('sws_flags', SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP);
  context.initContext();
  context.scaleSync([rgb], [width * 3], 0, height, [...picture.planes], [...picture.strides]);
  context.freeContext();
  return picture;
}

/** What a model sees on an image, by the same path that frames of a stream take. */
export async function seenBy(
  runner: Pick<ModelRunner, 'run'>,
  scaler: InputScaler,
  { input }: ModelManifest,
  image: CocoImage,
  { categories }: CocoSet,
  threshold: number,
): Promise<CocoResult[]> {
  const picture = await cocoPicture(image);
  const { data, content, release } = scaler.scale({ seq: image.id, rtp: 0, capturedAt: 0 }, picture, input);
  const [seen] = await runner.run([{ picture: data, content, threshold }]);
  release();
  picture.release();
  return seen!.map(({ label, score, box: [x, y, w, h] }) => ({
    image_id: image.id,
    category_id: categories.find(({ name }) => name === label)!.id,
    bbox: [x * image.width, y * image.height, w * image.width, h * image.height],
    score,
  }));
}
