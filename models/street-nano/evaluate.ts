/**
 * Average precision of street-nano on pictures that `dump-frames.ts` wrote, through the same code that reads models in the server:
 *
 *     node models/street-nano/evaluate.ts --data FOLDER
 *
 * `--manifest` names another model's manifest, with its ONNX file beside it. Prints a table in Markdown: AP at IoU 0.50 and over IoU
 * 0.50…0.95 as COCO defines them, in percent.
 */
import { open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { Box } from '../../src/pipeline/annotation.ts';
import { ModelManifest } from '../../src/pipeline/detect/manifest.ts';
import { ModelRunner } from '../../src/pipeline/detect/model-runner.ts';
import { averagePrecision, type CocoAnnotation, type CocoResult } from '../../test/support/coco-ap.ts';

/** Score from which boxes count: low, because AP looks at all recalls. */
const LEAST_SCORE = 0.01;

const Line = z.object({
  /** Level of the light, 0 (day) … 3 (night). */
  light: z.number(),
  content: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  objects: z.array(z.object({ label: z.string(), box: Box })),
});
type Line = z.infer<typeof Line>;

const { values } = parseArgs({
  options: { data: { type: 'string' }, manifest: { type: 'string', default: join(import.meta.dirname, 'model.yaml') } },
});
if (values.data === undefined) throw new Error('Which pictures? Give --data FOLDER.');
const manifest = ModelManifest.parse(parse(await readFile(values.manifest, 'utf8')));
const lines = (await readFile(join(values.data, 'truth.jsonl'), 'utf8'))
  .trimEnd()
  .split('\n')
  .map((text) => Line.parse(JSON.parse(text)));
const { truth, results } = await runAll(lines);

const LIGHTS: readonly (readonly [name: string, isIn: (light: number) => boolean])[] = [
  ['all', () => true],
  ['day (and golden hour)', (light) => light < 1.25],
  ['dusk', (light) => light >= 1.25 && light < 2.5],
  ['night', (light) => light >= 2.5],
];
const rows = LIGHTS.map(([name, isIn]) => {
  const inLight = ({ image_id }: { image_id: number }): boolean => isIn(lines[image_id]!.light);
  const [part, found] = [truth.filter(inLight), results.filter(inLight)];
  const cells = [undefined, ...manifest.labels.keys()].map((category) => {
    const { ap, ap50 } = averagePrecision(part, found, category === undefined ? undefined : [category]);
    return `${ap50.toFixed(1)} / ${ap.toFixed(1)}`;
  });
  return `| ${[name, lines.filter(({ light }) => isIn(light)).length, ...cells].join(' | ')} |`;
});
process.stdout.write(
  `| light | pictures | all | ${manifest.labels.join(' | ')} |\n|---|---:|${'---:|'.repeat(manifest.labels.length + 1)}\n${rows.join('\n')}\n`,
);

async function runAll(all: readonly Line[]): Promise<{ truth: CocoAnnotation[]; results: CocoResult[] }> {
  const { width, height } = manifest.input;
  const file = join(dirname(values.manifest), manifest.file);
  const runner = await ModelRunner.load({ name: manifest.name, file, manifest }, { threads: 1, providers: ['cpu'] });
  const frames = await open(join(values.data!, 'frames.bin'));
  const picture = Buffer.alloc(width * height * 3);
  const found: { truth: CocoAnnotation[]; results: CocoResult[] } = { truth: [], results: [] };
  for (const [image_id, { content, objects }] of all.entries()) {
    await frames.read(picture, 0, picture.length, image_id * picture.length);
    const [seen] = await runner.run([{ picture, content, threshold: LEAST_SCORE }]);
    // In pixels of the model's input.
    const bbox = ([x, y, w, h]: Box): [number, number, number, number] => [x * content[2], y * content[3], w * content[2], h * content[3]];
    for (const { label, box } of objects) found.truth.push({ image_id, category_id: manifest.labels.indexOf(label), bbox: bbox(box) });
    for (const { label, box, score } of seen ?? [])
      found.results.push({ image_id, category_id: manifest.labels.indexOf(label), bbox: bbox(box), score });
  }
  await frames.close();
  await runner.release();
  return found;
}
