import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AnnotationUnpacker } from '../../../client/src/live/packed-annotations.ts';
import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import { AnnotationPacker } from '../../../src/sfu/packed-annotations.ts';

/** Boxes with as many digits as detectors give them. */
function message(seq: number, boxes: number): AnnotationMessage {
  const detections = Array.from({ length: boxes }, (_, i) => ({
    detector: 'street',
    label: 'car',
    score: Math.abs(Math.sin(seq + i)),
    box: [1, 2, 3, 4].map((n) => Math.abs(Math.sin(seq * 0.01 + i * n))) as [number, number, number, number],
    track: i,
  }));
  return { stream: 'gate', seq, rtp: seq * 3000, capturedAt: 1_763_650_000_123.456 + seq, width: 1280, height: 720, detections, detectors: { street: { age: 0 } } };
}

async function read(unpacker: AnnotationUnpacker, packed: Buffer): Promise<AnnotationMessage[]> {
  return unpacker.unpack(new Uint8Array(packed).buffer);
}

describe('packed annotations', () => {
  test('make up for a lost message with the next, and tell none twice', async () => {
    const packer = new AnnotationPacker();
    const unpacker = new AnnotationUnpacker();
    const packets = [1, 2, 3, 4].map((seq) => packer.pack(message(seq, 12)));
    const heard: number[] = [];
    for (const index of [0, 2, 3]) for (const { seq } of await read(unpacker, packets[index]!)) heard.push(seq);
    assert.deepEqual(heard, [1, 3, 2, 4]);
    for (const packet of packets) assert.ok(packet.length <= 1130, `${packet.length} bytes`);
  });

  test('keep times and numbers as they are, boxes to a ten-thousandth and scores to a thousandth', async () => {
    const sent = message(7, 3);
    const [got] = await read(new AnnotationUnpacker(), new AnnotationPacker().pack(sent));
    assert.deepEqual({ ...got, detections: [] }, { ...sent, detections: [] });
    for (const [i, { box, score, ...rest }] of got!.detections.entries()) {
      const whole = sent.detections[i]!;
      box.forEach((edge, n) => assert.ok(Math.abs(edge - whole.box[n]!) <= 0.000_051));
      assert.ok(Math.abs(score - whole.score) <= 0.000_51);
      assert.deepEqual(rest, { detector: 'street', label: 'car', track: i });
    }
  });

  test('go alone where two would take more than one packet', async () => {
    const packer = new AnnotationPacker();
    packer.pack(message(1, 60));
    assert.deepEqual((await read(new AnnotationUnpacker(), packer.pack(message(2, 60)))).map(({ seq }) => seq), [2]);
  });
});
