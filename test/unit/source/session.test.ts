import assert from 'node:assert/strict';
import { once, EventEmitter } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceState } from '../../../src/pipeline/messages.ts';
import type { Picture } from '../../../src/pipeline/picture.ts';
import { SourceSession, type SessionTimes } from '../../../src/pipeline/source/session.ts';
import { SourceError, type Source, type SourceFrame } from '../../../src/pipeline/source/source.ts';

const TIMES: SessionTimes = { open: 200, stall: 30, giveUp: 90, retryMin: 5, retryMax: 20, retryLasting: 10, healthy: 60_000 };

/** A source that does as it is told: each entry is a frame, a failure, or a wait that only closing ends. */
class ScriptedSource implements Source {
  readonly #script: ('frame' | 'hang' | SourceError)[];
  readonly #openError: SourceError | undefined;
  closed = false;

  constructor(script: ('frame' | 'hang' | SourceError)[], openError?: SourceError) {
    this.#script = [...script];
    this.#openError = openError;
  }

  async open(): Promise<{ codec: string; width: number; height: number; fps: number }> {
    if (this.#openError !== undefined) throw this.#openError;
    return { codec: 'scripted', width: 2, height: 2, fps: 25 };
  }

  async next(): Promise<SourceFrame | undefined> {
    const step = this.#script.shift();
    if (step instanceof SourceError) throw step;
    if (step === 'hang') return new Promise(() => undefined);
    if (step === undefined) return undefined;
    return { id: { seq: 0, rtp: 0, capturedAt: 0 }, picture: { width: 2, height: 2, release() {} } as unknown as Picture };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

function watch(sources: ScriptedSource[]): { session: SourceSession; states: SourceState[]; reached(state: SourceState, times?: number): Promise<void>; details: unknown[] } {
  const states: SourceState[] = [];
  const details: unknown[] = [];
  const changes = new EventEmitter();
  const session = new SourceSession(
    () => sources.shift() ?? new ScriptedSource(['hang']),
    {
      state(state, detail) {
        states.push(state);
        details.push(detail);
        changes.emit('change');
      },
      video() {},
      frame({ picture }) {
        picture.release();
      },
    },
    TIMES,
  );
  const reached = async (state: SourceState, times = 1): Promise<void> => {
    while (states.filter((one) => one === state).length < times) await once(changes, 'change');
  };
  return { session, states, reached, details };
}

test('a source that is down at start is tried again until it lives', async () => {
  const down = () => new ScriptedSource([], new SourceError('source-not-found', 'Nothing is there.'));
  const { session, states, reached, details } = watch([down(), down(), new ScriptedSource(['frame', 'hang'])]);
  session.start();
  await reached('live');
  assert.deepEqual(states, ['connecting', 'retrying', 'connecting', 'retrying', 'connecting', 'live']);
  assert.deepEqual((details[1] as { problem: unknown }).problem, { code: 'source-not-found', message: 'Nothing is there.' });
  await session.close();
});

test('somebody who pushes is waited for without a limit, and again at once when they have left', async () => {
  const arrivals: (() => void)[] = [];
  const pushed = (script: ConstructorParameters<typeof ScriptedSource>[0]): ScriptedSource =>
    Object.assign(new ScriptedSource(script), {
      awaited: {
        problem: { code: 'source-waiting', message: 'Waiting.' },
        arrival: (signal: AbortSignal) =>
          new Promise<void>((resolve, reject) => {
            arrivals.push(resolve);
            signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
          }),
      },
    });
  const left = new SourceError('source-waiting', 'Gone.');
  const { session, states, reached, details } = watch([pushed(['frame', left]), pushed(['frame', 'hang']), pushed([])]);
  session.start();
  await sleep(2 * TIMES.open);
  assert.deepEqual([states, details[1]], [['connecting', 'connecting'], { problem: { code: 'source-waiting', message: 'Waiting.' } }]);
  arrivals[0]!();
  await reached('live');
  await sleep(2 * TIMES.giveUp);
  assert.equal(arrivals.length, 2);
  assert.deepEqual(states.slice(2), ['connecting', 'live', 'connecting', 'connecting']);
  arrivals[1]!();
  await reached('live', 2);
  await session.close();
});

test('a source without a new frame stalls, is given up and tried again', async () => {
  const silent = new ScriptedSource(['frame', 'hang']);
  const { session, states, reached } = watch([silent, new ScriptedSource(['frame', 'hang'])]);
  session.start();
  await reached('live', 2);
  assert.deepEqual(states.slice(0, 6), ['connecting', 'live', 'stalled', 'retrying', 'connecting', 'live']);
  assert.ok(silent.closed);
  await session.close();
});

test('what retrying hardly mends stays failed while it is tried slowly, and lives when it is mended', async () => {
  const junk = () => new ScriptedSource([], new SourceError('source-invalid', 'Junk.'));
  const { session, states, reached } = watch([junk(), junk(), new ScriptedSource(['frame', 'hang'])]);
  session.start();
  await reached('live');
  assert.deepEqual(states, ['connecting', 'failed', 'failed', 'live']);
  await session.close();
});

test('a file that ends once stays ended until a person asks again', async () => {
  const { session, states, reached } = watch([new ScriptedSource(['frame']), new ScriptedSource(['frame', 'hang'])]);
  session.start();
  await reached('ended');
  session.retryNow();
  await reached('live', 2);
  assert.deepEqual(states, ['connecting', 'live', 'ended', 'connecting', 'live']);
  await session.close();
});

test('closing ends a wait, closes the source and is idempotent', async () => {
  const source = new ScriptedSource(['frame', 'hang']);
  const { session, reached } = watch([source]);
  session.start();
  await reached('live');
  await Promise.race([session.close(), reached('retrying')]);
  assert.ok(source.closed);
});
