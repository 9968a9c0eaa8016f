import type { Box, Detection } from '../annotation.ts';
import { iou } from '../track/iou.ts';
import type { MergeMode } from './options.ts';

/** How boxes of several detectors become one. */
export interface MergeOptions {
  readonly mode: MergeMode;
  /** Least IoU, 0…1, of two boxes of one class that are taken for the same thing. */
  readonly iou: number;
  /** Labels that are left as they are. */
  readonly except?: readonly string[];
}

/** What one detector shows on a frame. */
export interface Shown {
  readonly name: string;
  /** Labels that it can give; undefined where that is not known. */
  readonly labels?: readonly string[] | undefined;
  readonly detections: readonly Detection[];
}

/** Boxes of different detectors that are taken for the same thing, the most certain one first. */
interface Cluster {
  readonly members: Detection[];
  /** What further boxes are compared with. */
  box: Box;
}

/** Identities whose merging is remembered. */
const MAX_ALIASES = 1000;

/**
 * Merges boxes class by class between detectors, never those of one detector: what it gives separately are separate things.
 *
 * - `nms`: of boxes that overlap, the most certain one stays, as its detector gave it
 * - `wbf`: they become their average, weighted by their scores; its score is their mean, and lower where detectors that know the class
 *   saw nothing (weighted boxes fusion; Solovyev et al., Image and Vision Computing 107, 2021)
 *
 * Things keep one identity while boxes of one detector and another take turns in showing them.
 */
export class Merger {
  /** A track → the one under whose identity it is shown; the latest used stand last. */
  readonly #aliases = new Map<number, number>();

  merge(shown: readonly Shown[], options: MergeOptions): Detection[] {
    const all = shown.flatMap(({ detections }) => detections);
    if (options.mode === 'union' || shown.length < 2) return all;
    const alone = all.filter(({ label }) => options.except?.includes(label));
    const clusters = clustersOf(all.filter(({ label }) => !options.except?.includes(label)), options);
    const tracks = this.#identities(clusters, new Set(alone.flatMap(({ track }) => track ?? [])));
    const merged = clusters.map((cluster) => {
      const { track: _track, ...detection } = options.mode === 'wbf' ? fused(cluster, shown) : cluster.members[0]!;
      const track = tracks.get(cluster);
      return track === undefined ? detection : { ...detection, track };
    });
    return [...alone, ...merged];
  }

  /** One identity each, none twice: the oldest of a cluster's own and of those that they were merged with before. */
  #identities(clusters: readonly Cluster[], taken: Set<number>): Map<Cluster, number> {
    const found = new Map<Cluster, number>();
    const claims = clusters.flatMap((cluster) => {
      const own = cluster.members.flatMap(({ track }) => track ?? []);
      if (own.length === 0) return [];
      return [{ cluster, own, identity: Math.min(...own.map((track) => this.#aliases.get(track) ?? track)) }];
    });
    // Who is this one itself goes before who was merged with it.
    for (const { cluster, own, identity } of claims.toSorted((a, b) => Number(b.own.includes(b.identity)) - Number(a.own.includes(a.identity)))) {
      const track = taken.has(identity) ? own.find((one) => !taken.has(one)) : identity;
      if (track === undefined) continue;
      taken.add(track);
      found.set(cluster, track);
      for (const one of own) {
        this.#aliases.delete(one);
        if (one !== track) this.#aliases.set(one, track);
      }
    }
    for (const [oldest] of this.#aliases) {
      if (this.#aliases.size <= MAX_ALIASES) break;
      this.#aliases.delete(oldest);
    }
    return found;
  }
}

function clustersOf(detections: readonly Detection[], { mode, iou: least }: MergeOptions): Cluster[] {
  const clusters: Cluster[] = [];
  for (const detection of detections.toSorted((a, b) => b.score - a.score)) {
    let best: { cluster: Cluster; overlap: number } | undefined;
    for (const cluster of clusters) {
      const { members, box } = cluster;
      if (members[0]!.label !== detection.label || members.some(({ detector }) => detector === detection.detector)) continue;
      const overlap = iou(box, detection.box);
      if (overlap >= least && overlap > (best?.overlap ?? 0)) best = { cluster, overlap };
    }
    if (best === undefined) {
      clusters.push({ members: [detection], box: detection.box });
    } else {
      best.cluster.members.push(detection);
      if (mode === 'wbf') best.cluster.box = average(best.cluster.members);
    }
  }
  return clusters;
}

function fused({ members, box }: Cluster, shown: readonly Shown[]): Detection {
  const [first] = members as [Detection, ...Detection[]];
  const witnesses = shown.filter(({ labels, detections }) => labels?.includes(first.label) ?? detections.some(({ label }) => label === first.label)).length;
  const mean = members.reduce((sum, { score }) => sum + score, 0) / members.length;
  const score = mean * Math.min(1, members.length / Math.max(1, witnesses));
  if (members.length === 1) return { ...first, score };
  return { ...first, score, box, mergedFrom: members.map(({ detector }) => detector) };
}

/** The average, weighted by scores. */
function average(members: readonly Detection[]): Box {
  const total = members.reduce((sum, { score }) => sum + score, 0);
  const weight = ({ score }: Detection): number => (total > 0 ? score / total : 1 / members.length);
  return [0, 1, 2, 3].map((i) => members.reduce((sum, one) => sum + weight(one) * one.box[i]!, 0)) as Box;
}
