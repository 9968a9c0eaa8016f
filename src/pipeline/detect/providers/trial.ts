import type { ModelRunner } from '../model-runner.ts';
import { firstLine, type SessionOptions } from '../onnx-runtime.ts';
import type { ResolvedModel } from '../spec.ts';
import { disagreement } from './agreement.ts';
import type { ProcessorTime } from './software.ts';
import { testFrame } from './test-frame.ts';
import type { Trial, TrialMessage, Verdict } from './verdict.ts';

/** Timed runs at most, and the milliseconds after which no further one begins. */
const RUNS = 10;
const LONG_ENOUGH_MS = 1000;

type Runner = Pick<ModelRunner, 'run' | 'release'>;
/** What a trial is made with. */
export interface TrialParts {
  /** Loads a model with the one provider that the options name, or throws. */
  readonly load: (model: ResolvedModel, options: SessionOptions) => Promise<Runner>;
  /** Whether a provider is a program that plays a GPU. */
  readonly asSoftware: (provider: string) => Promise<ProcessorTime | undefined>;
}

/**
 * Runs a model on the CPU and on a provider, and compares what they see and how long they take. The provider may crash or hang, so
 * that this belongs into a process of its own.
 *
 * @param say is called before each step after which nothing may come any more
 */
export async function tryProvider({ model, provider, threads, evenSlower }: Trial, say: (message: TrialMessage) => void, { load, asSoftware }: TrialParts): Promise<Verdict> {
  if (!evenSlower) {
    try {
      const software = await asSoftware(provider);
      if (software !== undefined) return { is: 'software', ...software };
    } catch (error) {
      return { is: 'unusable', reason: firstLine(error) };
    }
  }
  // Without suppression the boxes are those of the model itself.
  const { nms: _nms, ...manifest } = model.manifest;
  const plain = { ...model, manifest };
  const frame = testFrame(manifest.input);
  const everything = { ...frame, threshold: 0 };
  const cpu = await load(plain, { threads, providers: ['cpu'] });
  const [expected = []] = await cpu.run([everything]);
  const time = async (runner: Runner): Promise<number> => {
    const startedAt = performance.now();
    let best = Infinity;
    for (let run = 0; run < RUNS && performance.now() - startedAt < LONG_ENOUGH_MS; run += 1) {
      const from = performance.now();
      await runner.run([frame]);
      best = Math.min(best, performance.now() - from);
    }
    return best;
  };
  const cpuMs = await time(cpu);
  await cpu.release();
  try {
    const other = await load(plain, { threads, providers: [provider] });
    const [seen = []] = await other.run([everything]);
    const how = disagreement(expected, seen);
    if (how !== undefined) return { is: 'wrong', reason: `does not see what the CPU sees: ${how}` };
    say({ type: 'agrees', cpuMs });
    const ms = await time(other);
    return { is: ms < cpuMs ? 'faster' : 'slower', ms, cpuMs };
  } catch (error) {
    return { is: 'unusable', reason: firstLine(error) };
  }
}
