/** The process of a trial, with providers that are made up: each runs a model on the CPU, and does what its name says. */
import { ModelRunner } from '../../src/pipeline/detect/model-runner.ts';
import { tryProvider, type TrialParts } from '../../src/pipeline/detect/providers/trial.ts';
import { Trial, type TrialMessage } from '../../src/pipeline/detect/providers/verdict.ts';
import type { SeenObject } from '../../src/pipeline/detect/read-outputs.ts';

type Runner = Awaited<ReturnType<TrialParts['load']>>;

const never = (): never => {
  for (;;);
};

const PROVIDERS: Record<string, (real: Runner) => Runner['run']> = {
  quick: (real) => {
    let known: Promise<SeenObject[][]> | undefined;
    return (frames) => (known ??= real.run(frames));
  },
  blind: () => async () => [[]],
  mislabelling: (real) => async (frames) => (await real.run(frames)).map((seen) => seen.map((one) => ({ ...one, label: 'dog' }))),
  shifting: (real) => async (frames) => (await real.run(frames)).map((seen) => seen.map(({ box: [x, y, w, h], ...one }) => ({ ...one, box: [x + 0.02, y, w, h] }))),
  hanging: () => never,
  tiring: (real) => {
    let runs = 0;
    return (frames) => ((runs += 1) === 1 ? real.run(frames) : never());
  },
  crashing: () => () => {
    process.kill(process.pid, 'SIGSEGV');
    return never();
  },
  failing: () => () => Promise.reject(new Error('The device is lost\nand more')),
};

const load: TrialParts['load'] = async (model, options) => {
  const real = await ModelRunner.load(model, { ...options, providers: ['cpu'] });
  const behave = PROVIDERS[options.providers[0]!];
  return behave === undefined ? real : { run: behave(real), release: () => real.release() };
};

const asSoftware: TrialParts['asSoftware'] = async (provider) => (provider === 'software' ? { ms: 100, cpuMs: 0.5 } : undefined);
const say = (message: TrialMessage, said?: () => void): void => void process.send!(message, undefined, undefined, said);
say({ type: 'verdict', verdict: await tryProvider(Trial.parse(JSON.parse(process.argv[2]!)), say, { load, asSoftware }) }, () => process.exit(0));
