import { basename, join } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { ModelStore, type ModelInfo, type ModelReport } from '../models/index.ts';
import type { TensorInfo } from '../pipeline/detect/model-facts.ts';
import { ProgressLine } from './progress-line.ts';
import { table } from './table.ts';

interface Output {
  readonly json?: boolean;
}

/** `framelock models …`: lists, fetches, adds and checks models. */
export function modelsCommand(): Command {
  const models = new Command('models').description('list, add, fetch and check detection models');
  const json = ['--json', 'print JSON'] as const;
  models
    .command('list')
    .description('list the models that are known')
    .option(...json)
    .action(async (output: Output, command: Command) => {
      const infos = await storeOf(command).list();
      print(output, infos, () => listing(infos));
    });
  models
    .command('add')
    .description('take a copy of an ONNX file')
    .argument('<file>', 'the file; FILE.yaml beside it is taken as its manifest')
    .option('--name <name>', 'name of the model (else the name of the file)')
    .option('--manifest <file>', 'its manifest, where it lies elsewhere')
    .option(...json)
    .action(async (file: string, { name = basename(file, '.onnx'), manifest, ...output }: Output & { name?: string; manifest?: string }, command: Command) => {
      const model = await storeOf(command).add(file, { name, manifest });
      print(output, model, () => `${model.name} was added: family ${model.manifest.family}, ${model.manifest.labels.length} labels\n`);
    });
  models
    .command('get')
    .description('download a known model')
    .argument('<name>')
    .option(...json)
    .action(async (name: string, output: Output, command: Command) => {
      const line = new ProgressLine(name);
      const model = await storeOf(command)
        .get(name, ({ received, total }) => line.update(received, total))
        .finally(() => line.end());
      print(output, model, () => `${model.name} is ready: ${model.file}\n`);
    });
  models
    .command('check')
    .description('load a model and run it on a blank picture')
    .argument('<name>')
    .option(...json)
    .action(async (name: string, output: Output, command: Command) => {
      const checked = await storeOf(command).check(name);
      print(output, checked, () => reportOf(checked));
    });
  return models;
}

/** The model store of a server with this configuration. */
function storeOf(command: Command): ModelStore {
  const { config } = loadConfig({ path: command.optsWithGlobals<{ config?: string }>().config, env: process.env, cwd: process.cwd() });
  return new ModelStore({ bundledDir: join(import.meta.dirname, '../../models'), dataDir: config.dataDir, extraDir: config.modelsDir });
}

function print({ json }: Output, value: unknown, text: () => string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value, null, 2)}\n` : text());
}

function listing(infos: readonly ModelInfo[]): string {
  const rows = infos.map(({ name, state, family, input, labels, licence, origin }) => [
    name,
    state,
    family ?? '',
    input === undefined ? '' : `${input.width}×${input.height}`,
    labels === undefined ? '' : labels.length === 1 ? labels[0]! : `${labels.length} labels`,
    licence ?? '',
    origin,
  ]);
  const problems = infos.flatMap(({ error }) => (error === undefined ? [] : [`${error.message}\n`]));
  return [table(['NAME', 'STATE', 'FAMILY', 'INPUT', 'LABELS', 'LICENCE', 'ORIGIN'], rows), ...problems].join(problems.length > 0 ? '\n' : '');
}

function reportOf({ model: { name, file, manifest }, assumed, facts }: ModelReport): string {
  const { input, labels, nms } = manifest;
  const shape = ({ name: tensor, type, dims }: TensorInfo): string => `${tensor} ${type} [${dims.join(', ')}]`;
  const rows = [
    ['file', file],
    ['family', manifest.family],
    ['inputs', facts.inputs.map(shape).join(', ')],
    ['outputs', facts.outputs.map(shape).join(', ')],
    ['picture', `${input.width}×${input.height} ${input.color} ${input.layout}, ${input.resize}${input.resize === 'letterbox' ? ` ${input.anchor} on ${input.pad}` : ''}`],
    ['values', `(x · ${Number(input.scale.toPrecision(4))} − [${input.mean.join(', ')}]) ⁄ [${input.std.join(', ')}]`],
    ['labels', labels.length <= 5 ? labels.join(', ') : `${labels.slice(0, 3).join(', ')} … (${labels.length})`],
    ['threshold', String(manifest.threshold)],
    ['suppression', nms === undefined ? 'none' : `IoU ${nms}`],
    ['time', facts.runMs === undefined ? 'not run' : `${facts.runMs.toFixed(1)} ms a picture on one thread of the CPU`],
  ];
  const note = assumed.length === 0 ? '' : `\nNot told by the file, so the family's defaults were taken: ${assumed.join(', ')}. Give them in ${name}.yaml where they are wrong.\n`;
  return `${name} works\n${table(undefined, rows)}${note}`;
}
