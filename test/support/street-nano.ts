import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parse } from 'yaml';
import { SceneOptions } from '../../src/demo/options.ts';
import { StreetScene } from '../../src/demo/scene.ts';
import { ModelManifest } from '../../src/pipeline/detect/manifest.ts';
import type { ResolvedModel } from '../../src/pipeline/detect/spec.ts';
import { newPicture } from '../../src/pipeline/libav-picture.ts';
import type { Picture } from '../../src/pipeline/picture.ts';

/** The model that comes with the generated street. */
export async function streetNano(): Promise<ResolvedModel> {
  const folder = join(import.meta.dirname, '../../models/street-nano');
  const manifest = ModelManifest.parse(parse(await readFile(join(folder, 'model.yaml'), 'utf8')));
  return { name: manifest.name, file: join(folder, manifest.file), manifest };
}

/** Moments of the generated street, seconds apart. */
export async function scenes(t: TestContext, count: number): Promise<Picture[]> {
  const scene = await StreetScene.create(SceneOptions.parse({ seed: 7, light: 'day', width: 640, height: 360 }));
  t.after(() => scene.close());
  return Array.from({ length: count }, (_, i) => {
    const picture = newPicture(640, 360);
    t.after(() => picture.release());
    scene.render({ index: 60 * (i + 1) }, picture.planes, picture.strides);
    return picture;
  });
}
