import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DrawingHistory } from '../../../client/src/elements/watch/zones/drawing-history.ts';
import { checkShapes, colorIndex, errorsOf, freshShape, insertPoint, moveShape, removePoint, requestOf, shapesOf, type Shape } from '../../../client/src/elements/watch/zones/shapes.ts';
import { Lines, Zones } from '../../../src/pipeline/analytics/options.ts';

const ZONE: Shape = { kind: 'zone', name: 'Yard', points: [[0.2, 0.2], [0.6, 0.2], [0.6, 0.6], [0.2, 0.6]], classes: '', anchor: 'bottom', minDwell: '0' };
const LINE: Shape = { kind: 'line', name: 'Door', points: [[0.5, 0.1], [0.5, 0.9]], classes: '', anchor: 'bottom', minDwell: '0' };

describe('what is drawn', () => {
  test('is sent as the server takes it, and comes back as it was', () => {
    const shapes: Shape[] = [{ ...ZONE, classes: 'person, car', minDwell: '1.5' }, { ...LINE, anchor: 'center' }];
    const request = requestOf(shapes);
    assert.deepEqual(Zones.parse(request.zones), request.zones);
    assert.deepEqual(Lines.parse(request.lines), request.lines);
    assert.deepEqual(request.zones[0], { name: 'Yard', points: ZONE.points, classes: ['person', 'car'], minDwellMs: 1500 });
    assert.deepEqual(shapesOf(request), shapes);
  });

  test('leaves out what nobody wrote', () => {
    assert.deepEqual(requestOf([{ ...ZONE, name: ' Yard ', classes: ' , ，', minDwell: '' }]).zones, [{ name: 'Yard', points: ZONE.points }]);
    assert.deepEqual(requestOf([{ ...ZONE, classes: '人，车、人' }]).zones[0]?.classes, ['人', '车']);
  });

  test('gets a name that nobody has', () => {
    assert.equal(freshShape('zone', 'Zone', [{ ...ZONE, name: 'Zone 1' }, { ...LINE, name: 'Zone 3' }]).name, 'Zone 2');
  });

  test('keeps its form and stays in the picture when it is moved as a whole', () => {
    const delta = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(delta, delta, (dx, dy) => {
        const { points } = moveShape(ZONE, [dx, dy]);
        for (const [x, y] of points) assert(x >= -1e-9 && x <= 1 + 1e-9 && y >= -1e-9 && y <= 1 + 1e-9);
        assert(Math.abs(points[1]![0] - points[0]![0] - 0.4) < 1e-9);
      }),
    );
  });

  test('gets a corner between two others, and keeps as many as it needs', () => {
    assert.deepEqual(insertPoint(ZONE, 3).points[4], [0.2, 0.4], 'behind the last comes the first');
    assert.equal(insertPoint(LINE, 0), LINE, 'a line has two ends');
    const triangle = removePoint(ZONE, 0)!;
    assert.equal(triangle.points.length, 3);
    assert.equal(removePoint(triangle, 0), undefined);
    assert.equal(removePoint(LINE, 0), undefined);
  });

  test('has the colours of the picture, where zones come first', () => {
    const shapes = [LINE, ZONE, { ...ZONE, name: 'b' }];
    assert.deepEqual(shapes.map((_shape, index) => colorIndex(shapes, index)), [2, 0, 1]);
  });
});

describe('what is wrong with it', () => {
  test('is known without the server where it can be', () => {
    const wrong = checkShapes([{ ...ZONE, name: ' ' }, ZONE, ZONE, { ...ZONE, name: 'bow', points: [[0, 0], [1, 1], [1, 0], [0, 1]] }, { ...ZONE, name: 'speck', points: [[0, 0], [0.001, 0], [0, 0.001]] }, { ...LINE, name: 'Yard' }]);
    assert.deepEqual([...wrong], [[0, { key: 'zones.nameMissing' }], [2, { key: 'zones.nameTaken' }], [3, { key: 'zones.crossesItself' }], [4, { key: 'zones.tooSmall' }]]);
  });

  test('is shown at the shape that the server means', () => {
    const shapes = [LINE, ZONE, { ...LINE, name: 'Gate' }];
    const errors = [{ path: 'lines[1].name', message: 'a' }, { path: 'zones[0].points[2][0]', message: 'b' }];
    assert.deepEqual([...errorsOf({ message: '', errors }, shapes)], [[2, { text: 'a' }], [1, { text: 'b' }]]);
    assert.deepEqual([...errorsOf({ message: 'No.', errors: [] }, shapes)], [[-1, { text: 'No.' }]]);
  });
});

test('a held key is one step to undo, two drags are two', () => {
  const history = new DrawingHistory();
  history.push([], 'key', 0);
  history.push([ZONE], 'key', 500);
  history.push([LINE], 'key', 1200);
  history.push([ZONE, LINE], '', 1300);
  history.push([LINE, LINE], '', 1400);
  assert.deepEqual([history.pop(), history.pop(), history.pop(), history.pop()], [[LINE, LINE], [ZONE, LINE], [], undefined]);
  for (let i = 0; i < 500; i++) history.push([]);
  let steps = 0;
  while (history.pop() !== undefined) steps++;
  assert.equal(steps, 100, 'no more are kept');
});
