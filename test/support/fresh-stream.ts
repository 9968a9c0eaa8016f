import type { StreamView } from '../../src/streams/view.ts';

/** A stream that was just added, and is live. @param age how many streams there were before it */
export function freshStream(id: string, age: number): StreamView {
  return {
    id,
    title: id,
    state: 'live',
    source: { kind: 'demo', url: 'demo://street' },
    video: { codec: 'rawvideo', width: 1280, height: 720, fps: 30 },
    detectors: ['street-nano'],
    sync: 'exact',
    deadlineMs: 100,
    merge: 'union',
    mergeIou: 0.55,
    onDemand: false,
    idleAfterMs: 10_000,
    loop: true,
    zones: [],
    lines: [],
    overlay: { boxes: true, style: 'box', labels: true, scores: true, trails: false, counts: false, heatmap: false, zones: true, language: 'both', names: {}, colors: {} },
    privacy: { classes: [], style: 'pixelate', margin: 0.1, holdMs: 600 },
    encoder: { chain: ['x264'], preset: 'ultrafast', profile: 'baseline', idrIntervalMs: 4000, oneFrameVbv: false, forward: true },
    origin: 'api',
    variantsActive: ['annotated'],
    viewers: 2,
    stats: {
      fps: 29.97,
      bitrate: 2_764_800,
      dropped: 0,
      restarts: 0,
      latency: { decodeToSendMs: { p50: 18, p95: 25 } },
      detectors: { 'street-nano': { state: 'ready', fps: 30, inferenceMs: 4.2, offered: 0, taken: 0, skipped: 0, age: 0 } },
      variants: {},
      renditions: [],
      encoder: 'x264',
      process: { cpuUs: 0, rss: 0 },
    },
    createdAt: new Date(Date.UTC(2026, 0, 1, 0, age)).toISOString(),
  };
}
