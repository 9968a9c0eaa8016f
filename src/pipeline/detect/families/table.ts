import type { Family } from '../manifest.ts';
import type { Decoder } from './decoder.ts';
import { detr } from './detr.ts';
import { end2end } from './end2end.ts';
import { fastestdet } from './fastestdet.ts';
import { gfl } from './gfl.ts';
import { ssd } from './ssd.ts';
import { yolov8 } from './yolov8.ts';
import { yolox } from './yolox.ts';

/** The decoder of each family. */
export const DECODERS: Readonly<Record<Family, Decoder>> = { yolox, yolov8, end2end, detr, gfl, ssd, fastestdet };
