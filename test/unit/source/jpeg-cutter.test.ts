import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { JpegCutter } from '../../../src/pipeline/source/jpeg-cutter.ts';

/** A JPEG by its segments: a comment, a scan with stuffed bytes and a restart, the end. */
function jpeg(comment: Buffer | string = 'x'): Buffer {
  const text = Buffer.from(comment);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length + 2);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xfe]),
    length,
    text,
    Buffer.from([0xff, 0xda, 0x00, 0x04, 1, 2, 7, 0xff, 0x00, 8, 0xff, 0xd0, 9, 0xff, 0xd9]),
  ]);
}

const PART = (head: string, picture: Buffer): Buffer => Buffer.concat([Buffer.from(head), picture, Buffer.from('\r\n')]);

describe('cutting pictures out of a multipart body', () => {
  for (const [name, head] of Object.entries({
    'a true length': `--b\r\nContent-Length: ${jpeg().length}\r\n\r\n`,
    'a length that is too short': '--b\r\nContent-Length: 9\r\n\r\n',
    'a length that is too long': '--b\r\nContent-Length: 99999\r\n\r\n',
    'no length': '--b\r\n\r\n',
    'no head': '',
  })) {
    test(`parts with ${name} come out whole, however they are split on the way`, () => {
      const body = Buffer.concat([PART(head, jpeg('one')), PART(head, jpeg('two')), PART(head, jpeg('three'))]);
      for (const size of [1, 7, 64, body.length]) {
        const cutter = new JpegCutter();
        const pictures: Buffer[] = [];
        for (let at = 0; at < body.length; at += size) pictures.push(...cutter.push(body.subarray(at, at + size)));
        assert.deepEqual(pictures.map((picture) => picture.toString('hex')), [jpeg('one'), jpeg('two'), jpeg('three')].map((one) => one.toString('hex')));
      }
    });
  }

  test('a picture is complete with its last byte, before the next boundary', () => {
    assert.equal(new JpegCutter().push(Buffer.concat([Buffer.from('--b\r\n\r\n'), jpeg()])).length, 1);
  });

  test('a preview inside a picture is no picture of its own', () => {
    const whole = jpeg(jpeg('preview'));
    assert.deepEqual(new JpegCutter().push(PART('--b\r\n\r\n', whole)), [whole]);
  });

  test('a body without pictures is not kept', () => {
    const cutter = new JpegCutter();
    for (let i = 0; i < 1000; i++) assert.deepEqual(cutter.push(Buffer.alloc(65_536, 0x20)), []);
    assert.equal(cutter.push(jpeg()).length, 1);
  });
});
