import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { protocolSchema } from '../../../src/pipeline/detect/external/protocol-schema.ts';
import { CloseCode, encodeFrame, LIMITS, SUBPROTOCOL, WorkerMessage, type FrameHeader } from '../../../src/pipeline/detect/external/wire.ts';
import { sentence, wrongFields } from '../../../src/pipeline/detect/external/wrong-fields.ts';

const docs = fileURLToPath(new URL('../../../docs/', import.meta.url));

function wrongIn(message: unknown): string[] {
  const parsed = WorkerMessage.safeParse(message);
  return parsed.success ? [] : wrongFields(parsed.error).map(({ path }) => path);
}

describe('the protocol of external detectors', () => {
  it('stands in the JSON Schema (else: node src/pipeline/detect/external/protocol-schema.ts > docs/detector-protocol.schema.json)', () => {
    assert.deepEqual(JSON.parse(readFileSync(`${docs}detector-protocol.schema.json`, 'utf8')), JSON.parse(JSON.stringify(protocolSchema())));
  });

  it('is described with every limit and every close code', () => {
    const text = readFileSync(`${docs}detector-protocol.md`, 'utf8');
    assert.ok(text.includes(SUBPROTOCOL));
    for (const code of Object.values(CloseCode)) assert.ok(text.includes(`| ${code} |`), String(code));
    for (const [name, limit] of Object.entries(LIMITS)) assert.match(text, new RegExp(`\\| ${limit.toLocaleString('en')}\\b`), name);
  });

  it('has examples in its description that are taken', () => {
    const text = readFileSync(`${docs}detector-protocol.md`, 'utf8');
    const examples = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => JSON.parse(json!) as { type?: string });
    const fromWorkers = examples.filter(({ type }) => type === 'hello' || type === 'result' || type === 'failed');
    assert.equal(fromWorkers.length, 3);
    for (const example of fromWorkers) assert.deepEqual(wrongIn(example), [], JSON.stringify(example));
  });

  it('fills in what a hello leaves out', () => {
    assert.deepEqual(WorkerMessage.parse({ type: 'hello' }), { type: 'hello', format: 'jpeg', width: 1280, height: 1280, resize: 'fit', quality: 80, credits: 1 });
  });

  it('names the wrong fields, ten of them at most', () => {
    assert.deepEqual(wrongIn({}), ['type']);
    assert.deepEqual(wrongIn([]), ['']);
    assert.deepEqual(wrongIn({ type: 'result', stream: '', seq: -1, detections: {} }), ['stream', 'seq', 'detections']);
    const detections = Array.from({ length: 900 }, () => ({ label: 'x', box: [0, 0, -1, 1] }));
    assert.deepEqual(wrongIn({ type: 'result', stream: 's', seq: 1, detections }).length, 10);
    const missing = WorkerMessage.safeParse({ type: 'result', stream: 's', seq: 1 });
    assert.equal(sentence(wrongFields(missing.error!)), 'detections: Is required.');
    assert.deepEqual(wrongIn({ type: 'failed', stream: 's', seq: 1, why: 'x' }), ['why']);
  });

  it('puts the header before the picture', () => {
    const header: FrameHeader = {
      type: 'frame',
      stream: 'tür',
      seq: 1,
      rtp: 2,
      capturedAt: 3,
      format: 'rgb',
      width: 1,
      height: 1,
      source: { width: 2, height: 2 },
      region: [0, 0, 1, 1],
    };
    const message = encodeFrame(header, Buffer.from([7, 8, 9]));
    const length = message.readUInt32LE();
    assert.deepEqual(JSON.parse(message.subarray(4, 4 + length).toString()), header);
    assert.deepEqual([...message.subarray(4 + length)], [7, 8, 9]);
  });
});
