import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectorFigures } from '../../../client/src/elements/watch/detector-figures.ts';
import { formatNumber, translate, type Language } from '../../../client/src/i18n/format.ts';

const speaking = (language: Language): Parameters<typeof detectorFigures>[0] => ({
  t: (key, parameters) => translate(language, key, parameters),
  number: (value) => formatNumber(language, value),
});

test('a detector is told of by its rate and time, by its workers where there are several, or by what it does instead', () => {
  const stats = { state: 'ready' as const, fps: 14.9, inferenceMs: 12.34, offered: 0, taken: 0, skipped: 0, age: 0 };
  assert.equal(detectorFigures(speaking('en'), stats), '15 fps · 12.3 ms');
  assert.equal(detectorFigures(speaking('en'), { ...stats, workers: 1 }), '15 fps · 12.3 ms');
  assert.equal(detectorFigures(speaking('en'), { ...stats, workers: 3 }), '15 fps · 12.3 ms · 3 workers');
  assert.equal(detectorFigures(speaking('en'), { ...stats, state: 'waiting', workers: 0 }), 'waiting for a worker');
  assert.equal(detectorFigures(speaking('en'), { ...stats, state: 'connecting' }), 'starting');
  assert.equal(detectorFigures(speaking('en'), { ...stats, state: 'loading' }), 'loading its model');
  assert.equal(detectorFigures(speaking('zh-CN'), { ...stats, state: 'closed' }), '未运行');
  assert.equal(detectorFigures(speaking('zh-CN'), { ...stats, state: 'waiting', workers: 0 }), '等待算法程序连接');
});
