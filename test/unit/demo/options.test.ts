import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDemoUrl } from '../../../src/demo/options.ts';

test('an address without options is a 720p scene at 30 frames a second with a seed of its own', () => {
  const { seed, ...rest } = parseDemoUrl('demo://street');
  assert.deepEqual(rest, { timecode: false, width: 1280, height: 720, fps: 30, light: 'cycle', density: 0.5 });
  const seeds = new Set([seed, ...Array.from({ length: 8 }, () => parseDemoUrl('demo://street').seed)]);
  assert.ok(seeds.size > 1, 'every scene has the same seed');
});

test('all options are read', () => {
  const options = parseDemoUrl('demo://street?seed=7&timecode=1&width=641&height=361&fps=29.97&light=night&density=0.25');
  assert.deepEqual(options, { seed: 7, timecode: true, width: 641, height: 361, fps: 29.97, light: 'night', density: 0.25 });
});

const wrong: readonly (readonly [query: string, name: string])[] = [
  ['colour=red', 'colour'],
  ['seed=', 'seed'],
  ['seed=-1', 'seed'],
  ['seed=4294967296', 'seed'],
  ['seed=1&seed=2', 'seed'],
  ['timecode=yes', 'timecode'],
  ['width=159', 'width'],
  ['width=1280.5', 'width'],
  ['width=1e3', 'width'],
  ['height=4000', 'height'],
  ['fps=0', 'fps'],
  ['fps=Infinity', 'fps'],
  ['light=dusk', 'light'],
  ['density=1.1', 'density'],
  ['density=NaN', 'density'],
  ['__proto__=1', '__proto__'],
  ['constructor=1', 'constructor'],
];
for (const [query, name] of wrong) {
  test(`“${query}” is refused, and the error names the option`, () => {
    assert.throws(
      () => parseDemoUrl(`demo://street?${query}`),
      (error: Error) => error.message.includes(`“${name}”`),
    );
  });
}

for (const url of ['demo://road', 'demo://street/7', 'file:///street', 'street', 'demo:street']) {
  test(`${url} is not the address of a scene`, () => {
    assert.throws(() => parseDemoUrl(url), /demo:\/\/street/);
  });
}
