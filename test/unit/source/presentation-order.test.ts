import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PresentationOrder } from '../../../src/pipeline/source/presentation-order.ts';

const packet = (mediaMs: number | undefined): { mediaMs: number | undefined; pts: bigint } => ({ mediaMs, pts: BigInt(mediaMs ?? 0) });
const times = (order: PresentationOrder, all = false): (number | undefined)[] => order.take(all).map(({ mediaMs }) => mediaMs);

describe('packets in the order in which they are shown', () => {
  it('are shown at once where they come in that order', () => {
    const order = new PresentationOrder();
    for (const ms of [0, 40, 80]) {
      order.push(packet(ms), ms);
      assert.deepEqual(times(order), [ms]);
    }
  });

  it('wait for those that are decoded later and shown earlier', () => {
    const order = new PresentationOrder();
    const shown: (number | undefined)[][] = [];
    // I P B B P B B, as they are decoded.
    for (const [pts, dts] of [[80, 0], [200, 40], [120, 80], [160, 120], [320, 160], [240, 200], [280, 240]] as const) {
      order.push(packet(pts), dts);
      shown.push(times(order));
    }
    assert.deepEqual(shown, [[], [], [80], [120], [160], [200], [240]]);
    assert.deepEqual(times(order, true), [280, 320]);
  });

  it('without decoding times are shown as they come, and so are those without any time', () => {
    const order = new PresentationOrder();
    order.push(packet(40), undefined);
    order.push(packet(undefined), undefined);
    assert.deepEqual(times(order).toSorted(), [40, undefined]);
  });

  it('are all shown where their timeline begins anew', () => {
    const order = new PresentationOrder();
    order.push(packet(10_080), 10_000);
    order.push(packet(80), 0);
    assert.deepEqual(times(order), [10_080]);
    order.push(packet(40), 80);
    assert.deepEqual(times(order), [40, 80]);
  });

  it('are not shown again after their pictures', () => {
    const order = new PresentationOrder();
    for (const [pts, dts] of [[80, 0], [160, 40], [120, 80]] as const) order.push(packet(pts), dts);
    order.shown(120);
    assert.deepEqual([order.wasShown(80), order.wasShown(120), order.wasShown(160), order.wasShown(undefined)], [true, true, false, false]);
    assert.deepEqual(times(order, true), [160]);
  });

  it('are each shown once, in ascending order, whatever groups of pictures they come in', () => {
    const group = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(fc.array(group, { minLength: 1, maxLength: 20 }), (groups) => {
        // Each group is an anchor that is shown after the B-frames that are decoded behind it.
        const decoded: number[] = [];
        for (const bs of groups) {
          const from = decoded.length;
          decoded.push(from + bs, ...Array.from({ length: bs }, (_, i) => from + i));
        }
        const order = new PresentationOrder();
        const shown: (number | undefined)[] = [];
        decoded.forEach((position, i) => {
          order.push(packet(1000 + position * 40), 1000 + (i - 4) * 40);
          shown.push(...times(order));
        });
        shown.push(...times(order, true));
        assert.deepEqual(shown, decoded.toSorted((a, b) => a - b).map((position) => 1000 + position * 40));
      }),
    );
  });
});
