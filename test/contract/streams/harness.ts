import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import { Stream } from '../../../src/streams/stream.ts';
import type { StreamSettings } from '../../../src/streams/stream-settings.ts';
import type { StreamStatus } from '../../../src/streams/stream-state.ts';
import type { ProcessTiming } from '../../../src/processes/timing.ts';
import { FAKE_STREAM, QUICK, resolvedModel, StandInBroadcast, TestLog } from '../../support/server.ts';

/** Settings of a stream whose fake process behaves as named. */
export function settings(fake = 'live', changes: Partial<StreamSettings> = {}): StreamSettings {
  return {
    url: `demo://street?fake=${fake}`,
    loop: true,
    detectors: [{ name: 'people', model: resolvedModel('street-nano') }],
    detectorSocket: '/nowhere/detector.sock',
    sync: 'exact',
    deadlineMs: 100,
    merge: 'union',
    mergeIou: 0.55,
    zones: [],
    lines: [],
    overlay: { boxes: true, style: 'box', labels: true, scores: true, trails: false, counts: false, heatmap: false, zones: true, language: 'both', names: {}, colors: {} },
    privacy: { classes: [], style: 'pixelate', margin: 0.1, holdMs: 600 },
    encoder: { chain: ['x264'], preset: 'ultrafast', profile: 'baseline', idrIntervalMs: 4000, oneFrameVbv: false, forward: true },
    mediaRoots: [],
    schemes: ['demo', 'file'],
    trust: { verify: false },
    onDemand: false,
    idleAfterMs: 20,
    ...changes,
  };
}

/** A real stream with a fake process, and everything around it that a test looks at. */
export interface Rig {
  readonly stream: Stream;
  readonly broadcast: StandInBroadcast;
  readonly log: TestLog;
  /** States in the order they were entered. */
  readonly states: string[];
  /** The status it is in, or enters next, that is meant. */
  until(meant: (status: StreamStatus) => boolean): Promise<StreamStatus>;
  /** The next annotation that is meant. */
  annotation(meant?: (message: AnnotationMessage) => boolean): Promise<AnnotationMessage>;
}

export function rig(given: StreamSettings, timing: Partial<ProcessTiming> = {}): Rig {
  const log = new TestLog();
  const broadcast = new StandInBroadcast();
  const stream = new Stream({ id: 'test', settings: given, broadcast, logger: log.logger, program: { entry: FAKE_STREAM, launcher: () => [] }, timing: { ...QUICK, ...timing } });
  const states: string[] = [stream.status.state];
  stream.on('status', ({ state }) => states.push(state));
  const until = async (meant: (status: StreamStatus) => boolean): Promise<StreamStatus> => {
    while (!meant(stream.status)) await once(stream, 'status');
    return stream.status;
  };
  const annotation = async (meant: (message: AnnotationMessage) => boolean = () => true): Promise<AnnotationMessage> => {
    for (;;) {
      const [message] = (await once(stream, 'annotation')) as [AnnotationMessage];
      if (meant(message)) return message;
    }
  };
  return { stream, broadcast, log, states, until, annotation };
}

/** Whether a process of this id exists. */
export function alive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Descriptors that this process has open. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Ids of this process' children. */
export function children(): string[] {
  return readdirSync('/proc/self/task').flatMap((task) => {
    const text = readFileText(`/proc/self/task/${task}/children`);
    return text.split(' ').filter(Boolean);
  });
}

function readFileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
