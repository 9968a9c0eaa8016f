import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Camera } from '../../../src/demo/camera.ts';
import { planStreet } from '../../../src/demo/plan.ts';
import { Random } from '../../../src/demo/random.ts';
import { World } from '../../../src/demo/world.ts';
import { SMALL } from './canvas.ts';

function world(options: Partial<typeof SMALL>): World {
  const all = { ...SMALL, ...options };
  return new World(all, planStreet(new Random(all.seed).fork('plan')), new Camera(all.width, all.height));
}

for (const seed of [1, 2, 3]) {
  test(`in three minutes of full density nobody drives into anybody (seed ${seed})`, () => {
    const street = world({ seed, density: 1 });
    let crossed = 0;
    for (let frame = 0; frame < 5400; frame += 1) {
      street.advance();
      const vehicles = street.vehicles.map(({ lane, front, length }) => {
        const rear = front - lane.direction * length;
        return { lane, from: Math.min(front, rear), to: Math.max(front, rear) };
      });
      for (const a of vehicles) {
        for (const b of vehicles) {
          if (a !== b && a.lane === b.lane) assert.ok(a.to < b.from || b.to < a.from, `two vehicles meet in frame ${frame}`);
        }
        const width = a.lane.use === 'motor' ? 1.8 : 0.6;
        for (const { x, z } of street.people) {
          if (z > a.lane.z - 0.3 && z < a.lane.z + width) {
            crossed += 1;
            assert.ok(x < a.from || x > a.to, `somebody is run over in frame ${frame}`);
          }
        }
      }
    }
    assert.ok(crossed > 0, 'nobody crossed the street');
  });
}

test('vehicles drive at the speed at which they move', () => {
  const street = world({ density: 1 });
  for (let frame = 0; frame < 300; frame += 1) {
    const before = new Map(street.vehicles.map(({ looks, front }) => [looks.track, front]));
    street.advance();
    for (const { looks, front, speed, lane } of street.vehicles) {
      const was = before.get(looks.track);
      if (was !== undefined) assert.ok(Math.abs((front - was) * lane.direction - speed / 30) < 0.02);
    }
  }
});

test('at a low frame rate time passes no slower', () => {
  const [slow, fast] = [world({ fps: 5 }), world({ fps: 60 })];
  const [slowStart, fastStart] = [slow.time, fast.time];
  for (let frame = 0; frame < 50; frame += 1) slow.advance();
  for (let frame = 0; frame < 600; frame += 1) fast.advance();
  assert.ok(Math.abs(slow.time - slowStart - 10) < 1e-6);
  assert.ok(Math.abs(fast.time - fastStart - 10) < 1e-6);
});

test('with density 0 the street stays empty', () => {
  const street = world({ density: 0 });
  for (let frame = 0; frame < 600; frame += 1) street.advance();
  assert.deepEqual([street.vehicles, street.people], [[], []]);
});
