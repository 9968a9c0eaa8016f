import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import type { SceneObject } from '../../../src/demo/scene.ts';
import { FrameHeader } from '../../../src/pipeline/detect/external/wire.ts';
import { iou } from '../../../src/pipeline/track/iou.ts';
import { numberInBoxes } from '../../support/coded-boxes.ts';
import { coded, numberOf } from '../../support/detector-worker.ts';
import { streetClip } from '../../support/street-clip.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../../examples/typescript/detector.ts', import.meta.url));
const FRAMES = 90;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('framelock detect', () => {
  let folder: string;
  let clip: string;
  let truth: SceneObject[][];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-detect-'));
    clip = join(folder, 'Street 1.mp4');
    truth = await streetClip(clip, FRAMES, { seed: 11, density: 0.8 });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  function started(args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
    const { FRAMELOCK_CONFIG: _, ...env } = process.env;
    const { promise: ended, resolve } = Promise.withResolvers<Ended>();
    const child = execFile(process.execPath, [MAIN, ...args], { cwd: folder, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    return { child, ended };
  }

  const framelock = (...args: string[]): Promise<Ended> => started(args).ended;

  const messagesOf = (text: string): AnnotationMessage[] => text.trimEnd().split('\n').map((line) => AnnotationMessage.parse(JSON.parse(line)));
  const inFolder = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

  test('writes one message a frame, with what is on that frame', async () => {
    const { code, stdout, stderr } = await framelock('detect', clip, '--detectors', 'street-nano');
    assert.equal(code, 0, stderr);
    const messages = messagesOf(stdout);
    assert.deepEqual(messages.map(({ seq }) => seq), Array.from({ length: FRAMES }, (_, index) => index));
    assert.ok(messages.every(({ stream, width, height }) => stream === 'street-1' && width === 1280 && height === 720));
    messages.forEach(({ capturedAt, rtp }, index) => {
      assert.ok(Math.abs(capturedAt - (index * 1000) / 30) < 1, `frame ${index} is at ${capturedAt} ms`);
      assert.ok(Math.abs(rtp - index * 3000) < 90);
    });
    assert.ok(messages.every(({ detectors }) => detectors['street-nano']?.age === 0));
    const fit = (offset: number): number => {
      const overlaps = messages.slice(3, -3).flatMap(({ seq, detections }) => detections.map(({ label, box }) => {
        return Math.max(0, ...truth[seq + offset]!.filter((one) => one.label === label).map((one) => iou(one.box, box)));
      }));
      return overlaps.reduce((sum, one) => sum + one, 0) / overlaps.length;
    };
    assert.ok(fit(0) > 0.5, `boxes overlap with the truth by ${fit(0)}`);
    assert.ok(fit(0) > fit(-3) && fit(0) > fit(3), `${fit(-3)}, ${fit(0)}, ${fit(3)}`);
    const tracks = new Set(messages.flatMap(({ detections }) => detections.flatMap(({ track }) => track ?? [])));
    assert.ok(tracks.size > 0);
    assert.match(stderr, /street-nano: \d+ objects on 90 frames/);
  });

  test('says the same in every run, and the same in every format', async () => {
    const outputs = ['--out', 'a.jsonl', '--coco', 'a.json', '--coco-results', 'r.json', '--mot', 'a.txt'];
    assert.equal((await framelock('detect', clip, '--detectors', 'street-nano', '--to', '1', ...outputs)).code, 0);
    const { stdout } = await framelock('detect', clip, '--detectors', 'street-nano', '--to', '1');
    assert.equal(await inFolder('a.jsonl'), stdout);
    const messages = messagesOf(stdout);
    assert.equal(messages.length, 30);
    const detections = messages.flatMap(({ seq, detections: list }) => list.map((one) => ({ seq, ...one })));

    const coco = JSON.parse(await inFolder('a.json')) as Record<'images' | 'categories' | 'annotations', Record<string, unknown>[]>;
    assert.deepEqual(coco.images.map(({ id }) => id), messages.map(({ seq }) => seq));
    const names = new Map(coco.categories.map(({ id, name }) => [id, name]));
    assert.deepEqual(
      coco.annotations.map(({ image_id, category_id, score, track_id }) => [image_id, names.get(category_id), score, track_id]),
      detections.map(({ seq, label, score, track }) => [seq, label, score, track]),
    );
    assert.equal(coco.categories.find(({ name }) => name === 'car')?.['id'] ?? 3, 3, 'COCO’s own numbers are kept');
    const results = JSON.parse(await inFolder('r.json')) as { image_id: number; bbox: number[] }[];
    assert.deepEqual(results.map(({ image_id, bbox }) => [image_id, bbox]), coco.annotations.map(({ image_id, bbox }) => [image_id, bbox]));
    const mot = (await inFolder('a.txt')).trimEnd().split('\n').map((line) => line.split(',').map(Number));
    assert.deepEqual(mot.map(([frame, id]) => [frame, id]), detections.map(({ seq, track = -1 }) => [seq + 1, track]));
    assert.ok(mot.every(([, , left], index) => Math.abs(left! - 1 - detections[index]!.box[0] * 1280) < 0.01));

    assert.equal((await framelock('convert', 'a.jsonl', '--coco', 'b.json', '--mot', 'b.txt')).code, 0);
    assert.equal(await inFolder('b.json'), await inFolder('a.json'));
    assert.equal(await inFolder('b.txt'), await inFolder('a.txt'));
  });

  test('says the same in every run of several detectors of different rates', async () => {
    await writeFile(join(folder, 'two.yaml'), 'detectors:\n  all: { model: street-nano }\n  few: { model: street-nano, every: 7, classes: [car] }\n');
    const run = (): Promise<Ended> => framelock('--config', 'two.yaml', 'detect', clip, '--detectors', 'few,all', '--to', '1.5');
    const [first, second] = [await run(), await run()];
    assert.equal(first.code, 0, first.stderr);
    assert.equal(first.stdout, second.stdout);
    messagesOf(first.stdout).forEach(({ detectors }, index) => assert.deepEqual(detectors, { few: { age: index % 7 }, all: { age: 0 } }));
  });

  test('looks at some frames only, and moves boxes in between', async () => {
    const { stdout } = await framelock('detect', clip, '--detectors', 'street-nano', '--every', '5', '--sync', 'interpolate', '--classes', 'car,bus,truck', '--from', '0.5');
    const messages = messagesOf(stdout);
    assert.equal(messages.length, FRAMES - 15);
    messages.forEach(({ detectors }, index) => assert.equal(detectors['street-nano']?.age, index % 5));
    assert.ok(messages.some(({ detections }) => detections.length > 0));
    assert.ok(messages.every(({ detections }) => detections.every(({ label }) => ['car', 'bus', 'truck'].includes(label))));
    const fit = (offset: number): number => {
      const overlaps = messages.filter(({ seq }) => seq % 5 === 2 && seq < 65).flatMap(({ seq, detections }) => {
        return detections.map(({ label, box }) => Math.max(0, ...truth[seq + 15 + offset]!.filter((one) => one.label === label).map((one) => iou(one.box, box))));
      });
      return overlaps.reduce((sum, one) => sum + one, 0) / overlaps.length;
    };
    assert.ok(fit(0) > fit(-2) && fit(0) > fit(2), `between two looks: ${fit(-2)}, ${fit(0)}, ${fit(2)}`);
  });

  test('gives every frame to algorithms elsewhere, and waits for them', async () => {
    const coded30 = join(folder, 'coded.mp4');
    await streetClip(coded30, 30, { seed: 11, timecode: true });
    // Slower than the film, which therefore has to wait.
    const service = createServer((request, response) => {
      const { seq, width, height } = FrameHeader.parse(JSON.parse(String(request.headers['framelock-frame'])));
      const detections = [coded(seq), { ...coded(seq), label: 'other' }, { ...coded(seq), score: 0.1 }];
      request.resume().once('end', () => setTimeout(() => response.end(JSON.stringify(width === 640 && height === 360 ? { detections } : {})), 50));
    });
    await once(service.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/detect`;
    await writeFile(join(folder, 'asked.yaml'), `detectors:\n  asked: { endpoint: '${url}', frames: { width: 640 }, classes: [number], threshold: 0.5 }\n`);
    const { child, ended } = started(['--config', 'asked.yaml', 'detect', coded30, '--detectors', 'asked,mine=worker', '--listen', '127.0.0.1:0']);
    let worker: ChildProcess | undefined;
    child.stderr!.on('data', (text: string) => {
      const [address] = /ws:\S+/.exec(text) ?? [];
      if (address !== undefined) worker ??= spawn(process.execPath, [EXAMPLE, address], { stdio: 'ignore' });
    });
    try {
      const { code, stdout, stderr } = await ended;
      assert.equal(code, 0, stderr);
      const messages = messagesOf(stdout);
      assert.deepEqual(messages.map((message) => numberInBoxes(message, 'mine')), Array.from({ length: 30 }, (_, index) => index));
      for (const { seq, detectors, detections } of messages) {
        assert.deepEqual(detectors, { asked: { age: 0 }, mine: { age: 0 } });
        assert.deepEqual(detections.filter(({ detector }) => detector === 'asked').map(({ label, box }) => [label, numberOf({ box })]), [['number', seq]]);
      }
      assert.match(stderr, /asked: 30 objects on 30 frames/);
    } finally {
      worker?.kill('SIGKILL');
      service.close();
    }
  });

  test('says in a sentence what is wrong', async () => {
    await writeFile(join(folder, 'text.mp4'), 'no film');
    await writeFile(join(folder, 'wrong.jsonl'), '{"stream":"a"}\n');
    const cases: [string[], RegExp, number][] = [
      [['detect', 'absent.mp4', '--detectors', 'street-nano'], /absent\.mp4 can’t be read: there is no such file/, 1],
      [['detect', 'text.mp4', '--detectors', 'street-nano'], /text\.mp4/, 1],
      [['detect', clip, '--detectors', 'street-nan'], /no detector or model “street-nan”\. Did you mean “street-nano”\?/, 1],
      [['detect', clip, '--detectors', 'street-nano', '--from', '60'], /no frame that can be decoded in that part/, 1],
      [['detect', clip, '--detectors', 'street-nano', '--out', '/nowhere/a.jsonl'], /\/nowhere\/a\.jsonl can’t be written/, 1],
      [['detect', clip, '--detectors', 'street-nano', '--every', '0'], /whole number from 1/, 2],
      [['detect', clip, '--detectors', 'mine=http://127.0.0.1:9/'], /“mine” gave no result for frame 0: http:\/\/127\.0\.0\.1:9\/ can’t be reached: ECONNREFUSED/, 1],
      [['detect', clip, '--detectors', 'mine=ftp://host/'], /“mine=ftp:\/\/host\/” is no detector: endpoint: Must be/, 1],
      [['detect', clip, '--detectors', 'mine=worker'], /“mine” is done by workers: say where they connect/, 1],
      [['detect', clip, '--detectors', 'mine=worker', '--listen', '0.0.0.0:0'], /only with a token/, 1],
      [['detect', clip], /--detectors/, 2],
      [['convert', 'wrong.jsonl', '--mot', 'x.txt'], /line 1 is no annotation message: seq/, 1],
      [['convert', 'text.mp4', '--mot', 'x.txt'], /line 1 is no JSON/, 1],
      [['convert', 'absent.jsonl', '--mot', 'x.txt'], /absent\.jsonl can’t be read/, 1],
    ];
    for (const [args, said, code] of cases) {
      const ended = await framelock(...args);
      assert.match(ended.stderr, said);
      assert.equal(ended.code, code, args.join(' '));
      assert.doesNotMatch(ended.stderr, /\n\s+at /, 'no stack');
    }
  });
});
