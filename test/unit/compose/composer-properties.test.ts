import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Joined } from '../../../src/pipeline/compose/composer.ts';
import type { Late, SyncPolicy } from '../../../src/pipeline/compose/options.ts';
import { settled } from '../../support/simulated-clock.ts';
import { done, FRAME_MS, idOf, scene, seen, ticket } from './joining.ts';

const NAMES = ['a', 'b', 'c'] as const;
const DEADLINE_MS = 100;

/** How a detector deals with a frame that it takes. `crash`: it dies when it would have answered, and all that it still owes is lost. */
interface Answer {
  readonly after: number;
  readonly kind: 'done' | 'twice' | 'lost' | 'never' | 'crash';
}

type Change = { readonly policy: SyncPolicy } | { readonly deadlineMs: number } | { readonly detectors: Joined[] };

/** What happens with one frame: when it comes after the last, which settings change before it, and what each detector does with it. */
interface Step {
  readonly gap: number;
  readonly change: Change | null;
  readonly answers: readonly (Answer | null)[];
}

const policies = fc.constantFrom<SyncPolicy>('exact', 'predict', 'interpolate');
const lates = fc.option(fc.constantFrom<Late>('wait', 'carry', 'skip'), { nil: undefined });
const detectors = fc
  .tuple(fc.subarray([...NAMES]), fc.array(lates, { minLength: 3, maxLength: 3 }))
  .map(([names, how]): Joined[] => names.map((name, i) => ({ name, late: how[i] })));
const answers = fc.option(
  fc.record({ after: fc.integer({ min: 0, max: 300 }), kind: fc.constantFrom<Answer['kind']>('done', 'done', 'done', 'twice', 'lost', 'never', 'crash') }),
  { freq: 3 },
);
const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ policy: policies }),
  fc.record({ deadlineMs: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ detectors }),
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ gap: fc.integer({ min: 0, max: 80 }), change: fc.option(changes, { freq: 5 }), answers: fc.array(answers, { minLength: 3, maxLength: 3 }) }),
  { minLength: 1, maxLength: 40 },
);
/** When the composer is closed: before this frame, or never. */
const closings = fc.option(fc.integer({ min: 0, max: 40 }), { freq: 3 });

/** What was true when a frame came, and what each detector had said of which frame by when. */
interface Run {
  readonly out: ReturnType<typeof scene>['out'];
  readonly discarded: readonly number[];
  /** By frame. */
  readonly came: { readonly at: number; readonly deadline: number }[];
  /** `detector seq` → when it had first said what it saw, or that it will not. */
  readonly said: Map<string, number>;
  readonly refused: Map<string, number>;
  readonly taken: Set<string>;
  /** The most that was held at any time, beside the frames that waited then. */
  readonly held: { frames: number; dueFrames: number; results: number; frameOfResults: number }[];
}

async function play(script: readonly Step[], closesAt: number | null, policy: SyncPolicy, first: readonly Joined[]): Promise<Run> {
  const { clock, composer, out, discarded } = scene(policy, first, DEADLINE_MS);
  const run: Run = { out, discarded, came: [], said: new Map(), refused: new Map(), taken: new Set(), held: [] };
  const owed = new Map<string, Set<() => void>>(NAMES.map((name) => [name, new Set()]));
  const events: { at: number; run: () => void }[] = [];
  let deadlineMs = DEADLINE_MS;
  let at = 0;
  script.forEach(({ gap, change, answers: given }, seq) => {
    at += gap;
    const tickets = given.flatMap((answer, i) => (answer === null ? [] : [{ ...answer, detector: NAMES[i]! }]));
    const asked = tickets.flatMap(({ kind, detector, after }) => Array.from({ length: kind === 'twice' ? 2 : 1 }, () => ({ kind, after, ...ticket(detector) })));
    events.push({
      at,
      run: () => {
        if (seq === closesAt) composer.close();
        if (change !== null) composer.configure(change);
        if (change !== null && 'deadlineMs' in change) deadlineMs = change.deadlineMs;
        run.came.push({ at: clock.now(), deadline: clock.now() + deadlineMs });
        for (const { detector } of asked) run.taken.add(`${detector} ${seq}`);
        composer.push({ id: idOf(seq), width: 10, height: 10, payload: seq, taken: asked });
      },
    });
    for (const { kind, after, detector, answer } of asked) {
      const key = `${detector} ${seq}`;
      const lose = (): void => {
        if (!run.said.has(key) && !run.refused.has(key)) run.refused.set(key, clock.now());
        answer({ status: 'lost', reason: 'test' });
      };
      owed.get(detector)!.add(lose);
      if (kind === 'never') continue;
      events.push({
        at: at + after,
        run: () => {
          if (kind === 'crash') return owed.get(detector)!.forEach((one) => one());
          if (kind === 'lost') return lose();
          if (!run.said.has(key) && !run.refused.has(key)) run.said.set(key, clock.now());
          answer(done([seen(detector, seq)]));
        },
      });
    }
  });
  for (const event of events.sort((x, y) => x.at - y.at)) {
    await clock.advanceTo(event.at);
    event.run();
    await settled();
    const dueFrames = run.came.filter(({ deadline }) => deadline > clock.now()).length;
    run.held.push({ ...count(composer.held), dueFrames });
  }
  await clock.advanceTo(at + 1000);
  return run;
}

function count({ frames, results }: { frames: number; results: number }): { frames: number; results: number; frameOfResults: number } {
  return { frames, results, frameOfResults: NAMES.length * (frames + 1) };
}

/** Runs it over and over; a failure names its seed and path, with which `fc.assert(…, { seed, path })` repeats it. */
async function always(check: (run: Run, script: readonly Step[]) => void, given: { policy?: SyncPolicy; lates?: readonly Late[]; still?: boolean } = {}): Promise<void> {
  const firsts = given.lates === undefined ? fc.array(lates, { minLength: 3, maxLength: 3 }) : fc.constant(given.lates);
  const scripts = given.still === true ? steps.map((script) => script.map((step) => ({ ...step, change: null }))) : steps;
  const policy = given.policy === undefined ? policies : fc.constant(given.policy);
  await fc.assert(
    fc.asyncProperty(scripts, given.still === true ? fc.constant(null) : closings, policy, firsts, async (script, closesAt, first, how) => {
      check(await play(script, closesAt, first, NAMES.map((name, i) => ({ name, late: how[i] }))), script);
    }),
    { numRuns: 150 },
  );
}

test('every frame leaves once and in order, or is given back when the composer is closed', async () => {
  await always(({ out, discarded }, script) => {
    assert.deepEqual([...out.map(({ payload }) => payload), ...discarded], script.map((_, seq) => seq));
  });
});

test('every frame leaves within its deadline', async () => {
  await always(({ out, came }) => {
    for (const { payload: seq, at } of out) assert.ok(at <= came[seq]!.deadline, `frame ${seq} left at ${at}, deadline ${came[seq]!.deadline}`);
  });
});

test('what a frame shows was said before it left, of the frame that its age names', async () => {
  await always(({ out, said }) => {
    for (const { payload: seq, at, message } of out) {
      for (const [detector, { age }] of Object.entries(message.detectors)) {
        const saidAt = said.get(`${detector} ${seq - age}`);
        assert.ok(saidAt !== undefined && saidAt <= at, `${detector} says it saw frame ${seq - age}, of which it had said nothing`);
        const own = message.detections.filter((one) => one.detector === detector);
        if (age === 0) assert.deepEqual(own.map(({ box }) => box), [seen(detector, seq).box]);
      }
      for (const { detector } of message.detections) assert.ok(detector in message.detectors, `${detector} has no age`);
    }
  });
});

test('what a frame shows is the newest that was said of it or of earlier ones', async () => {
  await always(
    ({ out, said }) => {
      for (const { payload: seq, at, message } of out) {
        for (const name of NAMES) {
          const known = Array.from({ length: seq + 1 }, (_, one) => one).filter((one) => (said.get(`${name} ${one}`) ?? Infinity) < at);
          const newest = known.at(-1);
          if (newest !== undefined) assert.ok((message.detectors[name]?.age ?? Infinity) <= seq - newest, `${name} had said something of frame ${newest}`);
        }
      }
    },
    { still: true },
  );
});

test('no frame is held up by a detector that is not waited for', async () => {
  await always(({ out, came }) => {
    for (const { payload: seq, at } of out) assert.equal(at, came[seq]!.at, `frame ${seq}`);
  }, { lates: ['carry', 'skip', 'carry'], still: true });
});

test('a frame waits no longer than for what it waits for, and for the frames before it', async () => {
  await always(
    ({ out, came, taken, said, refused }) => {
      let before = 0;
      for (const { payload: seq, at } of out) {
        const answered = ['a', 'b'].map((name) => `${name} ${seq}`).map((key) => (taken.has(key) ? Math.min(said.get(key) ?? Infinity, refused.get(key) ?? Infinity) : 0));
        before = Math.max(before, came[seq]!.at, Math.min(came[seq]!.deadline, Math.max(...answered)));
        assert.ok(at <= before, `frame ${seq} left at ${at}, could at ${before}`);
      }
    },
    { policy: 'exact', lates: ['wait', 'wait', 'carry'], still: true },
  );
});

test('a frame leaves before its deadline only when all that it waits for have answered', async () => {
  await always(
    ({ out, came, taken, said, refused }) => {
      for (const { payload: seq, at } of out) {
        // A frame also leaves when the time of one behind it is over, which without changes is later than its own.
        if (at >= came[seq]!.deadline) continue;
        for (const key of ['a', 'b'].map((name) => `${name} ${seq}`).filter((one) => taken.has(one))) {
          const settledAt = Math.min(said.get(key) ?? Infinity, refused.get(key) ?? Infinity);
          assert.ok(settledAt <= at, `frame ${seq} left at ${at} without ${key}`);
        }
      }
    },
    { policy: 'exact', lates: ['wait', 'wait', 'carry'], still: true },
  );
});

test('of a detector that is skipped nothing is shown but on its own frames', async () => {
  await always(({ out }) => {
    for (const { message } of out) {
      for (const { detector } of message.detections) if (detector === 'b') assert.equal(message.detectors['b']!.age, 0);
    }
  }, { lates: ['wait', 'skip', 'carry'], still: true });
});

test('boxes of detectors that are waited for or carried never flicker, whatever else is slow, lost or dead', async () => {
  await always(
    ({ out }) => {
      const shown = new Set<string>();
      for (const { payload: seq, message } of out) {
        const here = new Set(message.detections.map(({ detector }) => detector));
        for (const name of shown) assert.ok(here.has(name) || message.detectors[name]!.age * FRAME_MS > 2000, `${name} is missing on frame ${seq}`);
        for (const name of here) shown.add(name);
      }
    },
    { lates: ['wait', 'carry', 'carry'], still: true },
  );
});

test('no more is held than the frames whose time is not over and the results that these may need', async () => {
  await always(({ held }) => {
    for (const { frames, dueFrames, results, frameOfResults } of held) {
      assert.ok(frames <= dueFrames, `${frames} frames wait, ${dueFrames} may`);
      assert.ok(results <= frameOfResults, `${results} results for ${frames} frames`);
    }
  });
});
