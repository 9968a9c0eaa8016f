import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlateReason } from '../../../src/pipeline/compose/slate-text.ts';
import { SlateClock } from '../../../src/pipeline/slate-clock.ts';
import { settled, SimulatedClock } from '../../support/simulated-clock.ts';

const problem = { code: 'source-read', message: 'It broke.' };

/** @param drawMs how long a slate takes */
function watch(drawMs = 0): { clock: SimulatedClock; slates: SlateClock; drawn: (SlateReason & { at: number })[] } {
  const clock = new SimulatedClock();
  const drawn: (SlateReason & { at: number })[] = [];
  const slates = new SlateClock(async (reason) => {
    drawn.push({ ...reason, at: clock.now() });
    if (drawMs > 0) await new Promise<void>((resolve) => clock.after(drawMs, resolve));
  }, clock);
  return { clock, slates, drawn };
}

test('a source that is lost has slates at once, four a second, until it is live', async () => {
  const { clock, slates, drawn } = watch();
  slates.source('live');
  await clock.advanceTo(10_000);
  assert.equal(drawn.length, 0);
  slates.source('stalled');
  await clock.advanceTo(10_999);
  assert.deepEqual(drawn.map(({ at }) => at), [10_000, 10_250, 10_500, 10_750]);
  slates.source('live');
  assert.equal(slates.on, false);
  await clock.advanceTo(20_000);
  assert.equal(drawn.length, 4);
});

test('each slate knows the state of its time', async () => {
  const { clock, slates, drawn } = watch();
  slates.source('retrying', { problem, retryAt: 400 });
  await clock.advanceTo(400);
  slates.source('connecting');
  await clock.advanceTo(500);
  assert.deepEqual(drawn.map(({ state, code, retryAt }) => [state, code, retryAt]), [
    ['retrying', 'source-read', 400],
    ['retrying', 'source-read', 400],
    ['connecting', undefined, undefined],
  ]);
  slates.close();
});

test('a source that is being connected may come in time, without a slate', async () => {
  const { clock, slates, drawn } = watch();
  slates.source('connecting');
  await clock.advanceTo(1900);
  slates.source('live');
  await clock.advanceTo(10_000);
  assert.equal(drawn.length, 0);
  slates.source('connecting');
  slates.source('connecting');
  await clock.advanceTo(12_000);
  assert.deepEqual(drawn.map(({ at }) => at), [12_000]);
  slates.close();
});

test('a source that fails while it is being connected has slates at once, and so has a publisher who is waited for', async () => {
  for (const state of ['retrying', 'connecting'] as const) {
    const { clock, slates, drawn } = watch();
    slates.source('connecting');
    await clock.advanceTo(300);
    slates.source(state, { problem });
    await clock.advanceTo(2600);
    assert.equal(drawn[0]?.at, 300);
    assert.equal(drawn.length, 10, 'two rounds of slates at a time');
    slates.close();
  }
});

test('slates that take long are not drawn two at a time', async () => {
  const { clock, slates, drawn } = watch(600);
  slates.source('stalled');
  await clock.advanceTo(1300);
  assert.deepEqual(drawn.map(({ at }) => at), [0, 600, 1200]);
  slates.close();
});

test('a source that comes and goes while a slate is drawn has one round of slates, not two', async () => {
  const { clock, slates, drawn } = watch(100);
  slates.source('stalled');
  await clock.advanceTo(50);
  slates.source('live');
  slates.source('stalled');
  await clock.advanceTo(1049);
  assert.deepEqual(drawn.map(({ at }) => at), [0, 50, 300, 550, 800]);
  slates.close();
});

test('closing leaves no timer, in any state, and is idempotent', async () => {
  for (const state of ['connecting', 'stalled', 'ended'] as const) {
    const { clock, slates } = watch();
    slates.source(state);
    await settled();
    slates.close();
    slates.close();
    assert.equal(clock.pending, 0);
    assert.equal(slates.on, false);
  }
});
