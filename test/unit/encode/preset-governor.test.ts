import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Headroom } from '../../../src/pipeline/encode/machine-load.ts';
import { LADDER, PresetGovernor } from '../../../src/pipeline/encode/preset-governor.ts';
import type { X264Preset } from '../../../src/pipeline/encode/options.ts';

const INTERVAL_MS = 33;
/** Frames between IDR frames that nobody asked for. */
const IDR_EVERY = 120;
const MINUTE = 60_000 / INTERVAL_MS;
const QUIET: Headroom = { cores: 4, idle: 3.6 };

type Costs = readonly [ultrafast: number, superfast: number, veryfast: number];

interface World {
  /** Milliseconds that a frame takes at each preset. */
  readonly costs: (frame: number) => Costs;
  readonly headroom?: (frame: number, preset: X264Preset) => Headroom | undefined;
  /** Whether a frame before this one has been dropped. */
  readonly drops?: (frame: number, ms: number) => boolean;
  readonly pixels?: number;
  readonly governor?: PresetGovernor;
}

/** A frame as it was encoded. */
interface Step {
  readonly preset: X264Preset;
  readonly level: number;
  readonly ms: number;
  readonly idr: boolean;
}

function run(frames: number, { costs, headroom = () => QUIET, drops = () => false, pixels = 1280 * 720, governor = new PresetGovernor() }: World): Step[] {
  const steps: Step[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const idr = frame % IDR_EVERY === 0;
    const before = steps.at(-1)?.preset ?? LADDER[0]!;
    const preset = governor.choose({ at: frame * INTERVAL_MS, intervalMs: INTERVAL_MS, pixels, threads: 1, headroom: headroom(frame, before), idrDue: idr });
    const level = LADDER.indexOf(preset);
    const ms = costs(frame)[level]!;
    // The one that opens an encoder is not counted.
    if (preset === steps.at(-1)?.preset) governor.encoded(ms, INTERVAL_MS);
    if (drops(frame, ms)) governor.dropped();
    steps.push({ preset, level, ms, idr });
  }
  return steps;
}

/** Frames at which the preset is another than before. */
function changes(steps: readonly Step[]): number[] {
  return steps.flatMap(({ level }, i) => (i > 0 && steps[i - 1]!.level !== level ? [i] : []));
}

describe('the preset', () => {
  test('begins in the middle where even a slow machine would manage, else at the cheapest', () => {
    const first = (world: Partial<World>): X264Preset => run(1, { costs: () => [1, 1, 1], ...world })[0]!.preset;
    assert.equal(first({}), 'superfast');
    assert.equal(first({ pixels: 3840 * 2160 }), 'ultrafast');
    assert.equal(first({ headroom: () => ({ cores: 4, idle: 1 }) }), 'ultrafast');
    assert.equal(first({ headroom: () => undefined }), 'ultrafast');
  });

  test('is raised to the best where there is room, each time with an IDR frame that is due anyway', () => {
    const steps = run(MINUTE, { costs: () => [1, 1.5, 3], headroom: (frame) => (frame === 0 ? undefined : QUIET) });
    assert.deepEqual([steps[0]!.preset, steps.at(-1)!.preset], ['ultrafast', 'veryfast']);
    assert.equal(changes(steps).length, 2);
    assert.ok(changes(steps).every((frame) => steps[frame]!.idr));
  });

  test('is not raised without a reserve of idle cores, nor where that can’t be told', () => {
    for (const headroom of [{ cores: 4, idle: 1 }, undefined]) {
      assert.deepEqual(changes(run(MINUTE, { costs: () => [2, 3, 5], headroom: () => headroom })), []);
    }
  });

  test('is lowered within a few frames when they take too long', () => {
    const steps = run(300, { costs: (frame) => (frame < 200 ? [2, 3, 5] : [8, 14, 25]) });
    const lowered = changes(steps).filter((frame) => frame >= 200);
    assert.ok(lowered.length === 1 && lowered[0]! <= 206, lowered.join(' '));
    assert.equal(steps.at(-1)!.preset, 'superfast');
  });

  test('is lowered before a frame takes longer than there is until the next, where they come to take ever longer', () => {
    const steps = run(600, { costs: (frame) => [2, 3, 5].map((ms) => ms * (1 + Math.max(0, frame - 200) / 50)) as unknown as Costs });
    assert.ok(steps.some(({ preset }) => preset === 'veryfast'));
    assert.equal(steps.at(-1)!.preset, 'ultrafast');
    assert.ok(steps.every(({ ms }) => ms < INTERVAL_MS));
  });

  test('is lowered at once when a frame is dropped for a slow encode, not for one that was quick but once', () => {
    const slow = run(10, { costs: () => [5, 24, 30], drops: (frame) => frame === 1 });
    assert.deepEqual(changes(slow), [2]);
    const once = run(60, { costs: (frame) => (frame === 20 ? [100, 100, 100] : [2, 3, 5]), drops: (frame) => frame === 20 });
    assert.deepEqual(changes(once), []);
  });

  test('is lowered when the machine is full for two seconds, however quick this encoder is', () => {
    const steps = run(600, { costs: () => [1, 2, 3], headroom: (frame) => (frame < 300 ? QUIET : { cores: 4, idle: 0.1 }) });
    const lowered = changes(steps).filter((frame) => frame > 300);
    assert.ok(lowered.length >= 1 && (lowered[0]! - 300) * INTERVAL_MS >= 1900 && (lowered[0]! - 300) * INTERVAL_MS <= 2200);
    assert.equal(steps.at(-1)!.preset, 'ultrafast');
  });

  test('comes back after a machine was busy for a while, and waits longer each time', () => {
    // Something else takes the machine for three seconds as soon as the preset is raised.
    let busyUntil = 0;
    let before = 0;
    const governor = new PresetGovernor();
    const steps: number[] = [];
    for (let frame = 0; frame < 10 * MINUTE; frame++) {
      const headroom = frame < busyUntil ? { cores: 4, idle: 0 } : QUIET;
      const level = LADDER.indexOf(governor.choose({ at: frame * INTERVAL_MS, intervalMs: INTERVAL_MS, pixels: 1280 * 720, threads: 1, headroom, idrDue: frame % IDR_EVERY === 0 }));
      governor.encoded([4, 6, 12][level]!, INTERVAL_MS);
      if (level > before) {
        busyUntil = frame + 3000 / INTERVAL_MS;
        steps.push(frame);
      }
      before = level;
    }
    const gaps = steps.slice(1).map((frame, i) => frame - steps[i]!);
    assert.ok(gaps.length >= 3, `${steps.length} raises`);
    gaps.slice(1).forEach((gap, i) => assert.ok(gap > gaps[i]! * 1.5, gaps.join(' ')));
  });
});

/** What frames take at each preset: never less at a better one. */
const anyCosts: fc.Arbitrary<Costs> = fc
  .tuple(fc.double({ min: 0.2, max: 40, noNaN: true }), fc.double({ min: 1, max: 4, noNaN: true }), fc.double({ min: 1, max: 4, noNaN: true }))
  .map(([first, second, third]) => [first, first * second, first * second * third]);

describe('of whatever machine, the preset', () => {
  test('comes to rest under steady input: each is given up once at most, and after that nothing changes', () => {
    fc.assert(
      fc.property(anyCosts, fc.double({ min: 0, max: 4, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer(), (costs, idle, jitter, seed) => {
        /** 10 % up or down, as frames differ. */
        const noise = (frame: number): number => 0.9 + (0.2 * ((Math.imul(frame ^ seed, 2_654_435_761) >>> 8) & 0xffff)) / 0xffff;
        const steps = run(5 * MINUTE, {
          costs: (frame) => costs.map((ms) => ms * noise(frame)) as unknown as Costs,
          // What the encoder itself takes is not idle.
          headroom: (_frame, preset) => ({ cores: 4, idle: Math.max(0, idle - costs[LADDER.indexOf(preset)]! / INTERVAL_MS) }),
          governor: new PresetGovernor(jitter),
        });
        const lowered = changes(steps).filter((frame) => steps[frame]!.level < steps[frame - 1]!.level).map((frame) => steps[frame - 1]!.preset);
        assert.equal(new Set(lowered).size, lowered.length, lowered.join(' '));
        assert.ok(changes(steps).every((frame) => frame < 3 * MINUTE), changes(steps).join(' '));
      }),
      { numRuns: 60 },
    );
  });

  test('never stays where encoding was measured not to fit, and never goes back to it while nothing has changed', () => {
    fc.assert(
      fc.property(anyCosts, (costs) => {
        const steps = run(5 * MINUTE, { costs: () => costs });
        for (const level of [1, 2]) {
          if (costs[level]! <= 0.6 * INTERVAL_MS) continue;
          assert.ok(steps.filter((step) => step.level === level).length <= 6, `${LADDER[level]} of ${costs[level]} ms`);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('is only ever raised one step, with an IDR frame, and where its expected time leaves most of the interval free', () => {
    const anyFrame = fc.record({ costs: anyCosts, idle: fc.double({ min: 0, max: 4, noNaN: true }), dropped: fc.boolean() });
    fc.assert(
      fc.property(fc.array(anyFrame, { minLength: 1, maxLength: 12 }), (phases) => {
        const at = (frame: number): (typeof phases)[number] => phases[Math.floor(frame / 200) % phases.length]!;
        const steps = run(phases.length * 200, {
          costs: (frame) => at(frame).costs,
          headroom: (frame) => ({ cores: 4, idle: at(frame).idle }),
          drops: (frame, ms) => at(frame).dropped && ms > INTERVAL_MS,
        });
        for (const frame of changes(steps)) {
          const [from, to] = [steps[frame - 1]!, steps[frame]!];
          assert.equal(Math.abs(to.level - from.level), 1);
          if (to.level < from.level) continue;
          assert.ok(to.idr);
          assert.ok(at(frame).idle >= 1);
          const last = steps.slice(Math.max(0, frame - 20), frame).map(({ ms }) => ms).toSorted((a, b) => a - b);
          assert.equal(last.length, 20);
          assert.ok(last[16]! <= 0.25 * INTERVAL_MS, `${last.join(' ')}`);
        }
      }),
      { numRuns: 200 },
    );
  });
});
