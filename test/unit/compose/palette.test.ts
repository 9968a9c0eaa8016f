import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inkOn, labelColor, rgbOf, toYuv, type ColorCoding } from '../../../src/pipeline/compose/palette.ts';

const WHITE = [255, 255, 255] as const;
const RED = [255, 0, 0] as const;

/** Published values: ITU-R BT.601 and BT.709 colour bars, and JFIF. */
const KNOWN: [ColorCoding, readonly [number, number, number], { y: number; u: number; v: number }][] = [
  [{ matrix: 'bt709', range: 'limited' }, WHITE, { y: 235, u: 128, v: 128 }],
  [{ matrix: 'bt709', range: 'full' }, WHITE, { y: 255, u: 128, v: 128 }],
  [{ matrix: 'bt709', range: 'limited' }, RED, { y: 63, u: 102, v: 240 }],
  [{ matrix: 'bt601', range: 'limited' }, RED, { y: 81, u: 90, v: 240 }],
  [{ matrix: 'bt601', range: 'full' }, RED, { y: 76, u: 85, v: 255 }],
];

for (const [coding, rgb, expected] of KNOWN) {
  test(`rgb(${rgb.join(', ')}) in ${coding.matrix}, ${coding.range} range`, () => {
    assert.deepEqual(toYuv(rgb, coding), expected);
  });
}

test('a label has the same colour always, its chosen one where there is one', () => {
  assert.equal(labelColor('zebra'), labelColor('zebra'));
  assert.equal(labelColor('zebra', { zebra: '#123456' }), '#123456');
});

test('every label has a colour, also where objects have a property of that name', () => {
  for (const label of ['constructor', '__proto__', 'toString', '', '斑马']) assert.match(labelColor(label), /^#[0-9a-f]{6}$/);
});

test('many labels share all colours of the palette', () => {
  assert.ok(new Set(Array.from({ length: 200 }, (_, i) => labelColor(`label ${i}`))).size >= 8);
});

test('ink is dark on bright colours and bright on dark ones', () => {
  assert.ok(inkOn(rgbOf('#fbbf24'))[0] < 50);
  assert.deepEqual(inkOn(rgbOf('#1e3a8a')), [255, 255, 255]);
});
