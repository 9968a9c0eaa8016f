import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { completeManifest, givenSize, tellsAll } from '../../../src/models/complete-manifest.ts';
import { metadataLabels, metadataSize } from '../../../src/models/infer-family.ts';
import type { ManifestFile } from '../../../src/pipeline/detect/manifest.ts';
import type { ModelFacts } from '../../../src/pipeline/detect/model-facts.ts';

function facts(outputs: Record<string, number[]>, input: (number | string)[] = [1, 3, 64, 64], metadata: Record<string, string> = {}): ModelFacts {
  return {
    metadata,
    inputs: [{ name: 'images', type: 'float32', dims: input }],
    outputs: Object.entries(outputs).map(([name, dims]) => ({ name, type: 'float32', dims })),
  };
}

function complete(file: ModelFacts, given: ManifestFile = {}, name = 'model') {
  return completeManifest(given, name, `${name}.onnx`, file);
}

// 64×64 has 84 cells of strides 8, 16 and 32, and 252 anchors.
const CASES: Record<string, { outputs: Record<string, number[]>; family: string; labels: number; metadata?: Record<string, string> }> = {
  'one row a grid cell is YOLOX': { outputs: { output: [1, 84, 85] }, family: 'yolox', labels: 80 },
  'one row a grid cell is YOLOX, also with a single class': { outputs: { output: [1, 84, 6] }, family: 'yolox', labels: 1 },
  'three rows a grid cell are YOLOv5': { outputs: { output: [1, 252, 85] }, family: 'yolov8', labels: 80 },
  'six columns and any number of rows are end-to-end': { outputs: { output0: [1, 300, 6] }, family: 'end2end', labels: 80 },
  'labels, boxes and scores are a transformer': { outputs: { labels: [1, 300], boxes: [1, 300, 4], scores: [1, 300] }, family: 'detr', labels: 80 },
  'logits and boxes are a transformer': { outputs: { logits: [1, 300, 80], pred_boxes: [1, 300, 4] }, family: 'detr', labels: 80 },
  'scores and boxes are single-shot': { outputs: { scores: [1, 500, 2], boxes: [1, 500, 4] }, family: 'ssd', labels: 1 },
  'a score and a distance output a stride are focal-loss heads': {
    outputs: { a: [1, 64, 80], b: [1, 16, 80], c: [1, 64, 32], d: [1, 16, 32] },
    family: 'gfl',
    labels: 80,
  },
  'one grid with channels first is FastestDet': { outputs: { out: [1, 85, 4, 4] }, family: 'fastestdet', labels: 80 },
  'names of two classes and six rows are YOLOv8': { outputs: { output0: [1, 6, 84] }, family: 'yolov8', labels: 2, metadata: { names: "{0: 'cat', 1: 'dog'}" } },
};

describe('the family is told by the outputs', () => {
  for (const [what, { outputs, family, labels, metadata }] of Object.entries(CASES)) {
    test(what, () => {
      const { manifest } = complete(facts(outputs, undefined, metadata));
      assert.equal(manifest.family, family);
      assert.equal(manifest.labels.length, labels);
    });
  }

  test('one column a grid cell is YOLOv8', () => {
    assert.equal(complete(facts({ output0: [1, 84, 8400] }, [1, 3, 640, 640])).manifest.family, 'yolov8');
  });

  for (const outputs of [{ features: [1, 1000] }, { cls_8: [1, 64, 1], obj_8: [1, 64, 1], bbox_8: [1, 64, 4] }, { output: [1, 77, 13] }] as Record<string, number[]>[]) {
    test(`and ${JSON.stringify(outputs)} ask for it`, () => {
      assert.throws(() => complete(facts(outputs)), { code: 'model-ambiguous', message: /`family` can't be told.*model\.yaml/ });
    });
  }
});

describe('what a file does not tell', () => {
  test('is the family’s default, and is said to be assumed', () => {
    const { manifest, assumed } = complete(facts({ output: [1, 84, 85] }));
    assert.deepEqual(
      { ...manifest.input, nms: manifest.nms },
      { width: 64, height: 64, color: 'bgr', layout: 'nchw', resize: 'letterbox', anchor: 'top-left', pad: 114, scale: 1, mean: [0, 0, 0], std: [1, 1, 1], nms: 0.5 },
    );
    assert.deepEqual(assumed, ['input.scale, mean and std', 'input.resize', 'input.color', 'input.anchor', 'input.pad', 'labels', 'threshold']);
  });

  test('is NanoDet’s where its outputs are named so, else PicoDet’s', () => {
    const dims = [[1, 64, 80], [1, 16, 80], [1, 64, 32], [1, 16, 32]] as number[][];
    const named = Object.fromEntries(['cls_pred_stride_8', 'cls_pred_stride_16', 'dis_pred_stride_8', 'dis_pred_stride_16'].map((name, i) => [name, dims[i]!]));
    assert.equal(complete(facts(named)).manifest.input.color, 'bgr');
    const unnamed = Object.fromEntries(['1', '2', '3', '4'].map((name, i) => [`out${name}`, dims[i]!]));
    assert.equal(complete(facts(unnamed)).manifest.input.color, 'rgb');
  });

  test('is taken from the manifest where that says it; normalisation is all or nothing', () => {
    const given: ManifestFile = { input: { color: 'rgb', scale: 0.5 }, threshold: 0.1, nms: 'none', labels: ['face'] };
    const { manifest } = complete(facts({ scores: [1, 500, 2], boxes: [1, 500, 4] }), given);
    assert.deepEqual([manifest.input.scale, manifest.input.mean, manifest.input.std], [0.5, [0, 0, 0], [1, 1, 1]]);
    assert.equal(manifest.nms, undefined);
    assert.equal(manifest.threshold, 0.1);
  });

  test('and is a size or a list of labels has to be given', () => {
    assert.throws(() => complete(facts({ output: [1, 84, 85] }, ['n', 3, 'h', 'w'])), { code: 'model-ambiguous', message: /`input\.width`/ });
    assert.throws(() => complete(facts({ output: [1, 84, 12] })), { code: 'model-ambiguous', message: /`labels`.*7 classes/ });
  });

  test('labels that do not fit are refused', () => {
    assert.throws(() => complete(facts({ output: [1, 84, 12] }), { labels: ['cat'] }), { code: 'model-broken', message: /7 classes, but 1 labels/ });
  });

  test('the one class of a model without names is what its name says', () => {
    assert.deepEqual(complete(facts({ output: [1, 84, 6] }), {}, 'light_person_detector').manifest.labels, ['person']);
    assert.deepEqual(complete(facts({ output: [1, 84, 6] }), {}, 'mine').manifest.labels, ['object']);
  });

  test('channels last is told by the input', () => {
    const { input } = complete(facts({ output: [1, 84, 85] }, [1, 64, 64, 3])).manifest;
    assert.deepEqual([input.layout, input.width, input.height], ['nhwc', 64, 64]);
  });
});

describe('Ultralytics metadata', () => {
  test('names the classes', () => {
    assert.deepEqual(metadataLabels({ names: `{0: 'person', 1: "driver's cab", 2: 'it\\'s'}` }), ['person', "driver's cab", "it's"]);
    assert.equal(metadataLabels({ names: "{0: 'a', 2: 'b'}" }), undefined);
    assert.equal(metadataLabels({}), undefined);
  });

  test('gives the size where the graph leaves it open', () => {
    assert.deepEqual(metadataSize({ imgsz: '[480, 640]' }), { width: 640, height: 480 });
    const file = facts({ output0: [1, 6, 6300] }, ['batch', 3, 'height', 'width'], { imgsz: '[480, 640]', names: "{0: 'cat', 1: 'dog'}" });
    assert.deepEqual(givenSize({}, file), { width: 640, height: 480 });
    assert.deepEqual(complete(file).manifest.labels, ['cat', 'dog']);
  });
});

test('a manifest that tells all needs no file', () => {
  const given: ManifestFile = { family: 'yolox', labels: ['cat'], input: { width: 32, height: 32, layout: 'nchw' } };
  assert.ok(tellsAll(given));
  assert.ok(!tellsAll({ family: 'yolox' }));
  assert.equal(completeManifest(given, 'cat', 'cat.onnx', undefined).manifest.input.color, 'bgr');
});
