import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { FrameWarnings } from '../../../src/pipeline/detect/frame-warnings.ts';

test('what goes wrong with every frame is said once a second, with how often it went unsaid', () => {
  const said: { msg: string; unsaid?: number; time: number }[] = [];
  let now = 0;
  const warnings = new FrameWarnings(pino({ base: null, timestamp: () => `,"time":${now}` }, { write: (line: string) => void said.push(JSON.parse(line)) }), () => now);
  for (; now < 2100; now += 250) warnings.warn(new Error('too small'), `frame at ${now}`);
  assert.deepEqual(said.map(({ time, msg, unsaid }) => [time, msg, unsaid]), [[0, 'frame at 0', undefined], [1000, 'frame at 1000', 3], [2000, 'frame at 2000', 3]]);
});
