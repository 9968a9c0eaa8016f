import type { MessageStore } from './message-store.ts';

/** Milliseconds that a trail goes back. */
const TRAIL_MS = 1500;
const TICKS_PER_MS = 90;

/** Points that are averaged: boxes shiver a little from frame to frame. */
const SMOOTHED = 5;

/** A point of a trail, as fractions of the frame. */
export type TrailPoint = readonly [x: number, y: number];

/** Where each track stood in the moments up to a frame, oldest first: the middle of its box's lower edge, which is where things touch the ground. */
export function trailsTo(store: MessageStore, rtp: number): ReadonlyMap<number, readonly TrailPoint[]> {
  const trails = new Map<number, TrailPoint[]>();
  for (const { message } of store.back(rtp, TRAIL_MS * TICKS_PER_MS)) {
    for (const { track, box: [x, y, width, height] } of message.detections) {
      if (track === undefined) continue;
      const trail = trails.get(track) ?? [];
      trail.push([x + width / 2, y + height]);
      trails.set(track, trail);
    }
  }
  return new Map([...trails].map(([track, points]) => [track, points.map((_point, i) => middle(points.slice(Math.max(0, i - SMOOTHED + 1), i + 1)))]));
}

function middle(points: readonly TrailPoint[]): TrailPoint {
  const sum = points.reduce(([ax, ay], [x, y]): TrailPoint => [ax + x, ay + y], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}
