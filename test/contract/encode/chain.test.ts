import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { EncoderProbes, workingEncoders } from '../../../src/pipeline/encode/chain.ts';

const PROBE = join(import.meta.dirname, '../../../src/pipeline/encode/probe-child.ts');
const logger = pino({ level: 'silent' });
const withDevices = ['/dev/nvidia0', '/dev/dri', '/dev/dxg'].some(existsSync) ? 'there is a device here' : false;

async function probe(name: string): Promise<number | null> {
  const child = fork(PROBE, [name], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

test('x264 works everywhere, and a chain keeps its order', async () => {
  assert.deepEqual((await workingEncoders(['x264'], logger)).at(-1), 'x264');
  const all = await workingEncoders(['nvenc', 'qsv', 'vaapi', 'x264'], logger);
  assert.deepEqual(all, ['nvenc', 'qsv', 'vaapi', 'x264'].filter((name) => (all as string[]).includes(name)));
});

test('hardware encoders are left out where there is no device', { skip: withDevices }, async () => {
  assert.deepEqual(await workingEncoders(['nvenc', 'qsv', 'vaapi'], logger), []);
});

test('a test encode tells an encoder that works from one that does not', { skip: withDevices }, async () => {
  assert.equal(await probe('x264'), 0);
  for (const name of ['nvenc', 'qsv', 'vaapi']) assert.notEqual(await probe(name), 0, name);
});

test('a test encode ends with the process that asked for it', async () => {
  const child = fork(PROBE, ['x264'], { stdio: 'ignore' });
  child.disconnect();
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  assert.equal(signal, 'SIGKILL');
});

test('an encoder that took too long is left out until it has done better, for which nobody waits', async () => {
  const tests = { nvenc: 0, qsv: 0 };
  const again = Promise.withResolvers<void>();
  const probes = new EncoderProbes(async (name) => {
    if (name !== 'nvenc' && name !== 'qsv') return 'works';
    tests[name] += 1;
    if (name === 'qsv') return 'fails';
    if (tests.nvenc === 1) return 'late';
    await again.promise;
    return 'works';
  }, 1);
  assert.deepEqual(await probes.working(['nvenc', 'qsv', 'x264'], logger), ['x264']);
  while (tests.nvenc < 2) await sleep(1);
  assert.deepEqual(await probes.working(['nvenc', 'qsv', 'x264'], logger), ['x264']);
  again.resolve();
  await sleep(0);
  assert.deepEqual(await probes.working(['nvenc', 'qsv', 'x264'], logger), ['nvenc', 'x264']);
  assert.deepEqual(tests, { nvenc: 2, qsv: 1 });
});
