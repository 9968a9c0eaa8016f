import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManifestFile, ModelManifest } from '../../../src/pipeline/detect/manifest.ts';
import { ResolvedDetector } from '../../../src/pipeline/detect/spec.ts';
import { manifestOf } from '../../support/detect.ts';

test('a misspelt setting is refused with its place', () => {
  const parsed = ManifestFile.safeParse({ family: 'yolox', input: { colour: 'bgr' } });
  assert.deepEqual(parsed.error?.issues[0]?.path, ['input']);
  assert.match(parsed.error?.issues[0]?.message ?? '', /colour/);
});

test('coco80 stands for its labels', () => {
  assert.equal(ManifestFile.parse({ labels: 'coco80' }).labels?.[79], 'toothbrush');
});

test('a file outside the manifest’s folder is refused', () => {
  assert.equal(ManifestFile.safeParse({ file: '../secret.onnx' }).success, false);
});

test('a complete manifest says everything about the input', () => {
  const { color: _color, ...input } = manifestOf().input;
  assert.deepEqual(ModelManifest.safeParse({ ...manifestOf(), input }).error?.issues[0]?.path, ['input', 'color']);
});

test('a region outside the frame is refused', () => {
  const detector = { name: 'people', model: { name: 'm', file: '/m.onnx', manifest: manifestOf() } };
  assert.ok(ResolvedDetector.safeParse({ ...detector, region: [0.5, 0, 0.5, 1] }).success);
  for (const region of [[0.6, 0, 0.5, 1], [0, 0, 0, 1], [-0.1, 0, 1, 1]]) {
    assert.equal(ResolvedDetector.safeParse({ ...detector, region }).success, false, String(region));
  }
});
