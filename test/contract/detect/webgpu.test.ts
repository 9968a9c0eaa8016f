import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { InputScaler } from '../../../src/pipeline/detect/input-scaler.ts';
import type { DetectorEvent } from '../../../src/pipeline/detect/detector-events.ts';
import type { ModelHost } from '../../../src/pipeline/detect/model-host.ts';
import { ModelProbe } from '../../../src/pipeline/detect/model-probe.ts';
import { ModelRegistry } from '../../../src/pipeline/detect/model-registry.ts';
import { ModelRunner } from '../../../src/pipeline/detect/model-runner.ts';
import { ProviderTrials } from '../../../src/pipeline/detect/providers/provider-trials.ts';
import { testFrame } from '../../../src/pipeline/detect/providers/test-frame.ts';
import type { SeenObject } from '../../../src/pipeline/detect/read-outputs.ts';
import type { ResolvedModel } from '../../../src/pipeline/detect/spec.ts';
import { DetectorHarness, untilState } from '../../support/detector-harness.ts';
import { flatPicture, manifestOf } from '../../support/detect.ts';
import { meanDetector } from '../../support/onnx-model.ts';
import { descendants } from '../../support/processes.ts';
import { TestLog } from '../../support/server.ts';
import { useSoftwareVulkan, withoutSoftwareVulkan } from '../../support/software-vulkan.ts';
import { scenes, streetNano } from '../../support/street-nano.ts';

/** A run under SwiftShader may take minutes on a busy machine. */
const PATIENCE = { timeout: 600_000 };

describe('WebGPU on a GPU that is software', { skip: withoutSoftwareVulkan }, () => {
  let folder: string;
  before(async () => {
    useSoftwareVulkan();
    folder = await mkdtemp(join(tmpdir(), 'framelock-webgpu-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function mean(name: string): Promise<ResolvedModel> {
    const file = join(folder, `${name}.onnx`);
    await writeFile(file, meanDetector());
    return { name, file, manifest: manifestOf({ name, family: 'yolov8', threshold: 0, input: { scale: 1 / 255 }, nms: 0.5 }) };
  }

  test('sees on the generated street what the CPU sees', PATIENCE, async (t) => {
    const model = await streetNano();
    const [picture] = await scenes(t, 1);
    const scaler = new InputScaler();
    t.after(() => scaler.close());
    const { data, content, release } = scaler.scale({ seq: 1, rtp: 0, capturedAt: 0 }, picture!, model.manifest.input);
    const seen: SeenObject[][] = [];
    for (const provider of ['cpu', 'webgpu']) {
      const runner = await ModelRunner.load(model, { threads: 1, providers: [provider] });
      assert.equal(runner.provider, provider);
      seen.push((await runner.run([{ picture: data, content }]))[0]!);
      await runner.release();
    }
    release();
    const [cpu, gpu] = seen as [SeenObject[], SeenObject[]];
    assert.ok(cpu.length > 1, `${cpu.length} objects`);
    assert.deepEqual(gpu.map(({ label }) => label), cpu.map(({ label }) => label));
    gpu.forEach(({ score, box }, i) => {
      for (const apart of [score - cpu[i]!.score, ...box.map((value, at) => value - cpu[i]!.box[at]!)]) assert.ok(Math.abs(apart) < 1e-4, `${apart}`);
    });
  });

  test('is timed as slower than the CPU where it is not given up before', PATIENCE, async () => {
    const verdict = await new ProviderTrials().judge({ model: await mean('timed'), provider: 'webgpu', threads: 1, evenSlower: true });
    assert.ok(verdict.is === 'slower' && verdict.ms > verdict.cpuMs, JSON.stringify(verdict));
  });

  test('is passed over for the CPU, and that is said', PATIENCE, async (t) => {
    const harness = await DetectorHarness.create(t);
    await harness.start({ providers: ['webgpu', 'cpu'] });
    const link = harness.link({ name: 'a', model: await mean('a'), threshold: 0.01 });
    await untilState(link, 'ready');
    const decided = harness.event((event) => passedOver(event).length > 0);
    assert.equal((await harness.see(link, flatPicture(64, 64, 102))).status, 'done');
    const stats = await decided;
    assert.deepEqual(passedOver(stats).map(({ provider }) => provider), ['webgpu']);
    assert.match(passedOver(stats)[0]!.reason, /^is no GPU but a program: it takes [\d.]+ ms of the processor for what the CPU does in [\d.]+ ms$/);
    assert.equal(stats.type === 'stats' && stats.models[0]!.provider, 'cpu');
  });

  describe('without the CPU in the list', () => {
    const log = new TestLog();
    let registry: ModelRegistry;
    before(() => {
      registry = new ModelRegistry({
        threads: 1,
        providers: ['webgpu', 'cpu'],
        evenSlower: true,
        trials: new ProviderTrials(),
        probe: new ModelProbe(),
        logger: log.logger,
        onHang: () => assert.fail('a run hangs'),
      });
    });
    after(() => registry.close());

    test('is used although it is slower, after the first frames, and that is said', PATIENCE, async () => {
      const { host, release } = await registry.use(await mean('slow'));
      assert.equal(host.provider, 'cpu', 'nothing waits for the trial');
      const before = await score(host);
      while (host.provider === 'cpu') assert.equal(await score(host), before);
      assert.equal(host.provider, 'webgpu');
      assert.ok(Math.abs((await score(host)) - before) < 1e-4);
      const said = await log.find(({ msg }) => msg === 'a provider is used although it is slower than the CPU, as configured');
      assert.deepEqual([said['model'], said['provider']], ['slow', 'webgpu']);
      assert.deepEqual(registry.takeStats().map(({ name, provider, passedOver: not }) => ({ name, provider, not })), [{ name: 'slow', provider: 'webgpu', not: [] }]);
      release();
    });

    test('runs several models at a time', PATIENCE, async () => {
      const used = await Promise.all(['one', 'two'].map(async (name) => registry.use(await mean(name))));
      await Promise.all(
        used.map(async ({ host, release }) => {
          const before = await score(host);
          while (host.provider === 'cpu') await score(host);
          for (let run = 0; run < 5; run += 1) assert.ok(Math.abs((await score(host)) - before) < 1e-4);
          release();
        }),
      );
    });

    test('is given up for the CPU where its process ends while it runs', PATIENCE, async () => {
      const model = await mean('doomed');
      const others = new Set(processes());
      const { host, release } = await registry.use(model);
      while (host.provider === 'cpu') await score(host);
      const [pid] = processes().filter((one) => !others.has(one));
      process.kill(pid!, 'SIGKILL');
      await host.ended;
      release();
      // A stream comes back over a connection, not in the same turn.
      await setImmediate();
      const again = await registry.use(model);
      await score(again.host);
      await log.find((record) => record.msg === 'a provider is passed over' && record['model'] === 'doomed');
      assert.equal(again.host.provider, 'cpu');
      const stats = registry.takeStats().find(({ name }) => name === 'doomed');
      assert.deepEqual(stats?.passedOver, [{ provider: 'webgpu', reason: 'Its process ended (SIGKILL)' }]);
      again.release();
    });
  });
});

function passedOver(event: DetectorEvent): { readonly provider: string; readonly reason: string }[] {
  return event.type === 'stats' ? event.models.flatMap(({ passedOver: not }) => not) : [];
}

/** The score of the best box that a model gives the test frame. */
function score(host: ModelHost): Promise<number> {
  return new Promise((resolve, reject) => {
    host.submit({ stream: 'gate' }, {
      frame: testFrame({ width: 64, height: 64 }),
      done: ({ seen }) => resolve(seen[0]!.score),
      dropped: () => reject(new Error('The frame was dropped')),
      failed: reject,
    });
  });
}

function processes(): number[] {
  return descendants(process.pid, 'model-process-child.ts').map(({ pid }) => pid);
}
