import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import type { Problem, SourceState } from '../../../src/pipeline/media/info.ts';
import type { Picture } from '../../../src/pipeline/picture.ts';
import { SESSION_TIMES, SourceSession } from '../../../src/pipeline/source/session.ts';
import { SourceError, type AwaitedPublisher, type Source, type SourceFrame } from '../../../src/pipeline/source/source.ts';
import { settled, SimulatedClock } from '../../support/simulated-clock.ts';

/** What a source does next: gives a frame, at once or after so many ms; fails; says nothing until it is closed; or ends. */
type Step = 'frame' | number | 'silence' | 'end' | SourceError;

interface Script {
  /** Left out, it opens at once. */
  readonly open?: SourceError | 'silence';
  readonly steps?: readonly Step[];
  readonly fps?: number;
  /** What it has left out from its opening on. */
  readonly dropped?: number;
  readonly patienceMs?: number;
  /** Somebody has to push; resolved when they have come. */
  readonly arrival?: Promise<void>;
}

const WAITING: Problem = { code: 'source-waiting', message: 'Waiting for a publisher.' };

class ScriptedSource implements Source {
  readonly #script: Script;
  readonly #steps: Step[];
  readonly #clock: SimulatedClock;
  readonly awaited?: AwaitedPublisher;
  readonly dropped: number;
  readonly patienceMs: number | undefined;
  released = 0;
  closed = false;

  constructor(script: Script, clock: SimulatedClock) {
    this.#script = script;
    this.#steps = [...(script.steps ?? [])];
    this.#clock = clock;
    this.dropped = script.dropped ?? 0;
    this.patienceMs = script.patienceMs;
    const { arrival } = script;
    if (arrival !== undefined) this.awaited = { problem: WAITING, arrival: (signal) => Promise.race([arrival, once(signal, 'abort').then(() => signal.throwIfAborted())]) };
  }

  async open(): Promise<{ codec: string; width: number; height: number; fps: number }> {
    const { open, fps = 25 } = this.#script;
    if (open instanceof SourceError) throw open;
    if (open === 'silence') await new Promise(() => undefined);
    return { codec: 'scripted', width: 2, height: 2, fps };
  }

  async next(): Promise<SourceFrame | undefined> {
    const step = this.#steps.shift() ?? 'silence';
    if (step instanceof SourceError) throw step;
    if (step === 'silence') return new Promise(() => undefined);
    if (step === 'end') return undefined;
    if (typeof step === 'number') await new Promise<void>((resolve) => this.#clock.after(step, resolve));
    const release = (): void => void (this.released += 1);
    return { id: { seq: 0, rtp: 0, capturedAt: 0 }, picture: { width: 2, height: 2, release } as unknown as Picture };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

interface Entered {
  readonly state: SourceState;
  readonly at: number;
  readonly problem?: Problem;
  readonly retryAt?: number;
}

/** A session over scripted sources, one an attempt; the last script is that of every further attempt. */
function play(...scripts: Script[]): { session: SourceSession; clock: SimulatedClock; entered: Entered[]; states(): SourceState[]; made: ScriptedSource[] } {
  const clock = new SimulatedClock();
  const entered: Entered[] = [];
  const made: ScriptedSource[] = [];
  const session = new SourceSession(
    () => {
      const source = new ScriptedSource(scripts[Math.min(made.length, scripts.length - 1)]!, clock);
      made.push(source);
      return source;
    },
    {
      state: (state, details) => entered.push({ state, at: clock.now(), ...details }),
      video() {},
      frame: ({ picture }) => picture?.release(),
    },
    // Without jitter, waits have their full length.
    { clock, random: () => 1 },
  );
  session.start();
  return { session, clock, entered, states: () => entered.map(({ state }) => state), made };
}

const gone = new SourceError('source-not-found', 'Nothing is there.');
const junk = new SourceError('source-invalid', 'Junk.');
const refused = new SourceError('source-credentials', 'Wrong password.');
const broken = new SourceError('source-read', 'It broke.');
/** Gives frames for so long, one every two seconds, then fails. */
const livesFor = (ms: number): Script => ({ steps: ['frame', ...Array.from({ length: ms / 2000 }, () => 2000), broken] });
const { open, firstFrame, stall, giveUp, retryMin, retryMax, retryLasting, healthy } = SESSION_TIMES;

describe('a source that is being connected', () => {
  test('is live with its first frame, not before', async () => {
    const { session, clock, entered } = play({ steps: [1500, 'silence'] });
    await clock.advanceTo(1499);
    assert.deepEqual(entered.map(({ state }) => state), ['connecting']);
    await clock.advanceTo(1500);
    assert.deepEqual(entered.at(-1), { state: 'live', at: 1500 });
    await session.close();
  });

  test('that does not answer is given up when its time is over', async () => {
    const { session, clock, entered, made } = play({ open: 'silence' });
    await clock.advanceTo(open - 1);
    assert.equal(entered.length, 1);
    await clock.advanceTo(open);
    assert.equal(entered[1]?.state, 'retrying');
    assert.equal(entered[1].problem?.code, 'source-timeout');
    assert.ok(made[0]?.closed);
    await session.close();
  });

  test('that answers without a frame is given up, without ever having counted as stalled', async () => {
    const { session, clock, entered } = play({ steps: ['silence'] });
    await clock.advanceTo(firstFrame - 1);
    assert.equal(entered.length, 1);
    await clock.advanceTo(firstFrame);
    assert.equal(entered[1]?.state, 'retrying');
    assert.match(entered[1].problem?.message ?? '', /first frame/);
    await session.close();
  });

  test('that is down at start is tried again until it lives', async () => {
    const { session, clock, entered, states } = play({ open: gone }, { open: gone }, { steps: ['frame'] });
    await clock.advanceTo(retryMin * 3);
    assert.deepEqual(states(), ['connecting', 'retrying', 'connecting', 'retrying', 'connecting', 'live']);
    assert.deepEqual(entered[1], { state: 'retrying', at: 0, problem: { code: gone.code, message: gone.message }, retryAt: retryMin });
    await session.close();
  });
});

describe('what sources leave out because the pipeline is late', () => {
  test('is counted over all attempts', async () => {
    const { session, clock } = play({ dropped: 3, steps: ['frame', broken] }, { dropped: 4, steps: ['frame'] });
    await clock.advanceTo(retryMin);
    assert.equal(session.state, 'live');
    assert.equal(session.dropped, 7);
    await session.close();
    assert.equal(session.dropped, 7);
  });
});

describe('a source that falls silent', () => {
  test('is stalled, then live again with its next frame', async () => {
    const { session, clock, entered } = play({ steps: ['frame', stall + 1000, 'silence'] });
    await clock.advanceTo(stall + 1000);
    assert.deepEqual(entered.slice(1), [{ state: 'live', at: 0 }, { state: 'stalled', at: stall }, { state: 'live', at: stall + 1000 }]);
    await session.close();
  });

  test('is given up, closed and tried again', async () => {
    const { session, clock, entered, states, made } = play({ steps: ['frame', 'silence'] }, { steps: ['frame'] });
    await clock.advanceTo(giveUp + retryMin);
    assert.deepEqual(states(), ['connecting', 'live', 'stalled', 'retrying', 'connecting', 'live']);
    assert.equal(entered[3]?.at, giveUp);
    assert.ok(made[0]?.closed);
    await session.close();
  });

  test('is given up sooner where it says that this is better', async () => {
    const { session, clock, entered, states } = play({ steps: ['frame', 'silence'], patienceMs: stall + 500 }, { steps: ['frame'] });
    await clock.advanceTo(stall + 500 + retryMin);
    assert.deepEqual(states(), ['connecting', 'live', 'stalled', 'retrying', 'connecting', 'live']);
    assert.equal(entered[3]?.at, stall + 500);
    await session.close();
  });

  test('gives its frame back where that comes too late', async () => {
    const { session, clock, made } = play({ steps: ['frame', giveUp + 1] }, { steps: ['silence'] });
    await clock.advanceTo(giveUp);
    assert.equal(made[0]?.released, 1);
    await clock.advanceTo(giveUp + 1);
    assert.equal(made[0]?.released, 2);
    await session.close();
  });

  test('has the time of several frames where it is slow by nature', async () => {
    const { session, clock, states } = play({ fps: 0.2, steps: ['frame', 14_000, 14_000, 'silence'] });
    await clock.advanceTo(28_000 + 14_999);
    assert.deepEqual(states(), ['connecting', 'live']);
    await clock.advanceTo(28_000 + 15_000);
    assert.deepEqual(states(), ['connecting', 'live', 'stalled']);
    await session.close();
  });
});

describe('waits between attempts', () => {
  test('double up to a cap, for ever', async () => {
    const { session, clock, entered } = play({ open: gone });
    await clock.advanceTo(600_000);
    const waits = entered.filter(({ state }) => state === 'retrying').map(({ at, retryAt }) => retryAt! - at);
    assert.deepEqual(waits.slice(0, 7), [500, 1000, 2000, 4000, 8000, retryMax, retryMax]);
    assert.ok(waits.length > 30 && waits.slice(6).every((wait) => wait === retryMax));
    await session.close();
  });

  test('grow while the source breaks after less than a healthy minute', async () => {
    const { session, clock, entered } = play(livesFor(healthy - 2000));
    await clock.advanceTo(3 * healthy);
    const waits = entered.filter(({ state }) => state === 'retrying').map(({ at, retryAt }) => retryAt! - at);
    assert.deepEqual(waits.slice(0, 3), [500, 1000, 2000]);
    await session.close();
  });

  test('are short again after a healthy minute', async () => {
    const { session, clock, entered } = play({ open: gone }, { open: gone }, livesFor(healthy), { steps: ['silence'] });
    await clock.advanceTo(healthy + 5000);
    const waits = entered.filter(({ state }) => state === 'retrying').map(({ at, retryAt }) => retryAt! - at);
    assert.deepEqual(waits, [500, 1000, 500]);
    await session.close();
  });

  test('are not shortened by a minute of which a part was a stall', async () => {
    const { session, clock, entered } = play({ open: gone }, { steps: ['frame', ...Array.from({ length: 25 }, () => 2000), 'silence'] });
    await clock.advanceTo(healthy + 5000);
    const waits = entered.filter(({ state }) => state === 'retrying').map(({ at, retryAt }) => retryAt! - at);
    assert.deepEqual(waits, [500, 1000]);
    await session.close();
  });
});

describe('what retrying hardly mends', () => {
  test('is failed while it is tried slowly, and lives when it is mended', async () => {
    const { session, clock, entered } = play({ open: junk }, { open: junk }, { steps: ['frame'] });
    await clock.advanceTo(2 * retryLasting);
    const problem = { code: junk.code, message: junk.message };
    assert.deepEqual(entered.slice(1), [
      { state: 'failed', at: 0, problem, retryAt: retryLasting },
      { state: 'failed', at: retryLasting, problem },
      { state: 'failed', at: retryLasting, problem, retryAt: 2 * retryLasting },
      { state: 'failed', at: 2 * retryLasting, problem },
      { state: 'live', at: 2 * retryLasting },
    ]);
    await session.close();
  });

  test('are credentials that are refused three times in a row, and a device that is only starting is not', async () => {
    const stubborn = play({ open: refused });
    await stubborn.clock.advanceTo(retryMin * 3);
    assert.deepEqual(stubborn.states(), ['connecting', 'retrying', 'connecting', 'retrying', 'connecting', 'failed']);
    await stubborn.session.close();
    const starting = play({ open: refused }, { open: refused }, { open: gone }, { open: refused }, { open: refused }, { steps: ['frame'] });
    await starting.clock.advanceTo(16_000);
    assert.ok(!starting.states().includes('failed'));
    assert.equal(starting.session.state, 'live');
    await starting.session.close();
  });
});

describe('a person who does not want to wait', () => {
  test('skips the wait, and waits are short again', async () => {
    const { session, clock, entered } = play({ open: gone });
    await clock.advanceTo(4000);
    assert.equal(entered.at(-1)?.state, 'retrying');
    session.retryNow();
    await settled();
    const [attempt, again] = entered.slice(-2);
    assert.deepEqual([attempt?.state, attempt?.at, again?.state, again?.retryAt], ['connecting', 4000, 'retrying', 4000 + retryMin]);
    await session.close();
  });

  test('has a failed source tried again at once', async () => {
    const { session, states } = play({ open: junk }, { steps: ['frame'] });
    await settled();
    assert.equal(session.state, 'failed');
    session.retryNow();
    await settled();
    assert.equal(states()[2], 'connecting');
    assert.equal(session.state, 'live');
    await session.close();
  });

  test('has a stalled source opened anew, without a wait', async () => {
    const { session, clock, states, made } = play({ steps: ['frame', 'silence'] }, { steps: ['frame'] });
    await clock.advanceTo(stall);
    session.retryNow();
    await settled();
    assert.deepEqual(states(), ['connecting', 'live', 'stalled', 'connecting', 'live']);
    assert.ok(made[0]?.closed);
    await session.close();
  });

  test('does not disturb a source that lives', async () => {
    const { session, states, made } = play({ steps: ['frame'] });
    await settled();
    session.retryNow();
    await settled();
    assert.deepEqual(states(), ['connecting', 'live']);
    assert.equal(made.length, 1);
    await session.close();
  });

  test('plays a file that has ended once more', async () => {
    const { session, clock, states } = play({ steps: ['frame', 'end'] }, { steps: ['frame'] });
    await clock.advanceTo(healthy);
    assert.deepEqual(states(), ['connecting', 'live', 'ended']);
    session.retryNow();
    await settled();
    assert.deepEqual(states().slice(3), ['connecting', 'live']);
    await session.close();
  });
});

for (const [what, script] of Object.entries({ opening: { open: 'silence' }, live: { steps: ['frame'] }, waiting: { open: gone } } satisfies Record<string, Script>)) {
  test(`closing while it is ${what} closes the source, leaves no timer and is idempotent`, async () => {
    const { session, clock, entered, made } = play(script);
    await settled();
    const before = entered.length;
    await Promise.all([session.close(), session.close()]);
    await session.close();
    assert.ok(made.every(({ closed }) => closed));
    assert.equal(clock.pending, 0);
    assert.equal(entered.length, before);
  });
}

test('somebody who pushes is waited for without a limit, and again at once when they have left', async () => {
  const left = new SourceError('source-waiting', 'The publisher has left.');
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { session, clock, entered, states } = play({ arrival: first.promise, steps: ['frame', left] }, { arrival: second.promise, steps: ['frame', 'silence'] });
  await clock.advanceTo(10 * open);
  assert.deepEqual(entered, [{ state: 'connecting', at: 0 }, { state: 'connecting', at: 0, problem: WAITING }]);
  first.resolve();
  await settled();
  await clock.advanceTo(11 * open);
  assert.deepEqual(states().slice(2), ['connecting', 'live', 'connecting', 'connecting']);
  second.resolve();
  await settled();
  assert.equal(states().at(-1), 'live');
  await session.close();
});
