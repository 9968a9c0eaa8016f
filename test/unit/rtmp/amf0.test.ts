import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isAmfObject, readAmf0, writeAmf0, type AmfValue } from '../../../src/rtmp/amf0.ts';
import { RtmpError } from '../../../src/rtmp/rtmp-error.ts';

/** Objects that are read have no prototype. */
function plain(value: AmfValue): unknown {
  if (Array.isArray(value)) return value.map((each) => plain(each as AmfValue));
  return isAmfObject(value) ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)])) : value;
}

describe('AMF 0', () => {
  it('reads what an encoder says', () => {
    const connect = '020007636f6e6e656374003ff00000000000000300036170700200046c69766500047479706502000a6e6f6e70726976617465000009';
    assert.deepEqual(readAmf0(Buffer.from(connect, 'hex')).map(plain), ['connect', 1, { app: 'live', type: 'nonprivate' }]);
  });

  it('reads arrays with names, whatever count they announce, dates, long texts and typed objects', () => {
    const array = Buffer.from('08ffffffff0005776964746800409400000000000000000900'.slice(0, -2), 'hex');
    assert.deepEqual(readAmf0(array).map(plain), [{ width: 1280 }]);
    assert.deepEqual(readAmf0(Buffer.from('0b408f4000000000000000', 'hex')), [1000]);
    assert.deepEqual(readAmf0(Buffer.from('0c000000026f6b', 'hex')), ['ok']);
    assert.deepEqual(readAmf0(Buffer.from('1000014100016205000009', 'hex')).map(plain), [{ b: null }]);
  });

  it('reads what it has written', () => {
    const value = fc.letrec<{ value: AmfValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.double({ noNaN: true }),
        fc.boolean(),
        fc.string(),
        fc.constantFrom(null, undefined),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ minLength: 1 }), tie('value'), { maxKeys: 4 }) as fc.Arbitrary<AmfValue>,
      ),
    })).value;
    fc.assert(fc.property(fc.array(value, { maxLength: 5 }), (values) => assert.deepEqual(readAmf0(writeAmf0(...values)).map(plain), values.map(plain))));
  });

  it('takes a name such as __proto__ as any other', () => {
    const [object] = readAmf0(Buffer.concat([Buffer.from([3, 0, 9]), Buffer.from('__proto__'), writeAmf0({ bad: true }), Buffer.from([0, 0, 9])]));
    assert.ok(isAmfObject(object!));
    assert.equal((object as Record<string, unknown>)['bad'], undefined);
    assert.equal(({} as Record<string, unknown>)['bad'], undefined);
  });

  for (const [name, hex] of [
    ['a text that is cut off', '020010616263'],
    ['a number that is cut off', '0040'],
    ['an object without an end', '030003617070020004'],
    ['an array of four thousand million values', '0affffffff05'],
    ['four thousand million bytes of text', '0cffffffff61'],
    ['a reference', '070001'],
    ['AMF 3', '1101'],
    ['objects in objects without an end', '03000161'.repeat(10_000)],
    ['arrays in arrays without an end', '0a00000001'.repeat(10_000)],
    ['a great many values', '05'.repeat(60_000)],
  ] as const) {
    it(`refuses ${name}`, () => {
      assert.throws(() => readAmf0(Buffer.from(hex, 'hex')), RtmpError);
    });
  }

  it('reads any bytes, or refuses them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          readAmf0(Buffer.from(bytes));
        } catch (error) {
          assert.ok(error instanceof RtmpError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
