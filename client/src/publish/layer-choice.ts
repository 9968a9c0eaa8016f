import { bitrateFor, known, LAYERED_CODEC, layersFor, type CaptureSize, type ScalabilityMode } from './encodings.ts';

/**
 * Whether a picture is published in several sizes, so that viewers of the clean variant get the one that their way carries:
 * - `auto`: where the browser says that it can, and the machine has processors to spare
 * - `on`: wherever the browser can
 * - `off`: never
 */
export type LayerChoice = 'auto' | 'on' | 'off';

/** Logical processors from which on a page may spend a third of one more on layers, and the server as much on decoding them where it is the same machine. */
const SPARE_PROCESSORS = 4;

/** The layers that a captured picture is to be published in; undefined for one. Never throws. */
export async function chooseLayers(choice: LayerChoice, size: CaptureSize, kind: 'camera' | 'screen'): Promise<ScalabilityMode | undefined> {
  const scalabilityMode = layersFor(size, kind);
  if (scalabilityMode === undefined || choice === 'off') return undefined;
  if (choice === 'auto' && (navigator.hardwareConcurrency ?? 1) < SPARE_PROCESSORS) return undefined;
  const { width, height, frameRate: framerate } = known(size);
  const video = { contentType: LAYERED_CODEC, width, height, framerate, bitrate: bitrateFor(size), scalabilityMode };
  // Browsers without this question have no layers either.
  const can = await Promise.resolve(navigator.mediaCapabilities?.encodingInfo({ type: 'webrtc', video })).catch(() => undefined);
  return can?.supported === true && (choice === 'on' || can.smooth) ? scalabilityMode : undefined;
}
