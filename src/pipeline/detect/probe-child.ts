/**
 * A short-lived process that does what may crash or hang: loads a model that nobody has loaded yet and runs it, or tries execution
 * providers. Its argument is a `ProbeQuestion`, its one message to its parent a `ProbeAnswer`.
 */
import { basename } from 'node:path';
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { watchParent } from '../parent-watch.ts';
import { DetectError } from './detect-error.ts';
import { ProbeQuestion, type ModelFacts, type ProbeAnswer, type ProbeSize, type TensorInfo } from './model-facts.ts';
import { ModelRunner, TARGET_SIZES } from './model-runner.ts';
import { readMetadata } from './onnx-file.ts';
import { firstLine, loadSession } from './onnx-runtime.ts';
import type { ResolvedModel } from './spec.ts';

/** A whole ONNX model with the one node `y = Identity(x)`, x: float32[1]. */
const TINY_MODEL = Buffer.from(
  '08083a370a100a017812017922084964656e746974791201675a0f0a0178120a0a08080112040a020801620f0a0179120a0a08080112040a0208014202100d',
  'hex',
);

watchParent();
const question = ProbeQuestion.parse(JSON.parse(process.argv[2] ?? ''));
process.send!(await answer(question), undefined, undefined, () => process.exit(0));

async function answer(asked: ProbeQuestion): Promise<ProbeAnswer> {
  try {
    if (asked.ask === 'providers') return await tryProviders(asked.providers);
    return { type: 'facts', facts: asked.ask === 'check' ? await check(asked.model) : await factsOf(asked.file, asked.size) };
  } catch (error) {
    if (error instanceof DetectError) return { type: 'failed', code: error.code, message: error.message };
    const name = asked.ask === 'providers' ? 'The probe' : basename(asked.ask === 'check' ? asked.model.file : asked.file);
    if (/failed to allocate memory|bad_alloc/i.test(firstLine(error))) {
      return { type: 'failed', code: 'model-too-large', message: `${name} needs more memory than a model may take` };
    }
    return { type: 'failed', code: 'model-invalid', message: `${name} can't be run: ${firstLine(error)}` };
  }
}

async function tryProviders(providers: readonly string[]): Promise<ProbeAnswer> {
  const works: string[] = [];
  const skipped: { provider: string; reason: string }[] = [];
  for (const provider of providers) {
    try {
      const { session } = await loadSession(TINY_MODEL, { threads: 1, providers: [provider] });
      await session.run({ x: new Tensor('float32', [1], [1]) });
      works.push(provider);
    } catch (error) {
      skipped.push({ provider, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { type: 'providers', works, skipped };
}

async function factsOf(file: string, size: ProbeSize | undefined): Promise<ModelFacts> {
  const metadata = await readMetadata(file);
  const { session } = await loadSession(file, { threads: 1, providers: ['cpu'] });
  const inputs = session.inputMetadata.map(infoOf);
  const feeds = blankFeeds(inputs, size);
  if (feeds === undefined) return { metadata, inputs, outputs: session.outputMetadata.map(infoOf) };
  await session.run(feeds);
  const startedAt = performance.now();
  const results = await session.run(feeds);
  const runMs = performance.now() - startedAt;
  const outputs = session.outputNames.map((name) => {
    const tensor = results[name] as Tensor;
    return { name, type: tensor.type, dims: [...tensor.dims] };
  });
  return { metadata, inputs, outputs, runMs };
}

/** Beside loading and running it, reads its outputs by its manifest. */
async function check(model: ResolvedModel): Promise<ModelFacts> {
  const { width, height, pad } = model.manifest.input;
  const facts = await factsOf(model.file, { width, height });
  const runner = await ModelRunner.load(model, { threads: 1, providers: ['cpu'] });
  await runner.run([{ picture: new Uint8Array(width * height * 3).fill(pad), content: [0, 0, width, height] }]);
  return facts;
}

function infoOf(value: InferenceSession.ValueMetadata): TensorInfo {
  return value.isTensor ? { name: value.name, type: value.type, dims: [...value.shape] } : { name: value.name, type: 'not a tensor', dims: [] };
}

/** A blank picture, or undefined where its size is not known or the model wants something else. */
function blankFeeds(inputs: readonly TensorInfo[], size: ProbeSize | undefined): Record<string, Tensor> | undefined {
  const feeds: Record<string, Tensor> = {};
  for (const { name, type, dims } of inputs) {
    if (name === TARGET_SIZES && type === 'int64') {
      feeds[name] = new Tensor('int64', [1n, 1n], [1, 2]);
    } else if (type === 'float32' && dims.length === 4) {
      const channelsLast = dims[3] === 3 && dims[1] !== 3;
      const open = channelsLast ? [1, size?.height, size?.width, 3] : [1, 3, size?.height, size?.width];
      const whole = dims.map((dim, i) => (typeof dim === 'number' ? dim : open[i]));
      if (!whole.every((dim) => dim !== undefined)) return undefined;
      const count = whole.reduce((product, dim) => product * dim, 1);
      if (count > 4096 * 4096 * 3) throw new DetectError('model-unsupported', `Its input ${name} is [${whole.join(', ')}]: too large for pictures`);
      feeds[name] = new Tensor('float32', new Float32Array(count), whole);
    } else return undefined;
  }
  return feeds;
}
