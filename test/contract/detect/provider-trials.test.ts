import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ProviderTrials } from '../../../src/pipeline/detect/providers/provider-trials.ts';
import { reasonOf, type Trial } from '../../../src/pipeline/detect/providers/verdict.ts';
import type { ResolvedModel } from '../../../src/pipeline/detect/spec.ts';
import { manifestOf } from '../../support/detect.ts';
import { meanDetector } from '../../support/onnx-model.ts';

const MADE_UP = join(import.meta.dirname, '../../support/made-up-providers.ts');
const NOWHERE = '/nowhere/program.ts';

let folder: string;
let model: ResolvedModel;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'framelock-trials-'));
  const file = join(folder, 'mean.onnx');
  await writeFile(file, meanDetector());
  model = { name: 'mean', file, manifest: manifestOf({ family: 'yolov8', threshold: 0, input: { scale: 1 / 255 }, nms: 0.5 }) };
});
after(() => rm(folder, { recursive: true }));

const trialOf = (provider: string): Trial => ({ model, provider, threads: 1, evenSlower: false });

describe('a provider', () => {
  test('that sees what the CPU sees, and sooner, is found to be faster', async () => {
    const verdict = await new ProviderTrials({ entry: MADE_UP }).judge(trialOf('quick'));
    assert.ok(verdict.is === 'faster' && verdict.ms < verdict.cpuMs, JSON.stringify(verdict));
  });

  for (const [provider, reason] of Object.entries({
    blind: /does not see what the CPU sees: it sees 0 of/,
    mislabelling: /does not see what the CPU sees/,
    shifting: /does not see what the CPU sees/,
  })) {
    test(`that is ${provider} is found to be wrong`, async () => {
      const verdict = await new ProviderTrials({ entry: MADE_UP }).judge(trialOf(provider));
      assert.equal(verdict.is, 'wrong');
      assert.match(reasonOf(verdict), reason);
    });
  }

  test('that is a program is not tried any further, unless it is of use even so', async () => {
    const trials = new ProviderTrials({ entry: MADE_UP });
    const verdict = await trials.judge(trialOf('software'));
    assert.deepEqual(verdict, { is: 'software', ms: 100, cpuMs: 0.5 });
    assert.equal(reasonOf(verdict), 'is no GPU but a program: it takes 100 ms of the processor for what the CPU does in 0.5 ms');
    assert.match((await trials.judge({ ...trialOf('software'), evenSlower: true })).is, /^(slower|faster)$/);
  });

  test('that ends its process is unusable, and so is one whose runs fail', async () => {
    const trials = new ProviderTrials({ entry: MADE_UP });
    const crashing = await trials.judge(trialOf('crashing'));
    assert.deepEqual([crashing.is, reasonOf(crashing)], ['unusable', 'ended its process (SIGSEGV)']);
    const failing = await trials.judge(trialOf('failing'));
    assert.deepEqual(failing, { is: 'unusable', reason: 'The device is lost' });
  });

  test('that never gives a first result is given up', async () => {
    const verdict = await new ProviderTrials({ entry: MADE_UP, firstMs: 2000 }).judge(trialOf('hanging'));
    assert.deepEqual(verdict, { is: 'late', reason: 'gave no result within 2 s' });
  });

  test('that does not end a further run is slower, without a wait for it', async () => {
    const verdict = await new ProviderTrials({ entry: MADE_UP, timingMs: 1 }).judge(trialOf('tiring'));
    assert.ok(verdict.is === 'slower');
    assert.match(reasonOf(verdict), /^takes more than 1 ms a frame, the CPU [\d.]+ ms$/);
  });

  test('that ONNX Runtime does not know is unusable, in its words', async () => {
    const verdict = await new ProviderTrials().judge(trialOf('no-such-provider'));
    assert.equal(verdict.is, 'unusable');
    assert.match(reasonOf(verdict), /no-such-provider|backend|provider/i);
  });
});

describe('what was found out', () => {
  test('is kept over restarts, until a driver is another', async (t) => {
    const cacheDir = join(folder, 'cache');
    const found = await new ProviderTrials({ entry: MADE_UP, cacheDir }).judge(trialOf('blind'));
    assert.deepEqual(await new ProviderTrials({ entry: NOWHERE, cacheDir }).judge(trialOf('blind')), found);
    const before = process.env['VK_DRIVER_FILES'];
    t.after(() => {
      if (before === undefined) delete process.env['VK_DRIVER_FILES'];
      else process.env['VK_DRIVER_FILES'] = before;
    });
    process.env['VK_DRIVER_FILES'] = '/another/driver.json';
    assert.equal((await new ProviderTrials({ entry: NOWHERE, cacheDir }).judge(trialOf('blind'))).is, 'unusable');
  });

  test('is not kept where time was too short', async () => {
    const cacheDir = join(folder, 'late');
    await new ProviderTrials({ entry: MADE_UP, firstMs: 1000, cacheDir }).judge(trialOf('hanging'));
    await assert.rejects(readdir(cacheDir), { code: 'ENOENT' });
  });

  test('gives way to what happens later', async () => {
    const trials = new ProviderTrials({ entry: MADE_UP });
    assert.equal((await trials.judge(trialOf('quick'))).is, 'faster');
    trials.distrust(trialOf('quick'), 'it ended');
    assert.deepEqual(await trials.judge(trialOf('quick')), { is: 'unusable', reason: 'it ended' });
  });
});
