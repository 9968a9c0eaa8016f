import { Command, InvalidArgumentError, Option } from 'commander';
import type { ConvertOptions, DetectOptions } from './detect/run.ts';
import type { ListenAddress } from './detect/worker-listener.ts';

/** `framelock detect …`: runs detectors over a file, without a server. */
export function detectCommand(): Command {
  const command = new Command('detect')
    .description('run detectors over a file, as fast as they can, and write what they saw')
    .argument('<file>', 'a film, in any container and codec that libav reads')
    .requiredOption('--detectors <names>', 'detectors or models, or NAME=http://… for an algorithm that is asked there, separated by commas', list)
    .option('--sync <policy>', '“exact”: only what was seen on a frame, or last; “interpolate”: moved between the frames that were looked at', policy, 'exact')
    .option('--every <n>', 'look at every Nth frame only', count)
    .option('--fps <n>', 'look at so many frames a second of the film at most', positive)
    .option('--classes <labels>', 'keep these labels only, separated by commas', list)
    .option('--threshold <score>', 'drop what scores lower, 0…1', score)
    .option('--from <seconds>', 'begin at this time of the film', seconds)
    .option('--to <seconds>', 'end at this time of the film', seconds)
    .option('--threads <n>', 'threads that inference may use', count)
    .option('--listen <host:port>', 'where workers of detectors with the endpoint “worker” connect', address)
    .option('--stream <id>', 'the stream that the messages name (else the name of the file)');
  return withOutputs(command).action(async (file: string, options: DetectOptions) => {
    // Loaded on demand: libav and ONNX Runtime take longer to load than other commands run.
    const { detect } = await import('./detect/run.ts');
    await detect(file, options, command.optsWithGlobals<{ config?: string }>().config);
  });
}

/** `framelock convert …`: writes stored annotation messages in the formats of other tools. */
export function convertCommand(): Command {
  const command = new Command('convert')
    .description('write annotation messages in the formats of COCO and the MOT challenge')
    .argument('<file>', 'annotation messages, one JSON a line: from “detect”, or beside a recording');
  return withOutputs(command).action(async (file: string, options: ConvertOptions) => {
    const { convert } = await import('./detect/run.ts');
    await convert(file, options);
  });
}

function withOutputs(command: Command): Command {
  return command
    .addOption(new Option('--out <file>', 'annotation messages, one JSON a line; “-” is standard output, which is meant where no file is named'))
    .option('--coco <file>', 'a COCO dataset: images, categories and annotations')
    .option('--coco-results <file>', 'a list of COCO results, for pycocotools’ loadRes')
    .option('--mot <file>', 'the MOT challenge’s text: frame, id, left, top, width, height, score, −1, −1, −1');
}

function list(text: string): string[] {
  const names = text.split(',').map((name) => name.trim()).filter((name) => name !== '');
  if (names.length === 0) throw new InvalidArgumentError('Name at least one.');
  return names;
}

function address(text: string): ListenAddress {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) throw new InvalidArgumentError('An address and a port, such as 127.0.0.1:9000.');
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function policy(text: string): 'exact' | 'interpolate' {
  if (text === 'exact' || text === 'interpolate') return text;
  throw new InvalidArgumentError('“exact” or “interpolate”: a file has no deadline to predict for.');
}

function count(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number from 1 on.');
}

function number(text: string, right: (value: number) => boolean, what: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || !right(value)) throw new InvalidArgumentError(what);
  return value;
}

function positive(text: string): number {
  return number(text, (value) => value > 0, 'A number above 0.');
}

function seconds(text: string): number {
  return number(text, (value) => value >= 0, 'Seconds, 0 or more.');
}

function score(text: string): number {
  return number(text, (value) => value >= 0 && value <= 1, 'A number from 0 to 1.');
}
