import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import fc from 'fast-check';
import { MessageReader, ProtocolError, writeMessage } from '../../../src/pipeline/detect/protocol.ts';

function encode(header: string, payload: Buffer): Buffer {
  const json = Buffer.from(header);
  const lengths = [Buffer.alloc(4), Buffer.alloc(4)] as const;
  lengths[0].writeUInt32LE(json.length);
  lengths[1].writeUInt32LE(payload.length);
  return Buffer.concat([lengths[0], json, lengths[1], payload]);
}

test('messages come out whole, however their bytes are cut', () => {
  const messages = fc.array(fc.tuple(fc.jsonValue(), fc.uint8Array({ maxLength: 50 })), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(messages, fc.infiniteStream(fc.integer({ min: 1, max: 20 })), (sent, cuts) => {
      const received: unknown[] = [];
      const reader = new MessageReader(50, (header, payload) => received.push([header, [...payload]]));
      let bytes = Buffer.concat(sent.map(([header, payload]) => encode(JSON.stringify(header), Buffer.from(payload))));
      while (bytes.length > 0) {
        const cut = cuts.next().value as number;
        reader.push(bytes.subarray(0, cut));
        bytes = bytes.subarray(cut);
      }
      assert.deepEqual(received, sent.map(([header, payload]) => [JSON.parse(JSON.stringify(header)), [...payload]]));
    }),
  );
});

test('a payload is taken up to the allowed length, which may grow on the way', () => {
  const received: number[] = [];
  const reader = new MessageReader(0, (_header, payload) => {
    received.push(payload.length);
    reader.maxPayload = 8;
  });
  reader.push(encode('{}', Buffer.alloc(0)));
  reader.push(encode('{}', Buffer.alloc(8)));
  assert.deepEqual(received, [0, 8]);
  assert.throws(() => reader.push(encode('{}', Buffer.alloc(9))), ProtocolError);
});

test('an endless header is refused before memory is taken for it', () => {
  const reader = new MessageReader(0, () => assert.fail('nothing is whole'));
  assert.throws(() => reader.push(Buffer.from([255, 255, 255, 255])), ProtocolError);
});

test('a header that is no JSON is refused', () => {
  const reader = new MessageReader(0, () => assert.fail('nothing is whole'));
  assert.throws(() => reader.push(encode('{nonsense', Buffer.alloc(0))), ProtocolError);
});

test('what is written can be read at the other end, and the memory comes back', async (t) => {
  const path = join(tmpdir(), `framelock-${randomUUID()}.sock`);
  const server = createServer().listen(path);
  t.after(() => server.close());
  await once(server, 'listening');
  const client = connect(path);
  t.after(() => client.destroy());
  const [peer] = (await once(server, 'connection')) as [Socket];
  const payload = Buffer.alloc(600_000, 7);
  const received = new Promise<[unknown, Buffer]>((resolve) => {
    const reader = new MessageReader(payload.length, (...message) => resolve(message));
    peer.on('data', (chunk) => reader.push(chunk));
  });
  const header = { type: 'infer', id: 1, content: [0, 0, 2, 2] as [number, number, number, number] } as const;
  await new Promise<void>((written) => writeMessage(client, header, payload, written));
  assert.deepEqual(await received, [header, payload]);
});
