import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { workingEncoders } from '../../../src/pipeline/encode/chain.ts';

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
