import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { ManifestFile } from '../pipeline/detect/manifest.ts';
import { ModelError } from './model-error.ts';

/**
 * Reads `model.yaml` or `NAME.yaml`.
 * @throws ModelError `model-broken` with the file, the setting and what is allowed
 */
export async function readManifest(path: string): Promise<ManifestFile> {
  let content: unknown;
  try {
    content = parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new ModelError('model-broken', `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const manifest = ManifestFile.safeParse(content ?? {});
  if (manifest.success) return manifest.data;
  const [issue] = manifest.error.issues;
  throw new ModelError('model-broken', `${path}: ${issue?.path.join('.') || 'the manifest'}: ${issue?.message ?? 'is wrong'}`, { cause: manifest.error });
}
