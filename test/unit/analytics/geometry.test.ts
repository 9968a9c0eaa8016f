import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { depthIn, distanceToSegment, isInside, meetsItself, segmentsMeet, turn, type Point } from '../../../src/pipeline/analytics/geometry.ts';

const SQUARE: Point[] = [[0, 0], [4, 0], [4, 4], [0, 4]];
/** A square with a bite out of its right side. */
const BITTEN: Point[] = [[0, 0], [4, 0], [4, 1], [2, 2], [4, 3], [4, 4], [0, 4]];

const whole = fc.integer({ min: -20, max: 20 });
const point = fc.tuple(whole, whole);
/** Corners at growing angles around a middle: such a polygon never meets itself. */
const star = fc
  .tuple(point, fc.array(fc.double({ min: 1, max: 10, noNaN: true }), { minLength: 3, maxLength: 12 }))
  .map(([[x, y], radii]) => ({
    middle: [x, y] as Point,
    polygon: radii.map((radius, i): Point => [x + radius * Math.cos((2 * Math.PI * i) / radii.length), y + radius * Math.sin((2 * Math.PI * i) / radii.length)]),
  }));

describe('whether a point is inside of a polygon', () => {
  it('holds for its inside, its edges and its corners, and for nothing else', () => {
    for (const inside of [[2, 2], [0, 0], [4, 4], [4, 0], [2, 0], [0, 3], [1e-9, 1]] as Point[]) assert(isInside(SQUARE, inside), `${inside}`);
    for (const outside of [[5, 2], [-1, 0], [2, -1e-9], [4.1, 4], [-1, 4], [5, 0]] as Point[]) assert(!isInside(SQUARE, outside), `${outside}`);
  });

  it('leaves out what a corner cuts away, also on the height of corners', () => {
    assert(!isInside(BITTEN, [3, 2]));
    assert(isInside(BITTEN, [1, 2]));
    assert(isInside(BITTEN, [2, 2]));
    assert(isInside(BITTEN, [3, 1]));
    assert(!isInside(BITTEN, [5, 1]));
  });

  it('does not depend on where the polygon begins and which way round it goes', () => {
    fc.assert(
      fc.property(star, point, fc.nat(20), ({ polygon }, where, turns) => {
        const at = turns % polygon.length;
        const other = [...polygon.slice(at), ...polygon.slice(0, at)].toReversed();
        // On the border itself, rounding decides.
        fc.pre(Math.abs(depthIn(polygon, where)) > 1e-9);
        assert.equal(isInside(other, where), isInside(polygon, where));
      }),
    );
  });

  it('holds for the middle and all that lies between it and a corner', () => {
    fc.assert(
      fc.property(star, fc.double({ min: 0, max: 0.99, noNaN: true }), fc.nat(), ({ middle, polygon }, share, nth) => {
        const corner = polygon[nth % polygon.length]!;
        // With three or four corners the middle may lie on an edge.
        fc.pre(polygon.length > 4);
        assert(depthIn(polygon, [middle[0] + (corner[0] - middle[0]) * share, middle[1] + (corner[1] - middle[1]) * share]) > -1e-9);
      }),
    );
  });

  it('says how deep: the distance from the nearest edge, negative outside', () => {
    assert.equal(depthIn(SQUARE, [1, 2]), 1);
    assert.equal(depthIn(SQUARE, [-3, 2]), -3);
    assert.equal(depthIn(SQUARE, [7, 8]), -5);
    assert.equal(depthIn(SQUARE, [4, 2]), 0);
  });
});

describe('the side of a line', () => {
  it('is above zero to the right of somebody who walks along it, as the picture shows it', () => {
    assert(turn([0, 0], [1, 0], [0.5, 1]) > 0, 'walking to the right, the lower edge is to the right');
    assert(turn([0, 0], [1, 0], [0.5, -1]) < 0);
    assert(turn([0, 1], [0, 0], [1, 0.5]) > 0, 'walking up, the right edge is');
    assert.equal(turn([0, 0], [2, 2], [7, 7]), 0);
  });

  it('changes its sign with the direction of the line', () => {
    fc.assert(fc.property(point, point, point, (from, to, where) => assert.equal(Math.sign(turn(from, to, where)) + Math.sign(turn(to, from, where)), 0)));
  });
});

describe('whether two stretches meet', () => {
  it('holds for crossings, touching ends, and stretches that lie on each other', () => {
    assert(segmentsMeet([[0, 0], [4, 4]], [[0, 4], [4, 0]]));
    assert(segmentsMeet([[0, 0], [4, 0]], [[4, 0], [4, 4]]), 'ends touch');
    assert(segmentsMeet([[0, 0], [4, 0]], [[2, 0], [2, 4]]), 'an end touches the middle');
    assert(segmentsMeet([[0, 0], [4, 0]], [[3, 0], [9, 0]]), 'on each other');
    assert(!segmentsMeet([[0, 0], [4, 0]], [[5, 0], [9, 0]]), 'behind each other');
    assert(!segmentsMeet([[0, 0], [4, 0]], [[2, 1], [2, 4]]));
    assert(!segmentsMeet([[0, 0], [4, 0]], [[0, 1], [4, 1]]), 'beside each other');
  });

  it('is the same from both sides and both ends', () => {
    fc.assert(
      fc.property(point, point, point, point, (a, b, c, d) => {
        const meets = segmentsMeet([a, b], [c, d]);
        assert.equal(segmentsMeet([c, d], [a, b]), meets);
        assert.equal(segmentsMeet([b, a], [c, d]), meets);
      }),
    );
  });
});

describe('a polygon that meets itself', () => {
  it('is told from one that does not', () => {
    assert(!meetsItself(SQUARE));
    assert(!meetsItself(BITTEN));
    assert(meetsItself([[0, 0], [4, 4], [4, 0], [0, 4]]), 'a bow tie');
    assert(meetsItself([[0, 0], [4, 0], [2, 0]]), 'flat');
    assert(meetsItself([[0, 0], [4, 0], [4, 4], [2, 0]]), 'a corner on an edge');
    assert(meetsItself([[0, 0], [2, 2], [4, 0], [4, 4], [2, 2], [0, 4]]), 'a corner used twice');
    assert(meetsItself([[0, 0], [0, 0], [1, 1]]), 'two corners at one place');
  });

  it('is never a star', () => {
    fc.assert(fc.property(star, ({ polygon }) => assert(!meetsItself(polygon))));
  });
});

it('the distance from a stretch is that from its nearest point', () => {
  assert.equal(distanceToSegment([0, 0], [4, 0], [2, 3]), 3);
  assert.equal(distanceToSegment([0, 0], [4, 0], [7, 4]), 5);
  assert.equal(distanceToSegment([1, 1], [1, 1], [4, 5]), 5);
});
