/**
 * A fake stream process: speaks the real messages, makes no video; its first line is crossed on each frame. How it behaves follows
 * from `fake=` in its source's address; what it is told it writes to its log as `told`.
 */
import { StreamCommand } from '../../src/pipeline/ipc/commands.ts';
import type { StreamEvent } from '../../src/pipeline/ipc/events.ts';
import type { StreamPlan } from '../../src/pipeline/ipc/plan.ts';
import type { RenditionSpec } from '../../src/pipeline/media/info.ts';

const FRAME_MS = 10;
const STATS_MS = 40;

let plan: StreamPlan | undefined;
let seq = 0;
const sequences = new Map<number, { readonly rendition: RenditionSpec; sequence: number }>();

function send(event: StreamEvent): void {
  if (process.connected) process.send?.(event, undefined, undefined, () => undefined);
}

function sendGarbage(): void {
  for (const garbage of [null, 7, 'text', { type: 'nothing' }, { type: 'annotation', message: { seq: -1 } }, { type: 'stats' }]) process.send?.(garbage);
}

function frame(): void {
  if (plan === undefined) return;
  const message = { stream: plan.stream, seq, rtp: (seq * 3000) >>> 0, capturedAt: Date.now(), width: 64, height: 48, detections: [], detectors: {} };
  seq++;
  for (const one of sequences.values()) one.sequence = (one.sequence + 3) & 0xffff;
  send({ type: 'progress', seq: message.seq });
  send({ type: 'annotation', message });
  const [line] = plan.lines;
  if (line === undefined) return;
  const { stream, rtp, capturedAt } = message;
  const about = { stream, seq: message.seq, rtp, capturedAt, age: 0, detector: 'd', track: seq, label: 'person' };
  send({ type: 'scene', events: [{ type: 'line.crossed', ...about, line: line.name, direction: seq % 2 === 0 ? 'in' : 'out' }] });
}

function stats(): void {
  const output = { forwarded: false, encoder: 'x264', bitrate: 1000, frames: seq, idrs: 1, dropped: 0 } as const;
  const renditions = [...sequences.values()].map(({ rendition }) => ({ ...rendition, ...output }));
  const outputs = [...sequences].map(([id, { sequence }]) => ({ id, dropped: 0, sequence }));
  const detectors = plan?.detectors.map(({ name }) => [name, { state: 'ready', fps: 30, inferenceMs: 5, offered: 30, taken: 30, skipped: 0, age: 0 }]) ?? [];
  send({
    type: 'stats',
    stats: {
      fps: 100,
      dropped: 1,
      latency: { decodeToSendMs: { p50: 3, p95: 6 } },
      detectors: Object.fromEntries(detectors) as Record<string, never>,
      renditions,
      outputs,
      cpuUs: 1000,
      rss: 1 << 20,
    },
  });
}

function live(): void {
  send({ type: 'state', state: 'connecting' });
  send({ type: 'video', video: { codec: 'fake', width: 64, height: 48, fps: 100 } });
  send({ type: 'state', state: 'live' });
}

function start(given: StreamPlan): void {
  plan = given;
  seq = given.firstSeq;
  const behaviour = new URL(given.url).searchParams.get('fake') ?? 'live';
  switch (behaviour) {
    case 'exit':
      return process.exit(3);
    case 'garbage':
      setInterval(sendGarbage, FRAME_MS);
      return;
    case 'silent':
      setInterval(() => undefined, 1000);
      return;
    case 'failed':
      send({ type: 'state', state: 'failed', problem: { code: 'source-invalid', message: 'This is no media.' } });
      setInterval(stats, STATS_MS);
      return;
    case 'ended':
      live();
      frame();
      send({ type: 'state', state: 'ended' });
      return;
    case 'frozen':
      // The pipeline hangs, the process still reports.
      live();
      frame();
      setInterval(stats, STATS_MS);
      return;
    case 'talkative':
      console.log(`opening ${given.url} with ${new URL(given.url).password}`);
      break;
    case 'stubborn':
      process.on('SIGTERM', () => undefined);
      break;
  }
  live();
  frame();
  stats();
  setInterval(frame, FRAME_MS);
  setInterval(stats, STATS_MS);
}

process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
process.on('message', (raw) => {
  const command = StreamCommand.parse(raw);
  console.log(JSON.stringify({ level: 30, msg: 'told', command }));
  switch (command.type) {
    case 'start':
      return start(command.plan);
    case 'stop':
      if (plan !== undefined && new URL(plan.url).searchParams.get('fake') === 'stubborn') return;
      return process.exit(0);
    case 'update':
      if (plan !== undefined) plan = { ...plan, ...(command.changes as Partial<StreamPlan>) };
      return;
    case 'output-open':
      if (command.output.of === 'video') sequences.set(command.id, { rendition: command.output.rendition, sequence: command.firstSequence });
      return;
    case 'output-close':
      return void sequences.delete(command.id);
    case 'truth':
      return send({
        type: 'truth',
        request: command.request,
        message:
          command.seq < seq
            ? { stream: plan?.stream ?? '', seq: command.seq, rtp: 0, capturedAt: 0, width: 64, height: 48, detections: [], detectors: {} }
            : null,
      });
    default:
      // Being told is all that there is to it.
  }
});
send({ type: 'ready' });
