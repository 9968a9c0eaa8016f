import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ChunkReader } from '../../../src/rtmp/chunk-reader.ts';
import { writeMessage } from '../../../src/rtmp/chunk-writer.ts';
import { MESSAGE, type RtmpMessage } from '../../../src/rtmp/message.ts';
import { RtmpError } from '../../../src/rtmp/rtmp-error.ts';

const MEDIA_BYTES = 1 << 20;

function reader(): ChunkReader {
  const chunks = new ChunkReader();
  chunks.mediaBytes = MEDIA_BYTES;
  return chunks;
}

const read = (data: Buffer, chunks = reader()): RtmpMessage[] => [...chunks.push(data)];

/** The header of a chunk, with its payload. */
function chunk(format: number, id: number, header: { timestamp?: number; length?: number; type?: number; streamId?: number }, payload: Buffer | number = 0): Buffer {
  const { timestamp = 0, length = 0, type = MESSAGE.audio, streamId = 1 } = header;
  const extended = timestamp >= 0xff_ffff;
  const bytes = Buffer.alloc(1 + [11, 7, 3, 0][format]! + (extended ? 4 : 0));
  bytes[0] = (format << 6) | id;
  if (format < 3) bytes.writeUIntBE(extended ? 0xff_ffff : timestamp, 1, 3);
  if (format < 2) bytes.writeUIntBE(length, 4, 3);
  if (format < 2) bytes[7] = type;
  if (format < 1) bytes.writeUInt32LE(streamId, 8);
  if (extended) bytes.writeUInt32BE(timestamp, bytes.length - 4);
  return Buffer.concat([bytes, typeof payload === 'number' ? Buffer.alloc(payload, 7) : payload]);
}

const chunkSize = (bytes: number): Buffer => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return chunk(0, 2, { length: 4, type: MESSAGE.setChunkSize, streamId: 0 }, payload);
};

describe('a reader of chunks', () => {
  it('puts together what was cut into chunks, and those into pieces of any size', () => {
    const messages = fc.array(fc.record({ type: fc.constantFrom(8, 9, 18, 20), timestamp: fc.nat(0xff_fffe), streamId: fc.nat(5), payload: fc.uint8Array({ maxLength: 700 }) }), { maxLength: 6 });
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 400 }), (sent, piece) => {
        const all = sent.map((message) => ({ ...message, payload: Buffer.from(message.payload) }));
        const data = Buffer.concat(all.map((message) => writeMessage(message, 128)));
        const chunks = reader();
        const got: RtmpMessage[] = [];
        for (let at = 0; at < data.length; at += piece) got.push(...chunks.push(data.subarray(at, at + piece)));
        assert.deepEqual(got, all);
      }),
    );
  });

  it('fills in what later headers leave out', () => {
    const times = read(
      Buffer.concat([
        chunk(0, 4, { timestamp: 1000, length: 3 }, 3),
        chunk(1, 4, { timestamp: 20, length: 5 }, 5),
        chunk(2, 4, { timestamp: 30 }, 5),
        chunk(3, 4, {}, 5),
      ]),
    ).map(({ timestamp, payload, streamId }) => [timestamp, payload.length, streamId]);
    assert.deepEqual(times, [[1000, 3, 1], [1020, 5, 1], [1050, 5, 1], [1080, 5, 1]]);
  });

  it('takes the timestamp as the distance where a header is left out after a full one', () => {
    const times = read(Buffer.concat([chunk(0, 4, { timestamp: 40, length: 1 }, 1), chunk(3, 4, {}, 1)])).map(({ timestamp }) => timestamp);
    assert.deepEqual(times, [40, 80]);
  });

  for (const repeated of [true, false]) {
    it(`reads timestamps of four bytes that the chunks after the first ${repeated ? 'repeat' : 'leave out'}`, () => {
      const time = Buffer.from([0xfe, 0xdc, 0xba, 0x98]);
      const rest = Buffer.concat([Buffer.from([0xc4]), ...(repeated ? [time] : []), Buffer.alloc(72, 7)]);
      const [message, ...more] = read(Buffer.concat([chunk(0, 4, { timestamp: 0xfedc_ba98, length: 200 }, 128), rest]));
      assert.deepEqual([message?.timestamp, message?.payload, more], [0xfedc_ba98, Buffer.alloc(200, 7), []]);
    });
  }

  it('lets messages of several chunk streams come in turns', () => {
    const got = read(
      Buffer.concat([
        chunk(0, 4, { length: 200, type: MESSAGE.video }, 128),
        chunk(0, 5, { length: 10 }, 10),
        chunk(3, 4, {}, 72),
      ]),
    );
    assert.deepEqual(got.map(({ type, payload }) => [type, payload.length]), [[MESSAGE.audio, 10], [MESSAGE.video, 200]]);
  });

  it('knows chunk streams with numbers of two and three bytes', () => {
    const wide = (bytes: number[], data: Buffer): Buffer => Buffer.concat([Buffer.from(bytes), data.subarray(1)]);
    const got = read(Buffer.concat([wide([0, 10], chunk(0, 0, { length: 1 }, 1)), wide([1, 0xff, 0xff], chunk(0, 1, { length: 2 }, 2)), Buffer.from([0xc0, 10, 7])]));
    assert.deepEqual(got.map(({ payload }) => payload.length), [1, 2, 1]);
  });

  it('follows the chunk size, and forgets a message that is aborted', () => {
    const abort = chunk(0, 2, { length: 4, type: MESSAGE.abort, streamId: 0 }, Buffer.from([0, 0, 0, 4]));
    const got = read(Buffer.concat([chunk(0, 4, { length: 200 }, 128), abort, chunkSize(5000), chunk(0, 4, { length: 4000 }, 4000)]));
    assert.deepEqual(got.map(({ payload }) => payload.length), [4000]);
  });

  for (const [name, data] of [
    ['a chunk size of nothing', chunkSize(0)],
    ['a chunk size with the highest bit', chunkSize(0x8000_0000)],
    ['a control message that is cut off', chunk(0, 2, { length: 2, type: MESSAGE.setChunkSize }, 2)],
    ['a chunk that refers to none', chunk(3, 4, {}, 1)],
    ['a header that refers to none', chunk(2, 4, {}, 1)],
    ['a command of a megabyte', chunk(0, 3, { length: 1 << 20, type: MESSAGE.command }, 1)],
    ['metadata of two megabytes', chunk(0, 3, { length: 2 << 20, type: MESSAGE.data }, 1)],
    ['a picture of 16 megabytes', chunk(0, 3, { length: 0xff_ffff, type: MESSAGE.video }, 1)],
    ['a message inside another one', Buffer.concat([chunk(0, 4, { length: 200 }, 128), chunk(0, 4, { length: 3 }, 3)])],
    ['a hundred chunk streams', Buffer.concat(Array.from({ length: 61 }, (_, id) => chunk(0, id + 3, { length: 1 }, 1)))],
    ['big messages that grow on several chunk streams in turns', Buffer.concat([
      chunkSize(600_000),
      ...[3, 4, 5, 6].map((id) => chunk(0, id, { length: MEDIA_BYTES, type: MESSAGE.video }, 600_000)),
    ])],
  ] as const) {
    it(`refuses ${name}`, () => {
      assert.throws(() => read(data), RtmpError);
    });
  }

  it('takes no media before it is told to', () => {
    assert.throws(() => read(chunk(0, 4, { length: 1 }, 1), new ChunkReader()), RtmpError);
  });

  it('takes a big message in the smallest chunks in a reasonable time and space', () => {
    const chunks = reader();
    read(chunkSize(1), chunks);
    const began = process.cpuUsage();
    const body = Buffer.concat([chunk(0, 4, { length: MEDIA_BYTES, type: MESSAGE.video }, 1), ...Array.from({ length: MEDIA_BYTES - 1 }, () => Buffer.from([0xc4, 7]))]);
    assert.deepEqual(read(body, chunks).map(({ payload }) => payload.length), [MEDIA_BYTES]);
    assert.ok(process.cpuUsage(began).user < 20_000_000);
  });

  it('reads any bytes, or refuses them', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), (pieces) => {
        const chunks = reader();
        try {
          for (const piece of pieces) for (const message of chunks.push(Buffer.from(piece))) assert.ok(message.payload.length <= MEDIA_BYTES);
        } catch (error) {
          assert.ok(error instanceof RtmpError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
