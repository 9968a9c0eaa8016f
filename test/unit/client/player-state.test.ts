import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { playerState, secondsToRetry } from '../../../client/src/live/player-state.ts';

describe('the state of a player', () => {
  test('is connecting until the first picture, and live from it on', () => {
    assert.equal(playerState('connecting', 'connecting', 'none'), 'connecting');
    assert.equal(playerState('connected', 'live', 'none'), 'connecting');
    assert.equal(playerState('connected', 'live', 'fresh'), 'live');
  });

  test('is reconnecting while there is only a picture from before', () => {
    assert.equal(playerState('reconnecting', 'live', 'old'), 'reconnecting');
    assert.equal(playerState('connected', 'live', 'old'), 'reconnecting');
  });

  test('is that of the source where the way to it is well, or not there yet', () => {
    for (const state of ['idle', 'connecting', 'stalled', 'retrying', 'failed', 'stopped'] as const) {
      assert.equal(playerState('connected', state, 'fresh'), state);
      assert.equal(playerState('connecting', state, 'none'), state);
    }
  });

  test('does not repeat what the source was when the way to it broke', () => {
    assert.equal(playerState('reconnecting', 'retrying', 'none'), 'connecting');
    assert.equal(playerState('reconnecting', 'retrying', 'old'), 'reconnecting');
  });

  test('says that the way is blocked, unless there would be nothing to see', () => {
    assert.equal(playerState('blocked', 'live', 'old'), 'blocked');
    assert.equal(playerState('blocked', 'connecting', 'none'), 'blocked');
    assert.equal(playerState('blocked', 'failed', 'none'), 'failed');
  });

  test('is what prevents a picture, whatever the source does', () => {
    for (const phase of ['gone', 'unsupported', 'forbidden'] as const) assert.equal(playerState(phase, 'live', 'old'), phase);
  });
});

describe('the time to the next attempt', () => {
  test('is told in whole seconds, rounded up', () => {
    assert.equal(secondsToRetry({ state: 'retrying', retryAt: 10_000 }, 7900), 3);
    assert.equal(secondsToRetry({ state: 'failed', retryAt: 10_000 }, 9999), 1);
  });

  test('is not told when it is over, unknown, or of no interest', () => {
    assert.equal(secondsToRetry({ state: 'retrying', retryAt: 10_000 }, 10_000), undefined);
    assert.equal(secondsToRetry({ state: 'retrying' }, 0), undefined);
    assert.equal(secondsToRetry({ state: 'live', retryAt: 10_000 }, 0), undefined);
  });
});
