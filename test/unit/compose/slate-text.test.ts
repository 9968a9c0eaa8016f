import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { slateLines } from '../../../src/pipeline/compose/slate-text.ts';

const at = new Date(2026, 10, 21, 12, 4, 0).getTime();
const since = new Date(2026, 10, 21, 12, 3, 11).getTime();

describe('a slate says', () => {
  test('since when there is no signal, and when it is tried again', () => {
    const reason = { state: 'retrying', retryAt: at + 3200 } as const;
    assert.deepEqual(slateLines(reason, since, at, 'en'), ['No signal since 12:03:11', 'Trying again in 4 s']);
    assert.deepEqual(slateLines(reason, since, at, 'zh-CN'), ['12:03:11 起无信号', '4 秒后重试']);
    assert.deepEqual(slateLines(reason, since, at, 'both'), ['No signal since 12:03:11', 'Trying again in 4 s', '12:03:11 起无信号，4 秒后重试']);
  });

  test('that it is being connected, while an attempt is made', () => {
    assert.deepEqual(slateLines({ state: 'connecting' }, undefined, at, 'both'), ['Connecting …', '正在连接…']);
    assert.deepEqual(slateLines({ state: 'connecting' }, since, at, 'en'), ['No signal since 12:03:11', 'Connecting …']);
    assert.deepEqual(slateLines({ state: 'failed', retryAt: at - 1 }, undefined, at, 'en'), ['No signal', 'Connecting …']);
  });

  test('that a publisher is waited for', () => {
    const reason = { state: 'connecting', code: 'source-waiting' } as const;
    assert.deepEqual(slateLines(reason, undefined, at, 'both'), ['Waiting for a publisher', '正在等待推流']);
    assert.deepEqual(slateLines(reason, since, at, 'en'), ['No signal since 12:03:11', 'Waiting for a publisher']);
  });

  test('nothing of attempts while the source is open and only silent', () => {
    assert.deepEqual(slateLines({ state: 'stalled' }, since, at, 'both'), ['No signal since 12:03:11', '12:03:11 起无信号']);
  });

  test('the date too, of another day', () => {
    const [line] = slateLines({ state: 'stalled' }, since - 24 * 3_600_000, at, 'en');
    assert.equal(line, 'No signal since 2026-11-20 12:03:11');
  });
});
