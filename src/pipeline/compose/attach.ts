import type { Box, Detection } from '../annotation.ts';
import type { Attach } from './options.ts';

/** Share of a box that must lie in another for it to belong to it, where its detector does not say. */
const LEAST_OVERLAP = 0.5;

/**
 * Makes boxes of some detectors attributes of other detectors' boxes: a face of the person that it lies in, a plate of its car. Each goes
 * to the box that holds most of it, of two the smaller one; one that lies in none stays what it is. What may become an attribute has none.
 *
 * @param rules by the name of a detector
 */
export function attach(detections: readonly Detection[], rules: ReadonlyMap<string, Attach>): Detection[] {
  if (rules.size === 0) return [...detections];
  const hosts = detections.filter(({ detector }) => !rules.has(detector));
  const attributes = new Map<Detection, Detection[]>(hosts.map((host) => [host, []]));
  const alone = detections.filter((detection) => {
    const rule = rules.get(detection.detector);
    if (rule === undefined) return false;
    const host = hostOf(detection, hosts, rule);
    if (host !== undefined) attributes.get(host)!.push(detection);
    return host === undefined;
  });
  return [
    ...hosts.map((host) => {
      const own = attributes.get(host)!;
      return own.length === 0 ? host : { ...host, attributes: own };
    }),
    ...alone,
  ];
}

function hostOf({ box }: Detection, hosts: readonly Detection[], { to, minOverlap = LEAST_OVERLAP }: Attach): Detection | undefined {
  let best: { host: Detection; share: number } | undefined;
  for (const host of hosts) {
    if (!to.includes(host.label)) continue;
    const share = shareInside(box, host.box);
    if (share < minOverlap) continue;
    if (best === undefined || share > best.share || (share === best.share && area(host.box) < area(best.host.box))) best = { host, share };
  }
  return best?.host;
}

/** The share of a box that lies in another, 0…1. */
function shareInside(box: Box, other: Box): number {
  const width = Math.min(box[0] + box[2], other[0] + other[2]) - Math.max(box[0], other[0]);
  const height = Math.min(box[1] + box[3], other[1] + other[3]) - Math.max(box[1], other[1]);
  if (width <= 0 || height <= 0) return 0;
  // All of it is all of it, whatever the arithmetic says.
  return Math.min(1, Math.round((width * height * 1e9) / area(box)) / 1e9);
}

function area([, , width, height]: Box): number {
  return width * height;
}
